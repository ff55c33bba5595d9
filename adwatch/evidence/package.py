"""An evidence package: one ZIP whose every byte follows from its files and their order; the same files, the same bytes.

``manifest.json`` comes first and names each other file in its order with size, SHA-256 and CRC-32; ``manifest.sha256``
has the manifest's own digest, and so has the comment at the end of the ZIP. ``SHA256SUMS`` says the same for those who
have nothing but ``sha256sum``. Inside, personal data is raw: it is sealed evidence.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from adwatch.archive.members import CHUNK, Damaged, walk
from adwatch.archive.reader import MetadataSink
from adwatch.archive.shelf import RECORD, Shelf
from adwatch.errors import ArchiveError
from adwatch.evidence.plain_zip import Member, is_safe, local_header, offsets, tail

SCHEMA = "adwatch-evidence/1"
MANIFEST, SEAL, SUMS = "manifest.json", "manifest.sha256", "SHA256SUMS"
CAPTURES, RECORDS, ATTACHMENTS = "captures.json", "captures/", "attachments.json"
ENTRIES, PROOFS, STAMPS, DECISIONS = "chain/entries.json", "chain/proofs.json", "chain/stamps/", "decisions.json"


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a larger file: a record where it lies in the archive."""

    shelf: Shelf
    file: str
    offset: int
    length: int

    def pieces(self) -> Iterator[bytes]:
        """Its bytes."""
        with self.shelf.open(self.file) as handle:
            handle.seek(self.offset)
            left = self.length
            while left:
                data = handle.read(min(left, CHUNK))
                if not data:
                    raise ArchiveError(f"{self.file} at byte {self.offset}: cut; run adwatch evidence verify")
                left -= len(data)
                yield data


Content = bytes | Slice


@dataclass(frozen=True, slots=True)
class Sealed:
    """A package that is ready to be written."""

    sha256: str
    """Digest of the manifest: what is noted outside, in the letter and in the audit log."""
    size: int
    """Bytes of the ZIP."""
    places: Mapping[str, tuple[int, int]]
    """Offset and size of each file's content, by name; the manifest and its digest included."""
    pieces: Callable[[], Iterator[bytes]]
    """Its bytes."""


def record_of(shelf: Shelf, file: str, offset: int) -> Slice:
    """The records of one exchange, cut out whole: from the first up to the metadata record that guards them."""
    sink = MetadataSink()
    with shelf.open(file, RECORD) as handle:
        for member in walk(handle, shelf.size(file), sink.begin, offset):
            if isinstance(member, Damaged):
                raise ArchiveError(f"{file} at byte {offset}: {member}; run adwatch evidence verify")
            if sink.content() is not None:
                return Slice(shelf, file, offset, member.offset + member.length - offset)
    raise ArchiveError(
        f"{file} at byte {offset}: the metadata record behind it is missing; run adwatch evidence verify"
    )


def seal(head: Mapping[str, Any], files: Mapping[str, Content]) -> Sealed:
    """Measure the files and lay out their package; ``head`` says what it is of."""
    measured = [_measured(name, content) for name, content in sorted(files.items())]
    sums = "".join(f"{sha256}  {member.name}\n" for member, sha256 in measured).encode()
    measured.append(_measured(SUMS, sums))
    listed = [
        {"name": member.name, "size": member.size, "sha256": sha256, "crc32": f"{member.crc:08x}"}
        for member, sha256 in measured
    ]
    manifest = manifest_bytes({**head, "schema": SCHEMA, "files": listed})
    digest = hashlib.sha256(manifest).hexdigest()
    contents: dict[str, Content] = {MANIFEST: manifest, SEAL: seal_bytes(digest), **files, SUMS: sums}
    members = [_measured(name, contents[name])[0] for name in (MANIFEST, SEAL)]
    members += [member for member, _ in measured]
    digests = {member.name: sha256 for member, sha256 in measured}
    end = tail(members, comment_bytes(digest))
    size = sum(len(local_header(member)) + member.size for member in members) + len(end)

    def pieces() -> Iterator[bytes]:
        for member in members:
            yield local_header(member)
            yield from _again(member, contents[member.name], digests.get(member.name))
        yield end

    heads = zip(members, offsets(members)[:-1], strict=True)
    places = {member.name: (at + len(local_header(member)), member.size) for member, at in heads}
    return Sealed(digest, size, places, pieces)


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """A manifest as its digest is taken; lines, so that people can read it."""
    return orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def seal_bytes(digest: str) -> bytes:
    """Content of ``manifest.sha256``, as ``sha256sum --check`` reads it."""
    return f"{digest}  {MANIFEST}\n".encode()


def comment_bytes(digest: str) -> bytes:
    """The comment at the end of the ZIP."""
    return f"{SCHEMA} sha256:{digest}".encode()


def _pieces(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    else:
        yield from content.pieces()


def _measured(name: str, content: Content) -> tuple[Member, str]:
    if not is_safe(name):
        raise ValueError(f"{name!r}: no name for a file of a package")
    size, crc, digest = 0, 0, hashlib.sha256()
    for data in _pieces(content):
        size, crc = size + len(data), zlib.crc32(data, crc)
        digest.update(data)
    return Member(name, size, crc), digest.hexdigest()


def _again(member: Member, content: Content, sha256: str | None) -> Iterator[bytes]:
    """The bytes a second time; an ArchiveError where they are no longer those that were measured."""
    digest = hashlib.sha256()
    for data in _pieces(content):
        digest.update(data)
        yield data
    if sha256 is not None and digest.hexdigest() != sha256:
        raise ArchiveError(f"{member.name}: changed while the package was written; write it again")
