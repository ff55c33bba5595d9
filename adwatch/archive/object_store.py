"""A bucket of an S3-compatible store, reached through fsspec (s3fs): what is asked of it, and its errors in words.

Nothing here overwrites or deletes an object. What a store says of itself may be wrong or hostile: of its errors only
the code is shown, and never a key or a secret.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from adwatch.errors import ArchiveError, SettingsError

PART = 32 * 1024 * 1024
"""Bytes of a part of an upload; a store takes 10,000 parts, none but the last below 5 MiB."""

CREDENTIALS, RIGHTS, BUCKET, NETWORK = "credentials", "rights", "bucket", "network"
REFUSED, ALTERED, MISSING = "refused", "altered", "missing"

OF_THE_STORE = (CREDENTIALS, RIGHTS, BUCKET, NETWORK)
"""Words of what is wrong with the store as a whole: another file would fare no better."""

_SAID = {
    CREDENTIALS: "the store does not accept our credentials; check ADWATCH_ARCHIVE_KEY and ADWATCH_ARCHIVE_SECRET "
    "凭证不被接受",
    RIGHTS: "our key may not do this; give it the rights of docs/deploy.md 权限不足",
    BUCKET: "there is no such bucket; make it, or correct ADWATCH_ARCHIVE_URL 存储桶不存在",
    NETWORK: "the store cannot be reached; check the network and ADWATCH_ARCHIVE_ENDPOINT 无法连接",
    REFUSED: "the store refused 被存储拒绝",
    ALTERED: "what arrived is not what was sent: the digest differs 摘要不符",
    MISSING: "the object is not there 对象不存在",
}

_WORDS = {
    "NoSuchBucket": BUCKET,
    "InvalidBucketName": BUCKET,
    "InvalidAccessKeyId": CREDENTIALS,
    "InvalidClientTokenId": CREDENTIALS,
    "SignatureDoesNotMatch": CREDENTIALS,
    "AuthFailure": CREDENTIALS,
    "ExpiredToken": CREDENTIALS,
    "InvalidToken": CREDENTIALS,
    "RequestTimeTooSkewed": CREDENTIALS,
    "AccessDenied": RIGHTS,
    "AllAccessDisabled": RIGHTS,
    "403": RIGHTS,
    "NoSuchKey": MISSING,
    "NoSuchVersion": MISSING,
    "NoSuchUpload": MISSING,
    "404": MISSING,
    "BadDigest": ALTERED,
    "InvalidDigest": ALTERED,
    "XAmzContentSHA256Mismatch": ALTERED,
    "500": NETWORK,
    "503": NETWORK,
    "InternalError": NETWORK,
    "ServiceUnavailable": NETWORK,
    "SlowDown": NETWORK,
    "RequestTimeout": NETWORK,
}
"""Codes of S3's answers (docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html) by what to do."""


class ObjectStoreError(ArchiveError):
    """The object store cannot be used, or has not what it should; ``word`` says which."""

    def __init__(self, word: str, where: str, detail: str = "") -> None:
        super().__init__(f"{where}: {word}: {_SAID[word]}" + (f" ({detail})" if detail else ""))
        self.word = word


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Which bucket, and how it is reached."""

    bucket: str
    prefix: str = ""
    """Before every key, without slashes at its ends."""
    endpoint: str | None = None
    """URL of an S3-compatible server; None: Amazon's own of the region."""
    region: str | None = None
    key: str | None = None
    """Access key; without it what the machine has (AWS_* variables, a role)."""
    secret: str | None = None
    ca: str | None = None
    """File with the certificate authority of the server."""

    @property
    def url(self) -> str:
        """As it is shown."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Stat:
    """What the store says of an object."""

    size: int
    etag: str
    checksum: str | None = None
    """SHA-256 in base64, of the whole or (``...-N``) of the digests of N parts; None: the store keeps none."""
    sha256: str | None = None
    """Hex digest that was written beside the object when it was put."""
    version: str | None = None


class ObjectStore:
    """One bucket, one prefix."""

    def __init__(self, address: Address, part: int = PART) -> None:
        self.address = address
        self.part = part

    @cached_property
    def _fs(self) -> Any:
        try:
            import s3fs
        except ImportError as error:
            raise SettingsError("ADWATCH_ARCHIVE_URL: s3:// needs the extra s3: pip install 'adwatch[s3]'") from error
        address = self.address
        config: dict[str, Any] = {
            "connect_timeout": 10,
            "read_timeout": 60,
            "retries": {"mode": "standard", "max_attempts": 3},
            # digests are sent by ourselves; the library's own trailers are unknown to many servers
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
        if address.endpoint:
            config["s3"] = {"addressing_style": "path"}
        client = {"region_name": address.region or "us-east-1", "verify": address.ca}
        made = s3fs.S3FileSystem(
            key=address.key,
            secret=address.secret,
            endpoint_url=address.endpoint,
            client_kwargs={name: value for name, value in client.items() if value},
            config_kwargs=config,
            use_listings_cache=False,
            skip_instance_cache=True,
        )
        made.retries = 2  # each is up to three attempts of the library below
        return made

    def close(self) -> None:
        """Close the connections."""
        if "_fs" in self.__dict__ and (creator := getattr(self._fs, "_s3creator", None)) is not None:
            self._fs.close_session(self._fs.loop, creator)

    def url(self, name: str) -> str:
        """Address of a file's object."""
        return f"{self.address.url}/{name}"

    def key(self, name: str) -> str:
        """Key of a file's object."""
        return f"{self.address.prefix}/{name}".lstrip("/")

    def call(self, method: str, name: str | None = None, **values: Any) -> dict[str, Any]:
        """One request of S3's API, about a file's object or about the bucket; an ObjectStoreError if it fails."""
        if name is not None:
            values["Key"] = self.key(name)
        try:
            answer: dict[str, Any] = self._fs.call_s3(method, Bucket=self.address.bucket, **values)
        except SettingsError:
            raise
        except Exception as error:
            raise self._error(error, self.address.url if name is None else self.url(name)) from error
        return answer

    def _error(self, error: Exception, where: str) -> ObjectStoreError:
        """The library's errors are of many kinds; S3's own code is in what caused them."""
        cause = error if hasattr(error, "response") else error.__cause__
        response = getattr(cause, "response", None)
        if isinstance(response, dict):
            code = str(response.get("Error", {}).get("Code", "?"))
            shown = re.sub(r"[^A-Za-z0-9.]", "", code)[:60]
            return ObjectStoreError(_WORDS.get(code, REFUSED), where, shown)
        name = type(error).__name__
        if "Credentials" in name:
            return ObjectStoreError(CREDENTIALS, where, name)
        if isinstance(error, FileNotFoundError):
            return ObjectStoreError(MISSING, where)
        if name == "ParamValidationError":
            return ObjectStoreError(REFUSED, where, name)
        return ObjectStoreError(NETWORK, where, name)

    def stat(self, name: str) -> Stat | None:
        """What the store says of a file's object; None where there is none."""
        try:
            head = self.call("head_object", name, ChecksumMode="ENABLED")
        except ObjectStoreError as error:
            if error.word != MISSING:
                raise
            self.reach()  # an answer without a body cannot say that the bucket is missing
            return None
        version = head.get("VersionId")
        return Stat(
            size=int(head["ContentLength"]),
            etag=str(head.get("ETag", "")).strip('"'),
            checksum=head.get("ChecksumSHA256"),
            sha256=head.get("Metadata", {}).get("sha256"),
            version=version if version != "null" else None,
        )

    def reach(self) -> None:
        """An ObjectStoreError that says why the bucket cannot be used, if it cannot."""
        self.call("list_objects_v2", Prefix=self.key(""), MaxKeys=1)

    def listed(self) -> dict[str, Stat]:
        """All WARC files of the prefix with size and mark."""
        found: dict[str, Stat] = {}
        token: dict[str, str] = {}
        start = self.key("")
        while True:
            page = self.call("list_objects_v2", Prefix=start, **token)
            for row in page.get("Contents", ()):
                name = str(row["Key"]).removeprefix(start)
                if re.fullmatch(r"\d{4}-\d\d-\d\d/[^/]+\.warc\.gz", name):
                    found[name] = Stat(int(row["Size"]), str(row["ETag"]).strip('"'))
            if not page.get("IsTruncated"):
                return found
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def lock(self) -> str:
        """The bucket's object lock in words: mode and time of its default retention, none, or not told."""
        try:
            found = self.call("get_object_lock_configuration")["ObjectLockConfiguration"]
        except ObjectStoreError as error:
            if error.word in (CREDENTIALS, BUCKET, NETWORK):
                raise
            return "not told" if error.word == RIGHTS else "none"
        rule = found.get("Rule", {}).get("DefaultRetention")
        if not rule:
            return "on, without a default retention"
        span = f"{rule['Days']} days" if "Days" in rule else f"{rule['Years']} years"
        return f"{rule['Mode']}, {span}"

    def chunks(self, name: str, size: int, piece: int = 1 << 23) -> Iterator[bytes]:
        """The bytes of an object."""
        for start in range(0, size, piece):
            yield self.range(name, start, min(size, start + piece))

    def range(self, name: str, start: int, end: int) -> bytes:
        """Bytes of an object, from ``start`` to before ``end``."""
        try:
            data: bytes = self._fs.cat_file(f"{self.address.bucket}/{self.key(name)}", start=start, end=end)
        except Exception as error:
            raise self._error(error, self.url(name)) from error
        return data

    def open(self, name: str, size: int, buffer: int) -> BinaryIO:
        """An object to read and seek in, asked for in pieces of ``buffer`` bytes."""
        return io.BufferedReader(_Remote(self, name, size), buffer)


class _Remote(io.RawIOBase):
    """An object as a raw file."""

    def __init__(self, store: ObjectStore, name: str, size: int) -> None:
        super().__init__()
        self._store, self._name, self._size, self._at = store, name, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._size, self._at + len(buffer))
        if end <= self._at:
            return 0
        data = self._store.range(self._name, self._at, end)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
