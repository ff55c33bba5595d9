"""One file into the object store: sent with digests, an interrupted upload taken up, and proven to have arrived.

Each part carries its MD5 and SHA-256, so a store that checks them refuses what was damaged on its way. A process that
died leaves parts in the store; the next one keeps those that are the file's own and sends the rest.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adwatch.archive.object_store import ALTERED, MISSING, RIGHTS, ObjectStore, ObjectStoreError, Stat
from adwatch.failpoints import failpoint

READ, CHECKSUM = "read", "checksum"
"""Proofs: the whole object read back, or the SHA-256 that the store says it has."""

_TYPE = "application/warc"


@dataclass(frozen=True, slots=True)
class Digest:
    """What a local file is."""

    size: int
    sha256: str
    """Hex, of the whole."""
    parts: tuple[bytes, ...]
    """SHA-256 of each part."""

    def checksum(self) -> str:
        """As S3 states it: of the whole where the file is one part, else of the parts' digests."""
        if len(self.parts) == 1:
            return base64.b64encode(self.parts[0]).decode()
        return f"{base64.b64encode(hashlib.sha256(b''.join(self.parts)).digest()).decode()}-{len(self.parts)}"


def digest_of(path: Path, part: int) -> Digest:
    """Read a file once."""
    whole, parts, size = hashlib.sha256(), [], 0
    for data in _parts(path, part):
        whole.update(data)
        parts.append(hashlib.sha256(data).digest())
        size += len(data)
    return Digest(size, whole.hexdigest(), tuple(parts))


def _parts(path: Path, part: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while data := file.read(part):
            yield data


def put(store: ObjectStore, name: str, path: Path, digest: Digest) -> None:
    """Send a file whole; the object is there when the last request is answered, never in part."""
    described = {"ContentType": _TYPE, "Metadata": {"sha256": digest.sha256}}
    if len(digest.parts) == 1:
        data = path.read_bytes()
        failpoint("upload.begun")
        store.call("put_object", name, Body=data, **described, **_digests(data))
    else:
        _put_parts(store, name, path, digest, described)
    failpoint("upload.sent")


def _digests(data: bytes) -> dict[str, str]:
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    sha256 = hashlib.sha256(data).digest()
    return {"ContentMD5": base64.b64encode(md5).decode(), "ChecksumSHA256": base64.b64encode(sha256).decode()}


def _put_parts(store: ObjectStore, name: str, path: Path, digest: Digest, described: dict[str, Any]) -> None:
    upload, there = _begun(store, name)
    if upload is None:
        upload = store.call("create_multipart_upload", name, ChecksumAlgorithm="SHA256", **described)["UploadId"]
    failpoint("upload.begun")
    sent = []
    for number, data in enumerate(_parts(path, store.part), 1):
        checks = _digests(data)
        etag = there.get(number, "")
        if etag != hashlib.md5(data, usedforsecurity=False).hexdigest():
            answer = store.call("upload_part", name, UploadId=upload, PartNumber=number, Body=data, **checks)
            etag = str(answer["ETag"]).strip('"')
            failpoint("upload.part")
        sent.append({"PartNumber": number, "ETag": etag, "ChecksumSHA256": checks["ChecksumSHA256"]})
    failpoint("upload.parts")
    store.call("complete_multipart_upload", name, UploadId=upload, MultipartUpload={"Parts": sent})


def _begun(store: ObjectStore, name: str) -> tuple[str | None, dict[int, str]]:
    """The newest interrupted upload of a file with the mark (MD5) of each part there; older ones are given up."""
    uploads = sorted(interrupted(store, name), key=lambda one: one["Initiated"])
    for older in uploads[:-1]:
        try:
            store.call("abort_multipart_upload", name, UploadId=older["UploadId"])
        except ObjectStoreError as error:
            if error.word != RIGHTS:  # a key need not have this right: the bucket's own rule clears them away
                raise
    if not uploads:
        return None, {}
    upload = str(uploads[-1]["UploadId"])
    there: dict[int, str] = {}
    after: dict[str, int] = {}
    while True:
        page = store.call("list_parts", name, UploadId=upload, **after)
        there |= {int(part["PartNumber"]): str(part["ETag"]).strip('"') for part in page.get("Parts", ())}
        if not page.get("IsTruncated"):
            return upload, there
        after = {"PartNumberMarker": int(page["NextPartNumberMarker"])}


def interrupted(store: ObjectStore, name: str = "") -> list[dict[str, Any]]:
    """Uploads of a file, or of all, that were begun and not ended."""
    key = store.key(name)
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = store.call("list_multipart_uploads", Prefix=key, **after)
        found += [one for one in page.get("Uploads", ()) if not name or one["Key"] == key]
        if not page.get("IsTruncated"):
            return found
        after = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}


def prove(store: ObjectStore, name: str, digest: Digest, proof: str) -> tuple[Stat, str]:
    """Whether the store has exactly the file: what it says, and which proof was had; else an ObjectStoreError.

    Size and, where the store states one, SHA-256 are compared; then the object is read back, unless the store's own
    SHA-256 is to be enough and is the file's.
    """
    stat = store.stat(name)
    if stat is None:
        raise ObjectStoreError(MISSING, store.url(name))
    if stat.size != digest.size:
        raise ObjectStoreError(ALTERED, store.url(name), f"{stat.size:,} bytes there, {digest.size:,} here")
    stated = stat.checksum
    ours = digest.checksum()
    # another number of parts was sent with another part size: that digest says nothing about ours
    if stated is not None and stated != ours and stated.partition("-")[2] == ours.partition("-")[2]:
        raise ObjectStoreError(ALTERED, store.url(name), "by the store's own SHA-256")
    if proof == CHECKSUM and stated == ours:
        return stat, CHECKSUM
    if read_back(store, name, stat.size) != digest.sha256:
        raise ObjectStoreError(ALTERED, store.url(name), "read back")
    return stat, READ


def read_back(store: ObjectStore, name: str, size: int) -> str:
    """SHA-256 of an object, in hex, read from the store."""
    whole = hashlib.sha256()
    for data in store.chunks(name, size):
        whole.update(data)
    return whole.hexdigest()
