"""Content codings of HTTP bodies, undone within a limit: a small answer may not become a large one."""

from __future__ import annotations

import zlib

DECODED_LIMIT = 32 * 1024 * 1024
"""Bytes a body may have once decoded."""

_LAYERS = 3


class Undecodable(ValueError):
    """The body is not what its Content-Encoding says, or grows beyond the limit."""


def decode_body(body: bytes, encoding: str | None, limit: int = DECODED_LIMIT) -> bytes:
    """The body with its content codings undone, last applied first."""
    codings = [name.strip().lower() for name in (encoding or "").split(",")]
    codings = [name for name in codings if name not in ("", "identity")]
    if len(codings) > _LAYERS:
        raise Undecodable(f"{len(codings)} content codings on one body")
    for name in reversed(codings):
        body = _undo(body, name, limit)
    if len(body) > limit:
        raise Undecodable(f"more than {limit:,} bytes")
    return body


def _undo(body: bytes, name: str, limit: int) -> bytes:
    if not body:
        return body
    if name in ("gzip", "x-gzip"):
        return _inflate(body, zlib.MAX_WBITS | 16, limit)
    if name == "deflate":
        try:
            return _inflate(body, zlib.MAX_WBITS, limit)
        except Undecodable:
            if body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0:
                raise
            return _inflate(body, -zlib.MAX_WBITS, limit)
    raise Undecodable(f"unknown content coding {name!r}")


def _inflate(body: bytes, wbits: int, limit: int) -> bytes:
    out: list[bytes] = []
    size, rest = 0, body
    while rest:
        inflater = zlib.decompressobj(wbits)
        try:
            piece = inflater.decompress(rest, limit - size + 1)
        except zlib.error as error:
            if out:
                break  # bytes behind the last member are ignored, as browsers do
            raise Undecodable(f"not valid compressed data ({error})") from error
        size += len(piece)
        out.append(piece)
        if size > limit:
            raise Undecodable(f"grows beyond {limit:,} bytes when decompressed")
        if not inflater.eof:
            raise Undecodable("compressed data is cut short")
        rest = inflater.unused_data.lstrip(b"\0")
    return b"".join(out)
