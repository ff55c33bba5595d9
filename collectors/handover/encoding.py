"""Bytes of a handed-over text file → lines: its encoding found, gzip undone, no line over LINE_LIMIT in memory."""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

CHUNK = 1 << 20
LINE_LIMIT = 16 << 20
"""Longest line held in memory, in bytes or characters; a longer one is skipped and named."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN = re.compile("[^\x00-\x7f\ufffd]")


class Rejoined(io.RawIOBase):
    """A stream whose first bytes were read to see what it is, put together again."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes: what is left of the head, or the next of the rest."""
        if self._head:
            size = len(self._head) if size < 0 else size
            part, self._head = self._head[:size], self._head[size:]
            return part
        return self._rest.read(size)


class Gunzip(io.RawIOBase):
    """Undoes gzip, one or many members, and gives all that came before the place where the file was cut off."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._inflate = zlib.decompressobj(wbits=31)
        self.failed: str | None = None
        """Why it stopped before the end, if it did."""

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` decompressed bytes; empty at the end, and then ``failed`` says whether it was the true end."""
        while not self.failed:
            source = self._inflate.unused_data or self._inflate.unconsumed_tail
            if self._inflate.eof:
                source = (source or self._stream.read(CHUNK)).lstrip(b"\0")
                if not source:
                    return b""
                self._inflate = zlib.decompressobj(wbits=31)
            source = source or self._stream.read(CHUNK)
            if not source:
                self.failed = "the compressed file ends in the middle"
                break
            try:
                part = self._inflate.decompress(source, max(size, 0) or CHUNK)
            except zlib.error as error:
                self.failed = f"the compressed data are damaged ({error})"
                break
            if part:
                return part
        return b""


def encoding_of(sample: bytes) -> str | None:
    """Encoding of a text by its byte order mark or its zero bytes; None where only its non-ASCII bytes can tell."""
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    zeros = sample.count(0)
    if zeros * 10 > len(sample):
        odd = sample[1::2].count(0)
        if odd * 10 >= zeros * 9:
            return "utf-16-le"
        if odd * 10 <= zeros:
            return "utf-16-be"
    return None


def strip_mark(sample: bytes) -> bytes:
    """The text without its byte order mark."""
    for mark, _ in _BOMS:
        if sample.startswith(mark):
            return sample[len(mark) :]
    return sample


def guess(sample: bytes) -> str:
    """utf-8 or gb18030, by a piece that holds non-ASCII bytes; a few bad bytes do not make a UTF-8 file Chinese."""
    decoder = codecs.getincrementaldecoder("utf-8")
    try:
        decoder().decode(sample)
    except UnicodeDecodeError:
        text = decoder("replace").decode(sample)
        return "utf-8" if text.count("\ufffd") * 4 < len(_FOREIGN.findall(text)) else "gb18030"
    return "utf-8"


def decode_piece(piece: bytes) -> str:
    """One line or value decoded by itself; what cannot be read becomes U+FFFD."""
    return piece.decode(guess(piece), "replace")


class LazyDecoder:
    """Incremental decoder that settles between UTF-8 and GB18030 at the first piece that is not ASCII."""

    def __init__(self, encoding: str | None) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None

    def decode(self, piece: bytes, final: bool) -> str:
        """The piece as text; with ``final``, what is left over too."""
        if self._decoder is None:
            if piece.isascii():
                return piece.decode("ascii")
            self._decoder = codecs.getincrementaldecoder(guess(piece))("replace")
        return self._decoder.decode(piece, final)


def byte_lines(read: Callable[[int], bytes]) -> Iterator[bytes | None]:
    """Lines without their newline; None for one over LINE_LIMIT."""
    tail, skipping = b"", False
    while piece := read(CHUNK):
        lines = (tail + piece).split(b"\n")
        tail = lines.pop()
        if lines and skipping:
            lines[0], skipping = None, False  # type: ignore[call-overload]
        yield from lines
        if skipping or len(tail) > LINE_LIMIT:
            tail, skipping = b"", True
    if skipping:
        yield None
    elif tail:
        yield tail


def text_pieces(read: Callable[[int], bytes], encoding: str | None) -> Iterator[str]:
    """The text in pieces of about CHUNK."""
    decoder = LazyDecoder(encoding)
    while piece := read(CHUNK):
        yield decoder.decode(piece, False)
    if rest := decoder.decode(b"", True):
        yield rest


def text_lines(read: Callable[[int], bytes], encoding: str | None) -> Iterator[str | None]:
    """Lines with their ends (LF, CR LF or CR, and no other character ends a line); None for one over LINE_LIMIT."""
    tail, skipping = "", False
    for piece in text_pieces(read, encoding):
        text = tail + piece
        if text.endswith("\r"):  # its LF may come with the next piece
            text, held = text[:-1], "\r"
        else:
            held = ""
        lines: list[str] = io.StringIO(text, newline="").readlines()
        tail = (lines.pop() if lines and lines[-1][-1] not in "\r\n" else "") + held
        if lines and skipping:
            lines[0], skipping = None, False  # type: ignore[call-overload]
        yield from lines
        if skipping or len(tail) > LINE_LIMIT:
            tail, skipping = "", True
    if skipping:
        yield None
    elif tail:
        yield tail
