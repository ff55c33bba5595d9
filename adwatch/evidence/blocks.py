"""Checks the plain bytes of one WARC record against the digests in its own headers, piece by piece."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import orjson

_HEAD_LIMIT = 1 << 20
_KEPT_LIMIT = 16 * 1024 * 1024
_END = b"\r\n\r\n"
_SMALL = ("metadata", "warcinfo")


class RecordCheck:
    """Takes a record's bytes and says what is wrong with it; a large record is never held whole."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.plain = b""
        """The whole record, of the small kinds that must be rebuilt byte for byte."""
        self._head = bytearray()
        self._in_block = False
        self._tail = b""
        self._size = 0
        self._block = hashlib.sha256()
        self._payload = hashlib.sha256()
        self._http_head: bytearray | None = None

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        if self._in_block:
            self._feed_block(data)
            return
        self._head += data
        at = self._head.find(_END)
        if at < 0:
            if len(self._head) > _HEAD_LIMIT:
                self._in_block = True
            return
        self._in_block = True
        self.headers = _parse_headers(bytes(self._head[:at]))
        if self.headers.get("content-type", "").startswith("application/http"):
            self._http_head = bytearray()
        if self.record_type in _SMALL:
            self.plain = bytes(self._head[: at + len(_END)])
        self._feed_block(bytes(self._head[at + len(_END) :]))

    @property
    def record_type(self) -> str:
        """WARC-Type, or nothing where the headers could not be read."""
        return self.headers.get("warc-type", "")

    def _feed_block(self, data: bytes) -> None:
        if self.record_type in _SMALL and len(self.plain) < _KEPT_LIMIT:
            self.plain += data
        data = self._tail + data
        self._tail = data[-len(_END) :]
        data = data[: -len(_END)]
        self._size += len(data)
        self._block.update(data)
        if self._http_head is None:
            self._payload.update(data)
            return
        self._http_head += data
        at = self._http_head.find(_END)
        if at >= 0:
            self._payload.update(self._http_head[at + len(_END) :])
            self._http_head = None

    def faults(self) -> list[str]:
        """What is wrong, once all bytes were fed."""
        if not self.headers:
            return ["its WARC headers cannot be read"]
        out = []
        if self._tail != _END:
            out.append("its end mark is missing")
        if self.headers.get("content-length") != str(self._size):
            out.append(f"its block has {self._size} bytes, its header says {self.headers.get('content-length')}")
        if not _same(self.headers.get("warc-block-digest"), self._block.hexdigest()):
            out.append("WARC-Block-Digest differs")
        declared = self.headers.get("warc-payload-digest") if self.record_type != "revisit" else None
        if declared is not None and not _same(declared, self._payload.hexdigest()):
            out.append("WARC-Payload-Digest differs")
        return out

    def json(self) -> dict[str, Any]:
        """Content of a metadata record; empty if it is not JSON."""
        _, _, block = self.plain.partition(_END)
        try:
            found = orjson.loads(block.removesuffix(_END))
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}


def _same(declared: str | None, computed: str) -> bool:
    return declared == f"sha256:{computed}"


def _parse_headers(head: bytes) -> dict[str, str]:
    lines = head.decode("utf-8", "replace").split("\r\n")
    if not re.fullmatch(r"WARC/1\.\d", lines[0]):
        return {}
    pairs = (line.partition(":") for line in lines[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
