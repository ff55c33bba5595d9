"""Content codings are undone within a limit."""

from __future__ import annotations

import gzip
import zlib

import pytest

from adwatch.archive import Undecodable, decode_body


def packed(data: bytes) -> bytes:
    """Gzip without a time stamp: test ids must not change from process to process."""
    return gzip.compress(data, mtime=0)


TEXT = "特种作业操作证".encode() * 50
RAW = zlib.compressobj(9, zlib.DEFLATED, -15)
RAW_DEFLATE = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT, None),
        (TEXT, ""),
        (TEXT, "identity"),
        (packed(TEXT), "gzip"),
        (packed(TEXT), " X-GZIP "),
        (packed(TEXT[:90]) + packed(TEXT[90:]), "gzip"),
        (packed(TEXT) + b"\0\0junk", "gzip"),
        (zlib.compress(TEXT), "deflate"),
        (RAW_DEFLATE, "deflate"),
        (packed(zlib.compress(TEXT)), "deflate, gzip"),
    ],
)
def test_what_is_decoded(body: bytes, encoding: str | None) -> None:
    assert decode_body(body, encoding) == TEXT


def test_an_empty_body_needs_no_decoding() -> None:
    assert decode_body(b"", "gzip") == b""


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT, "gzip"),
        (packed(TEXT)[:-9], "gzip"),
        (packed(TEXT), "deflate"),
        (zlib.compress(TEXT)[:-3], "deflate"),
        (TEXT, "br"),
        (TEXT, "gzip, gzip, gzip, gzip"),
    ],
)
def test_what_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(Undecodable):
        decode_body(body, encoding)


def test_a_bomb_stops_at_the_limit() -> None:
    bomb = packed(b"\0" * 50_000_000)
    with pytest.raises(Undecodable, match="grows beyond 1,000,000"):
        decode_body(bomb, "gzip", 1_000_000)
    with pytest.raises(Undecodable, match="grows beyond"):
        decode_body(packed(bomb), "gzip, gzip", 1_000_000)
    assert len(decode_body(packed(b"\0" * 1000), "gzip", 1000)) == 1000
