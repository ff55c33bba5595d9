"""Checks the whole archive offline: every byte of every WARC file, and every capture row against its record.

A flipped byte anywhere is found: deflated members are covered by the digests in the metadata record behind them, and
that record's own member must be exactly what its content gives when written again (``adwatch.archive.members.stored``).
Checking never stops at the first fault.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from typing import Any

from adwatch.archive.members import Damaged, Member, stored, walk
from adwatch.archive.reader import body_place
from adwatch.archive.shelf import WHOLE, Root, Shelf, shelf_of
from adwatch.archive.warc_file import capture_content
from adwatch.errors import ArchiveError
from adwatch.evidence.blocks import RecordCheck
from adwatch.models import Capture
from adwatch.ports import Progress


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that no longer stands as it was received."""

    file: str
    """WARC file, relative to the archive's root."""
    offset: int
    """Byte offset of the record."""
    url: str | None
    """Address that the record is about, as far as it can still be told."""
    word: str
    """altered | cut | missing | differs (the capture row says something else than the archive)."""
    message: str
    """What is wrong."""

    def __str__(self) -> str:
        return f"{self.file} at byte {self.offset}: {self.word}: {self.message} ({self.url or 'address unknown'})"


Place = tuple[str, int, str]
"""File, offset and record id."""

_NOT_THE_SAME = "its payload digest is not that of the earlier answer it stands for"


@dataclass(frozen=True, slots=True)
class Body:
    """What the record that holds a body says of it."""

    sha256: str = ""
    """Digest of the decoded body."""
    payload: str | None = None
    """WARC-Payload-Digest: of the body as received."""


@dataclass(slots=True)
class VerifyReport:
    """What was checked and what was found."""

    files: int = 0
    """WARC files read."""
    records: int = 0
    """Records read whole."""
    size: int = 0
    """Bytes read."""
    captures: int = 0
    """Capture rows compared."""
    expired: int = 0
    """Capture rows whose WARC file was deleted by policy."""
    unclaimed: int = 0
    """Exchanges in the archive that no capture row claims: a run was stopped between archive and store."""
    problems: list[Problem] = field(default_factory=list)
    """Everything found, by file and offset."""

    @property
    def ok(self) -> bool:
        """Whether everything stands as it was received."""
        return not self.problems


def verify(
    root: Root,
    captures: Iterable[Capture],
    progress: Progress | None = None,
    expired: Container[str] = frozenset(),
) -> VerifyReport:
    """Check the archive against itself and against the capture rows; ``progress`` is told bytes.

    ``expired``: files that were deleted by policy, whose rows stay.
    """
    report = VerifyReport()
    claims: dict[str, dict[int, Capture]] = defaultdict(dict)
    wanted: list[tuple[Capture, Place]] = []
    for capture in captures:
        report.captures += 1
        if capture.warc in expired:
            report.expired += 1
            continue
        claims[capture.warc][capture.offset] = capture
        if "earlier" in capture.context:
            wanted.append((capture, body_place(capture)))
    bodies: dict[Place, Body] = {place: Body() for _, place in wanted}
    revisits: list[tuple[Problem, Place, str]] = []
    shelf = shelf_of(root)
    for name in shelf.names():
        check = FileCheck(name, shelf, claims.pop(name, {}), bodies, report)
        try:
            check.run()
        except ArchiveError as error:  # as a whole: it is in an object store that has it not, or cannot be asked
            report.problems.append(Problem(name, 0, None, "missing", str(error)))
        revisits += check.revisits
        if progress is not None:
            progress(shelf.size(name))
    for rows in claims.values():
        for capture in rows.values():
            report.problems.append(_problem(capture, "missing", "the WARC file is gone"))
    for capture, place in wanted:
        if bodies[place].sha256 != capture.sha256:
            report.problems.append(
                _problem(capture, "missing", f"the earlier answer it refers to, {place[0]} at {place[1]}")
            )
    report.problems += [
        problem
        for problem, place, digest in revisits
        if place in bodies and bodies[place].payload not in (None, digest)
    ]
    report.problems.sort(key=lambda found: (found.file, found.offset))
    return report


def _problem(capture: Capture, word: str, message: str) -> Problem:
    return Problem(capture.warc, capture.offset, capture.url, word, message)


class FileCheck:
    """One WARC file: exchanges are the members up to and including a metadata record."""

    def __init__(
        self,
        name: str,
        shelf: Shelf,
        rows: dict[int, Capture],
        bodies: dict[Place, Body],
        report: VerifyReport,
    ) -> None:
        self.name, self.shelf, self.rows, self.bodies, self.report = name, shelf, rows, bodies, report
        self.open: list[tuple[Member, RecordCheck]] = []
        """Members that no metadata record has vouched for yet."""
        self.revisits: list[tuple[Problem, Place, str]] = []
        """What revisits say of the bodies they stand for."""
        self.current = RecordCheck()
        self.at = 0
        self.named: set[int] = set()

    def _begin(self, offset: int) -> Callable[[bytes], None]:
        self.current, self.at = RecordCheck(), offset
        return self.current.feed

    def run(self) -> None:
        """Read the file to its end."""
        size = self.shelf.size(self.name)
        self.report.files += 1
        self.report.size += size
        with self.shelf.open(self.name, WHOLE) as file:
            for found in walk(file, size, self._begin):
                if isinstance(found, Damaged):
                    self._name(self.at, found.word, str(found), self.current)
                    continue
                self.report.records += 1
                self._member(found, self.current)
        for member, check in self.open:
            self._name(member.offset, "cut", "the metadata record behind it is missing", check)
        for capture in self.rows.values():
            if capture.offset not in self.named:
                word = "cut" if capture.offset >= size else "missing"
                self.report.problems.append(_problem(capture, word, "no such record in the file"))

    def _name(self, offset: int, word: str, message: str, check: RecordCheck | None) -> None:
        if offset in self.named:
            return
        self.named.add(offset)
        row = self.rows.get(offset)
        url = check.headers.get("warc-target-uri") if check else None
        self.report.problems.append(Problem(self.name, offset, row.url if row else url, word, message))

    def _member(self, member: Member, check: RecordCheck) -> None:
        faults = check.faults()
        if faults:
            self._name(member.offset, "altered", "; ".join(faults), check)
        kind = check.record_type
        if kind not in ("metadata", "warcinfo"):
            self.open.append((member, check))
            return
        if hashlib.sha256(stored(check.plain)).hexdigest() != member.sha256:
            self._name(member.offset, "altered", "its bytes are not those it was written with", check)
        if kind == "metadata":
            self._exchange(check)
            self.open.clear()

    def _exchange(self, check: RecordCheck) -> None:
        """Hold the members before a metadata record against what it says of them."""
        content = check.json()
        guards: list[Any] = content.get("members") or []
        for member, record in self.open:
            if [member.length, member.sha256] not in guards:
                self._name(member.offset, "altered", "its bytes are not those it was written with", record)
        members = [pair for pair in self.open if guards and [pair[0].length, pair[0].sha256] == guards[0]]
        if not members:
            return
        first, record = members[0]
        record_id = record.headers.get("warc-record-id", "")
        capture = content.get("capture") or {}
        place = (self.name, first.offset, record_id)
        if place in self.bodies and first.offset not in self.named:
            self.bodies[place] = Body(str(capture.get("sha256")), record.headers.get("warc-payload-digest"))
        if record.record_type == "revisit":
            self._revisit(first.offset, record, capture)
        self._claim(first.offset, record_id, capture)

    def _revisit(self, offset: int, record: RecordCheck, kept: dict[str, Any]) -> None:
        """Remember what a revisit says of the body it stands for; it is compared when all files are read."""
        earlier = (kept.get("context") or {}).get("earlier")
        digest = record.headers.get("warc-payload-digest")
        if isinstance(earlier, dict) and digest is not None:
            place = (str(earlier["warc"]), int(earlier["offset"]), str(earlier["record_id"]))
            self.revisits.append((Problem(self.name, offset, kept.get("url"), "differs", _NOT_THE_SAME), place, digest))

    def _claim(self, offset: int, record_id: str, kept: dict[str, Any]) -> None:
        row = self.rows.get(offset)
        if row is None:
            self.report.unclaimed += 1
            return
        if offset in self.named:
            return
        self.named.add(offset)
        said = {**capture_content(row), "record_id": row.record_id}
        differing = [key for key in said if said[key] != kept.get(key)]
        if record_id != row.record_id and "record_id" not in differing:
            differing.append("record_id")
        if differing:
            message = f"the capture row differs from the archive in {', '.join(sorted(differing))}"
            self.report.problems.append(_problem(row, "differs", message))
