"""What a package says, held against itself: records, captures, the chain, decisions, roots of days, time stamps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from adwatch.archive.members import Damaged
from adwatch.archive.shelf import Shelf
from adwatch.errors import StageError
from adwatch.evidence import package as p
from adwatch.evidence.daily import ACTION as ROOT
from adwatch.evidence.daily import capture_leaf
from adwatch.evidence.merkle import leaf_hash, node_hash, root_by_path
from adwatch.evidence.package_check import Opened, opened
from adwatch.evidence.package_report import PackageReport
from adwatch.evidence.stamps import ACTION as STAMP
from adwatch.evidence.stamps import checked, load_certificates
from adwatch.evidence.verify import Body, FileCheck, Place, Problem, VerifyReport
from adwatch.models import Capture
from adwatch.store.audit import content, decision_digest, entry_digest

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

RATIO = 1000
"""A record that inflates to more than so many times its size ..."""
INFLATED = 1 << 28
"""... and to more than so many bytes is a bomb, and is not read on."""
CA = "chain/tsa-ca.pem"
PAGE = "evidence.capture"
"""Action of the log that tells of a full capture."""
_BROKEN = (KeyError, TypeError, ValueError, IndexError, AttributeError)
"""What reading a file raises that is no longer as we write it."""


def verify_package(file: Path, sha256: str | None = None, certificates: Path | None = None) -> PackageReport:
    """Check a package with nothing but the file.

    ``sha256``: digest of its manifest as noted elsewhere. ``certificates``: PEM file of the time-stamping authority, if
    the one in the package is not to be believed.
    """
    report = PackageReport()
    known = load_certificates(certificates) if certificates else None
    with opened(file, report) as package:
        if package is None:
            return report
        if sha256 is not None and sha256.lower() != report.sha256:
            report.add("altered", p.MANIFEST, f"its digest is {report.sha256}, not the one noted: another package")
        for name in package.names:
            if name.rpartition("/")[2] == p.CAPTURES:
                _case(package, name.removesuffix(p.CAPTURES), report, known)
    return report


def _case(package: Opened, folder: str, report: PackageReport, known: Sequence[Certificate] | None) -> None:
    """What one case of the package says; of a transfer each has a folder of its own."""
    found, inside = PackageReport(), package.within(folder)
    for check, needed in CHECKS:
        if missing := sorted(needed - inside.places.keys()):
            found.notes.append(f"{check.__name__[1:]} were not checked further: {', '.join(missing)} does not stand")
            continue
        try:
            check(inside, found)
        except _BROKEN as error:
            found.add("proof", p.CAPTURES, f"{check.__name__[1:]} cannot be read: {type(error).__name__}")
    _stamps(inside, found, known)
    for name in ("captures", "entries", "proven", "stamped"):
        setattr(report, name, getattr(report, name) + getattr(found, name))
    for problem in found.problems:
        report.add(problem.word, folder + problem.file, problem.message)
    report.notes += [f"{folder}: {note}" if folder else note for note in found.notes]


def _json(package: Opened, name: str) -> Any:
    return orjson.loads(package.read(name))


def read_capture(row: dict[str, Any]) -> Capture:
    """A capture as ``captures.json`` has it."""
    names = {name: value for name, value in row.items() if name not in ("file", "missing")}
    return Capture(**{**names, "fetched_at": datetime.fromisoformat(row["fetched_at"])})


def read_entry(row: dict[str, Any]) -> dict[str, Any]:
    """An entry of the audit log as ``chain/entries.json`` has it."""
    return {**row, "at": datetime.fromisoformat(row["at"])}


class _Inside(Shelf):
    """The records of a package as files of an archive."""

    def __init__(self, package: Opened) -> None:
        super().__init__(Path())
        self.package = package

    def size(self, name: str) -> int:
        return self.package.places[name][1]

    def open(self, name: str, buffer: int = 0) -> BinaryIO:
        del buffer
        return self.package.open(name)


class _BoundCheck(FileCheck):
    """A check of one exchange that reads no bomb to its end."""

    def _begin(self, offset: int) -> Callable[[bytes], None]:
        feed, limit, taken = super()._begin(offset), max(INFLATED, RATIO * self.shelf.size(self.name)), 0

        def bound(data: bytes) -> None:
            nonlocal taken
            taken += len(data)
            if taken > limit:
                raise Damaged("altered", f"inflates to more than {limit:,} bytes")
            feed(data)

        return bound


def _captures(package: Opened, report: PackageReport) -> None:
    """Each capture's records against their own digests and against the capture's row."""
    shelf = _Inside(package)
    rows = [(row, read_capture(row)) for row in _json(package, p.CAPTURES)]
    files = {capture.record_id: row["file"] for row, capture in rows if row.get("file")}
    bodies: dict[Place, Body] = {(file, 0, record_id): Body() for record_id, file in files.items()}
    revisits: list[tuple[Problem, Place, str]] = []
    for row, capture in rows:
        name = row.get("file")
        if not name:
            report.notes.append(f"CAP-{capture.id}: its record is not in the package: {row.get('missing')}")
            continue
        if name not in package.places:
            continue  # said already
        inner = VerifyReport()
        check = _BoundCheck(name, shelf, {0: replace(capture, warc=name, offset=0)}, bodies, inner)
        check.run()
        revisits += check.revisits
        for problem in inner.problems:
            report.add("proof", name, f"{problem.word}: {problem.message}")
        report.captures += not inner.problems
    for problem, place, digest in revisits:
        held = bodies.get((files.get(place[2], ""), 0, place[2]))
        if held is None:
            report.notes.append(f"{problem.file}: the earlier answer that it stands for is not in the package")
        elif held.payload not in (None, digest):
            report.add("proof", problem.file, problem.message)


def _log(package: Opened, report: PackageReport) -> None:
    """Each entry against its own digest; captures and entries against the roots of their days."""
    entries = {row["seq"]: read_entry(row) for row in _json(package, p.ENTRIES)}
    for seq, entry in entries.items():
        if entry_digest(entry) == entry["sha256"]:
            report.entries += 1
        else:
            report.add("proof", p.ENTRIES, f"entry {seq}: its content is not what its digest was made of")
    found = _json(package, p.PROOFS)
    captures = {row["id"]: capture_leaf(read_capture(row)) for row in _json(package, p.CAPTURES)}
    logged = {seq: content(entry) for seq, entry in entries.items() if entry["action"] not in (ROOT, STAMP)}
    for kind, key, leaves in (("captures", "capture_id", captures), ("entries", "seq", logged)):
        proven = {row[key] for row in found[kind]}
        for row in found[kind]:
            named = f"{'CAP-' if kind == 'captures' else 'entry '}{row[key]}"
            wrong = _unproven(kind, row, leaves.get(row[key]), entries.get(row["root_seq"]))
            if wrong:
                report.add("proof", p.PROOFS, f"{named}: {wrong}")
            else:
                report.proven += 1
        if missing := sorted(set(leaves) - proven):
            what = "captures" if kind == "captures" else "entries of the log"
            shown = ", ".join(map(str, missing[:8])) + (" ..." if len(missing) > 8 else "")
            report.notes.append(f"{len(missing)} {what} are in no root of a day that was kept by then: {shown}")


def _unproven(kind: str, row: dict[str, Any], leaf: bytes | None, root: dict[str, Any] | None) -> str:
    """What is wrong with one proof; nothing where it stands."""
    if leaf is None:
        return "a proof of what is not in the package"
    if root is None or root["action"] != ROOT or root["subject_id"] != row["day"]:
        return f"the root of {row['day']} is not in the package"
    path = [bytes.fromhex(each) for each in row["path"]]
    top, detail = root_by_path(leaf_hash(leaf), row["index"], row["size"], path), root["detail"]
    if top is None or top.hex() != detail[f"{kind}_root"] or row["size"] != detail[kind]:
        return f"is not what the root of {row['day']} was made of"
    both = node_hash(bytes.fromhex(detail["captures_root"]), bytes.fromhex(detail["entries_root"]))
    return "" if both.hex() == detail["root"] else f"the root of {row['day']} is not over its two trees"


def _decisions(package: Opened, report: PackageReport) -> None:
    """Each decision against the digest that the log keeps of it, and the other way round."""
    told = {
        row["detail"]["decision_id"]: row["detail"]["decision_sha256"]
        for row in _json(package, p.ENTRIES)
        if "decision_id" in row["detail"]
    }
    for row in _json(package, p.DECISIONS):
        decision = {**row, "at": datetime.fromisoformat(row["at"])}
        kept = told.pop(row["id"], None)
        if kept is None:
            report.add("proof", p.DECISIONS, f"decision {row['id']}: the log does not tell of it")
        elif decision_digest(decision) != kept:
            report.add("proof", p.DECISIONS, f"decision {row['id']}: is not what the log tells of")
    for number in told:
        report.add("proof", p.DECISIONS, f"decision {number}: the log tells of it, and it is not there")


def _files(package: Opened, report: PackageReport) -> None:
    """Attachments against the digests that they are listed with, and full captures of pages against the log."""
    listed: dict[str, str] = {}
    for row in _json(package, p.ATTACHMENTS):
        listed[row["sha256"]] = row["file"]
        if row["file"] in package.places and hashlib.sha256(package.read(row["file"])).hexdigest() != row["sha256"]:
            report.add("proof", row["file"], "is not the file that was kept under this digest")
    for entry in _json(package, p.ENTRIES):
        for kind, sha256 in (entry["detail"].get("files") or {}).items() if entry["action"] == PAGE else ():
            if sha256 not in listed:
                report.add("proof", p.ATTACHMENTS, f"entry {entry['seq']}: the {kind} that it tells of is not there")


def _stamps(package: Opened, report: PackageReport, known: Sequence[Certificate] | None) -> None:
    """The time stamps over the roots of days, by the authority named, else by the one in the package."""
    if p.ENTRIES not in package.places:
        return
    try:
        entries = [row for row in _json(package, p.ENTRIES) if row["action"] == STAMP]
        stamps = [(row["detail"]["root"], f"{p.STAMPS}{row['subject_id']}.tsr") for row in entries]
        if not stamps:
            report.notes.append("no root of a day in it has a time stamp")
            return
        if known is None and CA in package.places:
            known = _inside_certificates(package)
            report.notes.append("time stamps are checked by the certificate in the package; name yours to be sure")
        if known is None:
            report.notes.append("time stamps were not checked: no certificate of their service is known")
            return
        for root, name in stamps:
            if name in package.places:
                checked(package.read(name), bytes.fromhex(root), known)
                report.stamped += 1
    except StageError as error:
        report.add("proof", p.STAMPS, str(error))
    except ImportError:
        report.notes.append("time stamps were not checked: they need the extra [timestamps]")
    except _BROKEN as error:
        report.add("proof", p.STAMPS, f"cannot be read: {type(error).__name__}")


def _inside_certificates(package: Opened) -> Sequence[Certificate]:
    from cryptography import x509

    return x509.load_pem_x509_certificates(package.read(CA))


CHECKS: tuple[tuple[Callable[[Opened, PackageReport], None], set[str]], ...] = (
    (_captures, {p.CAPTURES}),
    (_log, {p.ENTRIES, p.PROOFS, p.CAPTURES}),
    (_decisions, {p.DECISIONS, p.ENTRIES}),
    (_files, {p.ATTACHMENTS, p.ENTRIES}),
)
"""What is checked, and the files that it reads."""
