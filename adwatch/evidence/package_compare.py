"""Says what of an evidence package is not as its manifest has it: files, headers, order, directory, end."""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Mapping, Sequence

from adwatch.evidence import package as p
from adwatch.evidence.package_report import PackageReport
from adwatch.evidence.package_walk import Found, digest_of, walked
from adwatch.evidence.plain_zip import CENTRAL, Member, central_header, is_safe, local_header, offsets, tail


def compare(
    data: mmap.mmap,
    expected: list[Member],
    digests: dict[str, str],
    comment: bytes,
    report: PackageReport,
    trusted: bool,
) -> dict[str, tuple[int, int]]:
    """Say what is not as expected; gives the places of the files that are."""
    heads = [(member, local_header(member)) for member in expected]
    by_name = {member.name: (member, header) for member, header in heads}
    there = list(walked(data, {member.name.encode(): header for member, header in heads}))
    there = _with_broken_headers(data, expected, digests, there, report)
    counts = Counter(found.name for found in there)
    places: dict[str, tuple[int, int]] = {}
    strangers: list[Found] = []
    for found in there:
        if found.name not in by_name:
            strangers.append(found)
            continue
        member, header = by_name[found.name]
        same = (found.sha256, found.size) == (digests[found.name], member.size)
        if same:
            places.setdefault(found.name, (found.start, found.size))
            if found.header != header and trusted:
                report.add("altered", found.name, "its header in the ZIP; its content stands")
        elif found.method:
            report.add("altered", found.name, "is packed: no package of ours is, and it was not unpacked")
        elif trusted or not found.agrees:
            _say_altered(found, member, report)
    for name, count in counts.items():
        if count > 1:
            report.add("duplicated", name, f"is there {count} times")
    if trusted:
        gone = [member for member in expected if member.name not in counts]
        _match(gone, strangers, digests, report)
        _order(expected, there, report)
    wanted = [(member.name, at) for member, at in zip(expected, offsets(expected)[:-1], strict=True)]
    if trusted and [(found.name, found.offset) for found in there] == wanted:
        _tail(data, expected, comment, report)
    return places


def _say_altered(found: Found, member: Member, report: PackageReport) -> None:
    size = f"; it has {found.size:,} bytes instead of {member.size:,}" if found.size != member.size else ""
    if found.name == p.SEAL:
        report.add("altered", p.SEAL, "does not have the digest of the manifest")
    else:
        report.add("altered", found.name, f"its SHA-256 is not that of the manifest{size}")


def _with_broken_headers(
    data: mmap.mmap, expected: list[Member], digests: Mapping[str, str], there: list[Found], report: PackageReport
) -> list[Found]:
    """Adds files that stand where they are expected behind a header that cannot be read."""
    names = {found.name for found in there}
    offsets_found = {found.offset for found in there}
    out = list(there)
    for member, at in zip(expected, offsets(expected)[:-1], strict=True):
        if member.name in names or at in offsets_found:
            continue
        header = local_header(member)
        start = at + len(header)
        if start + member.size > len(data) or any(at < found.offset < start + member.size for found in there):
            continue
        digest, crc = digest_of(data, start, member.size)
        if digest != digests[member.name]:
            continue
        report.add("altered", member.name, "its header in the ZIP; its content stands")
        out.append(Found(member.name, at, start, member.size, digest, crc, header, 0))
    return sorted(out, key=lambda found: found.offset)


def _match(gone: list[Member], strangers: list[Found], digests: dict[str, str], report: PackageReport) -> None:
    """Files that are missing and files that nobody knows: the same content under another name was renamed."""
    left = list(strangers)
    for member in gone:
        same = next((each for each in left if each.sha256 == digests[member.name]), None)
        if same is not None:
            left.remove(same)
            report.add("renamed", member.name, f"is called {same.name!r} now")
        else:
            report.add("removed", member.name, "is named in the manifest and not there")
    for found in left:
        report.add("added", found.name, "is not in the manifest")
        if not is_safe(found.name):
            report.add("unsafe", found.name, "no name that may be unpacked")


def _order(expected: Sequence[Member], walked: Sequence[Found], report: PackageReport) -> None:
    names, found_names = {member.name for member in expected}, {found.name for found in walked}
    wanted = [member.name for member in expected if member.name in found_names]
    there = list(dict.fromkeys(found.name for found in walked if found.name in names))
    for should, is_there in zip(wanted, there, strict=True):
        if should != is_there:
            report.add("reordered", is_there, f"stands where {should} should")
            return


def _tail(data: mmap.mmap, expected: list[Member], comment: bytes, report: PackageReport) -> None:
    """The files stand: what of the directory and of the end does not?"""
    heads = offsets(expected)
    at = heads[-1]
    for member, offset in zip(expected, heads[:-1], strict=True):
        entry = central_header(member, offset)
        if data[at : at + len(entry)] != entry:
            mode = int.from_bytes(data[at + 40 : at + 42], "little") & 0o170000
            link = "; it is called a symbolic link" if mode == 0o120000 else ""
            report.add("altered", member.name, f"its entry in the ZIP's directory{link}")
            if data[at : at + 4] != CENTRAL:
                return
        at += len(entry)
    end = tail(expected, comment)[at - heads[-1] :]
    there = data[at:]
    if there == end:
        return
    if there.startswith(end):
        report.add("added", "ZIP", f"{len(there) - len(end):,} bytes behind its end")
    elif end.startswith(there):
        report.add("removed", "ZIP", f"{len(end) - len(there):,} bytes of its end")
    elif there[: len(end) - len(comment)] == end[: len(end) - len(comment)]:
        report.add("altered", "ZIP", "its comment, which has the manifest's digest")
    else:
        report.add("altered", "ZIP", "its end record")
