"""Case directories: a recorded body, what it was the answer to, and what must be read out of it.

``request.json`` says platform, the fields an instance adds to a template, role, address, status and context; ``body.*``
is the decoded body as recorded; ``expected.json`` holds ``listings`` (fields that are absent are left out) and, for
list pages, ``links``, ``no_results`` and, where there are any, further ``lists``. For a hand-over the body is the file
as it came. Cases of shipped files lie in ``tests/platforms/NAME/CASE``, an office's in ``cases`` of ``ADWATCH_DATA``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adwatch.errors import UsageError
from adwatch.models import Capture, Listing
from adwatch.settings import Settings
from collectors.captured import Captured
from collectors.extract import extract, read_list
from collectors.handover import ColumnTable, RefusedRow, read_stream
from collectors.registry import SHIPPED, platform_files, spec_variables
from collectors.spec import PlatformSpec
from collectors.specfile import SpecFile, extended, read_file, validated

SOURCES = SHIPPED.parent.parent / "tests" / "platforms"
"""Cases of the shipped files; an installed package is without them."""


ASKED = ("platform", "day", "role", "url", "status", "content_type", "context", "fetched_at")
"""What request.json says, besides ``instance``."""


def case_folders(settings: Settings) -> list[Path]:
    """Folders that hold cases, by platform."""
    own = [settings.data / "cases"] if settings.data is not None else []
    return [folder for folder in (SOURCES, *own) if folder.is_dir()]


def cases_of(settings: Settings, name: str) -> list[Case]:
    """A platform's cases, by their names; none is no error."""
    found = [path for folder in case_folders(settings) for path in sorted((folder / name).glob("*/request.json"))]
    return [Case(path.parent, settings) for path in found]


@dataclass(frozen=True)
class Case:
    """One case directory; a file of it that is missing or broken is a UsageError that names it."""

    path: Path
    """The directory."""
    settings: Settings
    """Where the platform file is looked for."""

    @property
    def name(self) -> str:
        """Platform and case."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def request(self) -> dict[str, Any]:
        """What was asked."""
        return self._json("request.json")

    @property
    def expected(self) -> dict[str, Any]:
        """What must be read."""
        return self._json("expected.json")

    def _json(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{self.path / name}: {error}") from error
        if not isinstance(found, dict):
            raise UsageError(f"{self.path / name}: write a mapping")
        return found

    @property
    def body_file(self) -> Path:
        """The one file named body."""
        found = sorted(self.path.glob("body.*"))
        if len(found) != 1:
            raise UsageError(f"{self.path}: {len(found)} files named body.*; a case has one")
        return found[0]

    @property
    def body(self) -> bytes:
        """The body as recorded."""
        return self.body_file.read_bytes()

    @property
    def capture(self) -> Capture:
        """The exchange that the body was the answer of."""
        asked = self.request
        try:
            given: dict[str, Any] = {name: asked[name] for name in ASKED}
            given["fetched_at"] = datetime.fromisoformat(given["fetched_at"])
            return Capture(**given, sha256="", warc="", offset=0, record_id="", id=1)
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{self.path / 'request.json'}: {type(error).__name__}: {error}") from error

    def spec(self) -> PlatformSpec:
        """The platform file with what the recorded instance adds to it."""
        asked = self.request
        return _instance(self.settings, str(asked.get("platform")), asked.get("instance") or {})

    def _handed(self, spec: PlatformSpec) -> Iterator[Listing | RefusedRow]:
        columns = ColumnTable.load(self.settings.data).with_names(spec.handover.columns)
        captured = Captured({spec.name: spec})
        file = self.request["context"]["name"]
        with self.body_file.open("rb") as stream:
            yield from read_stream(stream, file, spec.name, columns=columns, kind=spec.listing_kind, captured=captured)

    def read(self) -> dict[str, Any]:
        """What is read out of the body now, in the form of expected.json."""
        spec = self.spec()
        if spec.kind == "handover":
            return {"listings": [plain(found) for found in self._handed(spec)]}
        return what_is_read(spec, self.capture, self.body)

    def differences(self) -> list[str]:
        """How what is read now differs from what is expected, in sentences; none: the case holds."""
        return list(differences(self.expected, self.read()))


def what_is_read(spec: PlatformSpec, capture: Capture, body: bytes) -> dict[str, Any]:
    """What a platform file reads out of a body, in the form of expected.json."""
    out: dict[str, Any] = {"listings": [plain(found) for found in extract(spec, capture, body)]}
    if capture.role == "list" and spec.detail is not None and capture.status == 200:
        page = read_list(spec, body, capture.content_type, capture.url)
        out["links"] = [item.link for item in page.items]
        out["no_results"] = page.no_results
        if page.lists:
            out["lists"] = list(page.lists)
    return out


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Sentences, the listings' number first."""
    wanted, read = expected.get("listings", []), found.get("listings", [])
    if len(wanted) != len(read):
        yield f"信息 listings: 应有 {len(wanted)} expected, 读到 {len(read)} read"
    for number, (one, other) in enumerate(zip(wanted, read, strict=False), 1):
        for name in dict.fromkeys([*one, *other]):
            if one.get(name) != other.get(name):
                said = f"{_short(one.get(name))} expected, 读到 {_short(other.get(name))} read"
                yield f"信息 listing {number}: {name}: 应为 {said}"
    for name in dict.fromkeys([*expected, *found]):
        if name != "listings" and expected.get(name) != found.get(name):
            yield f"{name}: 应为 {_short(expected.get(name))} expected, 读到 {_short(found.get(name))} read"


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:119]}…"


def _instance(settings: Settings, name: str, extra: Mapping[str, Any]) -> PlatformSpec:
    """Only the platform's file and what it extends is read: another file's mistakes do not matter here."""
    variables, paths = spec_variables(settings), platform_files(settings)
    if name not in paths:
        raise UsageError(f"{name}: 没有这个平台文件 no such platform file; see adwatch platforms list")
    files: dict[str, SpecFile] = {}
    wanted = name
    while wanted in paths and wanted not in files:
        files[wanted] = read_file(paths[wanted], variables)
        wanted = str(files[wanted].values.get("extends"))
    merged = extended(SpecFile(Path("case.yml"), {"extends": name, **extra}, {}), files)
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
