"""Platform files under work, as verbs call them: drafted, their cases recorded from the archive, and replayed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
from adwatch.archive import read_body
from adwatch.errors import ArchiveError, InputRefused, UsageError
from adwatch.files import write_whole
from adwatch.models import Capture, Contact, StageReport
from adwatch.store.captures import newest_captures
from collectors.cases import SOURCES, cases_of
from collectors.documents import Unreadable
from collectors.extract import read_list
from collectors.record import record
from collectors.spec import NAME, PlatformSpec

Row = dict[str, Any]
LOOKED_AT = 500
"""Captures among which a list page and an item's page are looked for."""
CASES = {"list": "list_page", "detail": "item_page"}
"""Names of the cases that are recorded where none is given."""


def test(office: Office, names: Iterable[str] | None = None) -> list[Row]:
    """A row a case: platform, case, listings, how it differs; of all platforms that have cases where none is named."""
    wanted = list(names or office.platforms)
    rows: list[Row] = []
    for name in wanted:
        if name not in office.platforms:
            raise office.unknown_platform(name)
        cases = cases_of(office.settings, name)
        if not cases and names:
            raise UsageError(f"{name}: 还没有案例，请先运行 no case is recorded; run adwatch platforms record {name}")
        for case in cases:
            expected = case.expected.get("listings", [])
            rows.append(
                {"platform": name, "case": case.path.name, "listings": len(expected), "wrong": case.differences()}
            )
    return rows


def record_cases(
    office: Office, name: str, *, url: str | None = None, case: str | None = None, out: Path | None = None
) -> tuple[StageReport, list[Row]]:
    """Record the newest archived list page and item page of a platform, or the page at ``url``, as cases.

    Nothing is fetched: a patrol or ``platforms check`` has archived them. A case that is there already is left alone.
    """
    spec = office.platforms.get(name)
    if spec is None or spec.is_template or spec.kind == "handover":
        raise UsageError(
            f"{name}: 不是网站的平台文件 no platform file of a site; a hand-over's case is its file, masked by hand"
        )
    captures = list(_chosen(office, spec, newest_captures(office.engine, name, LOOKED_AT, url)))
    if not captures:
        raise UsageError(f"{name}: 没有存档的网页 no page of it is archived; run adwatch platforms check {name} first")
    report, rows = StageReport("platforms record"), []
    for capture in captures:
        folder = (out or _folder(office)) / name / (case or CASES[capture.role])
        if (folder / "request.json").exists():
            report.drop(
                "exists", f"{folder}: 已有此案例，请用 --case 另起名字 is there already; give --case with another name"
            )
            continue
        try:
            made = record(spec, capture, read_body(office.shelf, capture), folder, _contacts(office))
        except InputRefused as error:
            report.drop("refused", str(error))
            continue
        report.kept += 1
        facts = {"listings": made.listings, "links": made.links, "unmasked": list(made.unmasked)}
        rows.append({"case": made.path.name, "url": capture.url, **facts, "folder": str(made.path)})
    return report, rows


def _folder(office: Office) -> Path:
    if office.settings.data is not None:
        return office.settings.data / "cases"
    if SOURCES.is_dir():
        return SOURCES
    raise UsageError(
        "请设 ADWATCH_DATA 或给 --out set ADWATCH_DATA, whose folder cases/ keeps an office's cases, or give --out"
    )


def _chosen(office: Office, spec: PlatformSpec, captures: list[Capture]) -> Iterator[Capture]:
    """The newest of each role, of lists the newest on which items stand, if there is one.

    What ``platforms check`` fetched counts as what it stands for.
    """
    done: set[str] = set()
    without: Capture | None = None
    for capture in captures:
        role = capture.role
        if role == "check":
            role = "detail" if "item" in capture.context else "list" if "list" in capture.context else ""
        if role in CASES and role not in done and (role == "list" or spec.detail is not None):
            if role == "list" and not _shows_items(office, spec, capture):
                without = without or capture
                continue
            done.add(role)
            yield replace(capture, role=role)
    if without is not None and "list" not in done:
        yield replace(without, role="list")


def _shows_items(office: Office, spec: PlatformSpec, capture: Capture) -> bool:
    """Whether a list page is more than an honest nothing."""
    try:
        page = read_list(spec, read_body(office.shelf, capture), capture.content_type, capture.url, keys_only=True)
    except (Unreadable, ArchiveError):
        return False
    return bool(page.items or page.lists)


def _contacts(office: Office) -> Any:
    def find(text: str) -> list[Contact]:
        [verdict] = office.judge.judge([(None, text)])
        return [replace(one, start=one.start - 1, end=one.end - 1) for one in verdict.contacts if one.start]

    return find


def new(
    office: Office, url: str, day: str, *, name: str | None = None, private: bool = False, out: Path | None = None
) -> Row:
    """Look at a site and write a draft of its platform file: into ADWATCH_DATA/platforms, or the folder ``out``.

    Gives the draft's text, where it lies (nowhere, if a file of that name is there already: it is never overwritten),
    a row a field and the first listings. What was fetched is archived under the new platform's name.
    """
    from collectors.draft import as_yaml, look_at, rows, samples
    from collectors.draft.look import name_of

    name = name or name_of(url)
    if not NAME.fullmatch(name):
        raise UsageError(
            f"--name {name}: 只用小写字母、数字和 _，以字母开头 write small letters, digits and _ only, a letter first"
        )
    save = partial(office.keep, "unknown", None)
    draft = look_at(office.settings, url, office.tools, save, day, name=name, private=private)
    text = as_yaml(draft)
    folder = out or (office.settings.data / "platforms" if office.settings.data is not None else None)
    file = folder / f"{name}.yml" if folder is not None else None
    written = file is not None and name not in office.platforms and not file.exists()
    if written and file is not None:
        write_whole(file, text.encode())
    return {
        "name": name,
        "file": str(file) if written else None,
        "unwritten": None if written else "nowhere" if file is None else "exists",
        "yaml": text,
        "pages": draft.pages,
        "facts": draft.facts,
        "notes": draft.notes,
        "why": draft.best.why if draft.best is not None else None,
        "fields": rows(draft),
        "samples": samples(draft),
    }
