"""Gzip members: written so that a flipped byte shows, read piece by piece."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwatch.archive.members import HEADER, Damaged, deflated, next_member, read_member, stored


def _read(data: bytes, offset: int = 0) -> bytes:
    out: list[bytes] = []
    read_member(io.BytesIO(data), offset, out.append)
    return b"".join(out)


@settings(deadline=None)
@given(st.binary(max_size=200_000))
def test_both_ways_of_writing_are_gzip(data: bytes) -> None:
    assert gzip.decompress(stored(data)) == gzip.decompress(deflated(data)) == data
    assert _read(stored(data)) == _read(deflated(data)) == data


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 131070, 131071])
def test_stored_blocks_at_their_limits(size: int) -> None:
    assert gzip.decompress(stored(b"x" * size)) == b"x" * size


def test_a_member_knows_where_it_ends() -> None:
    first, second = deflated(b"WARC/1.1 a"), deflated(b"WARC/1.1 b")
    found = read_member(io.BytesIO(first + second), 0, lambda _: None)
    assert found.length == len(first)
    assert _read(first + second, len(first)) == b"WARC/1.1 b"


def test_damage_is_named_and_reading_goes_on() -> None:
    first, second = deflated(b"WARC/1.1 a"), deflated(b"WARC/1.1 b")
    with pytest.raises(Damaged) as cut:
        _read(first[:-1])
    assert cut.value.word == "cut"
    with pytest.raises(Damaged) as altered:
        _read(first[:-1] + b"\xff" + second)
    assert altered.value.word == "altered"
    assert next_member(io.BytesIO(first + second), 1) == len(first)


def test_the_next_member_must_be_a_record() -> None:
    assert next_member(io.BytesIO(b"x" + deflated(b"HTTP/1.1")), 0) is None
    assert next_member(io.BytesIO(b"x" * 70_000 + HEADER + b"junk" + deflated(b"WARC/1.1")), 0) == 70_014
