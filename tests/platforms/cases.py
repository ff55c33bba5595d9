"""Case directories: a recorded body, what it was the answer to, and what must be read out of it.

``request.json`` says platform, the fields an instance adds to the template, role, address, status and context;
``body.html`` or ``body.json`` is the decoded body as recorded; ``expected.json`` holds ``listings`` (fields that are
absent are left out) and, for list pages, ``links``, ``no_results`` and, where there are any, further ``lists``. For a
hand-over the body is the file as it came.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from adwatch.models import Capture, Listing
from adwatch.settings import load_settings
from collectors.captured import Captured
from collectors.extract import extract, read_list
from collectors.handover import ColumnTable, RefusedRow, read_stream
from collectors.registry import platform_files, spec_variables
from collectors.spec import PlatformSpec
from collectors.specfile import SpecFile, extended, read_file, validated

ROOT = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One case directory."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def request(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path / "request.json").read_text(encoding="utf-8"))
        return found

    @property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path / "expected.json").read_text(encoding="utf-8"))
        return found

    @property
    def body(self) -> bytes:
        (path,) = self.path.glob("body.*")
        return path.read_bytes()

    @property
    def capture(self) -> Capture:
        asked = self.request
        return Capture(
            platform=asked["platform"],
            day=asked["day"],
            role=asked["role"],
            url=asked["url"],
            fetched_at=datetime.fromisoformat(asked["fetched_at"]),
            status=asked["status"],
            sha256="",
            warc="",
            offset=0,
            record_id="",
            content_type=asked["content_type"],
            context=asked["context"],
            id=1,
        )

    def spec(self) -> PlatformSpec:
        """The platform file with what the recorded instance adds to it."""
        return _instance(self.request["platform"], json.dumps(self.request.get("instance", {})))

    def _handed(self, spec: PlatformSpec) -> Iterator[Listing | RefusedRow]:
        (path,) = self.path.glob("body.*")
        columns = ColumnTable.load().with_names(spec.handover.columns)
        with path.open("rb") as stream:
            yield from read_stream(
                stream,
                self.request["context"]["name"],
                spec.name,
                columns=columns,
                kind=spec.listing_kind,
                captured=Captured({spec.name: spec}),
            )

    def read(self) -> dict[str, Any]:
        """What is read out of the body now, in the form of expected.json."""
        spec, capture, body = self.spec(), self.capture, self.body
        if spec.kind == "handover":
            return {"listings": [plain(found) for found in self._handed(spec)]}
        out: dict[str, Any] = {"listings": [plain(found) for found in extract(spec, capture, body)]}
        if capture.role == "list" and spec.detail is not None and capture.status == 200:
            page = read_list(spec, body, capture.content_type, capture.url)
            out["links"] = [item.link for item in page.items]
            out["no_results"] = page.no_results
            if page.lists:
                out["lists"] = list(page.lists)
        return out


@cache
def _instance(name: str, extra: str) -> PlatformSpec:
    settings = load_settings(_env_file=None)
    files = {stem: read_file(path, spec_variables(settings)) for stem, path in platform_files(settings).items()}
    over = SpecFile(Path("case.yml"), {"extends": name, **json.loads(extra)}, {})
    merged = extended(over, files)
    return validated(SpecFile(files[name].path, {**merged.values, "name": name}, merged.places))


def plain(found: Any) -> dict[str, Any]:
    """A listing's fields that are there, times as text; a refusal as it is."""
    values = dataclasses.asdict(found)
    if isinstance(found, Listing):
        values = {key: value for key, value in values.items() if value not in (None, (), "") and key != "capture_id"}
    return {key: _json(value) for key, value in values.items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return list(value) if isinstance(value, tuple) else value


def all_cases() -> list[Case]:
    """Every case directory there is."""
    return [Case(path.parent) for path in sorted(ROOT.glob("*/*/request.json"))]
