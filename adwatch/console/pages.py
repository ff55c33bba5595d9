"""How pages are made: Jinja2 with autoescape, every value without the characters that could turn a line about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from adwatch.app.accounts import ROLES
from adwatch.app.demo_day import simulated
from adwatch.app.rows import BUILT_IN

HERE = Path(__file__).parent
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


class Absent(Undefined):
    """A value that is not there: it may be asked for, but a page that writes it is a mistake."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(self._fail_with_undefined_error())


def tidy(value: object) -> object:
    """What every value of a template passes through before it is escaped; None shows nothing."""
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value
    return _UNPRINTABLE.sub("\ufffd", str(value)) if isinstance(value, str) else value


@pass_context
def local_time(context: Context, when: datetime | str | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """Local time to the minute; text that is one already stands as it is."""
    if when is None:
        return ""
    if isinstance(when, str):
        try:
            told = datetime.fromisoformat(when)
        except ValueError:
            return when
        return local_time(context, told, form) if len(when) > 10 else when
    return when.astimezone(context["zone"]).strftime(form)


@pass_context
def platform_name(context: Context, name: str) -> str:
    """A platform by its Chinese name, its id beside it: 广场网（plaza）."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    known = context["platforms_by_name"].get(name)
    return f"{known.label}（{name}）" if known is not None and known.label != name else name


def query(values: Mapping[str, Any], **others: Any) -> str:
    """A query string of what is not empty, with some values replaced."""
    merged = {**values, **others}
    return urlencode({key: value for key, value in merged.items() if value not in (None, "", [], ())}, doseq=True)


def cut(text: str | None, length: int) -> str:
    """Text of at most so many characters."""
    text = text or ""
    return text if len(text) <= length else text[: length - 1] + "…"


def numbered(row: Mapping[str, Any]) -> str:
    """A case by the number that it is called by: its 线索编号, before 线索登记 its 案件号."""
    return str(row.get("lead_number") or f"案件号 {row['case_id']}")


def unchecked(note: str | None) -> str:
    """A note of a table in words for an officer: its mark [M] says that the basis is to be checked."""
    return re.sub(r"\[M\] ?", "（依据待核）", note or "")


@cache
def environment() -> Environment:
    """The templates of the package."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=Absent,
        finalize=tidy,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        time=local_time, query=query, cut=cut, platform=platform_name, unchecked=unchecked, numbered=numbered
    )
    return made


def render(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """A page. The answer's values: ``desk`` (None where nobody is signed in), ``said``, and what the screen gives."""
    office = request.app.state.office
    shared = {
        "zone": office.settings.zone,
        "unit": office.settings.unit,
        "menu": request.app.state.menu,
        "roles": ROLES,
        "screens": request.app.state.screens,
        "here": request.url.path,
        "version": request.app.state.version,
        "platforms_by_name": office.platforms,
        "demo": simulated(office.clock),
        "today": office.clock.now().astimezone(office.settings.zone).date().isoformat(),
        "desk": None,
        "said": None,
        "csrf": getattr(request.state, "csrf", ""),
    }
    html = environment().get_template(template).render({**shared, **values})
    return HTMLResponse(html.encode("utf-8", "replace"), status)


def attachment(name: str) -> dict[str, str]:
    """Headers of a file to download, whatever its name is."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
