"""One picture read whole: its text as one field whose spans lead back to boxes, its codes, its hash."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from adwatch.pictures.codes import Code, codes_in, printed
from adwatch.pictures.ocr import Line, Ocr
from adwatch.pictures.opened import Opened, open_picture

CODE = 1
"""Raised when pictures would be read otherwise by our own code."""
NEEDED = ("rapidocr-onnxruntime", "zxing-cpp", "Pillow", "ImageHash")


@dataclass(frozen=True, slots=True)
class Span:
    """Where a line stands in the text."""

    start: int
    end: int
    box: tuple[int, ...]
    """x, y of four corners in pixels of the picture, turned as its EXIF says."""
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a picture says."""

    sha256: str
    phash: str
    width: int
    height: int
    format: str
    text: str
    """Lines in the reader's order, one a line."""
    spans: tuple[Span, ...]
    """Of the lines, in the same order."""
    codes: tuple[Code, ...]
    """Codes and printed addresses."""


def missing() -> str:
    """Why pictures cannot be read here; empty where they can."""
    for name in NEEDED:
        try:
            version(name)
        except PackageNotFoundError:
            return f"{name} is not installed; pip install 'adwatch[ocr,images]'"
    try:
        import cv2  # noqa: F401 - it needs libraries of the system
        import rapidocr_onnxruntime  # noqa: F401
        import zxingcpp  # noqa: F401
    except (ImportError, OSError) as error:
        return f"the reader of pictures cannot be loaded ({error}); apt-get install libgl1 libglib2.0-0"
    return ""


def reader_version() -> str:
    """What reads: library versions and our own."""
    return f"rapidocr-{version('rapidocr-onnxruntime')} zxing-{version('zxing-cpp')} adwatch-{CODE}"


@dataclass(slots=True)
class Reader:
    """Reads pictures; one for a thread."""

    ocr: Ocr
    total: float = 0.0
    """Seconds spent in all."""

    @classmethod
    def load(cls) -> Reader:
        """With the models loaded."""
        return cls(Ocr())

    def read(self, body: bytes) -> Reading:
        """Read a picture; a PictureRefused says why it is not."""
        started = time.perf_counter()
        try:
            return self.read_opened(open_picture(body), hashlib.sha256(body).hexdigest())
        finally:
            self.total += time.perf_counter() - started

    def read_opened(self, opened: Opened, sha256: str) -> Reading:
        """Read a decoded picture."""
        lines = self.ocr.read(opened.pixels)
        text, spans = joined(lines)
        codes = (*codes_in(opened.pixels), *printed(lines))
        return Reading(sha256, opened.phash, *opened.size, opened.format, text, spans, codes)


def joined(lines: Sequence[Line]) -> tuple[str, tuple[Span, ...]]:
    """The text of the lines, and where each stands in it."""
    spans: list[Span] = []
    at = 0
    for line in lines:
        spans.append(Span(at, at + len(line.text), line.box, line.score))
        at += len(line.text) + 1
    return "\n".join(line.text for line in lines), tuple(spans)


def boxes(spans: Sequence[Span], start: int, end: int) -> Iterator[tuple[int, ...]]:
    """The places of a stretch of the text: of each line the share of it that the stretch takes."""
    for span in spans:
        first, last = max(start, span.start), min(end, span.end)
        if first < last:
            size = span.end - span.start
            yield _part(span, (first - span.start) / size, (last - span.start) / size)


def _part(span: Span, begin: float, end: float) -> tuple[int, ...]:
    """A share of a line's box along its longer side: letters are taken to be equally wide."""
    x0, y0, x1, y1, x2, y2, x3, y3 = span.box
    if abs(x1 - x0) + abs(y1 - y0) < abs(x3 - x0) + abs(y3 - y0):  # a standing line: along its other side
        x1, y1, x3, y3 = x3, y3, x1, y1
    upper = [(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share) for share in (begin, end)]
    lower = [(x3 + (x2 - x3) * share, y3 + (y2 - y3) * share) for share in (end, begin)]
    return tuple(round(value) for point in (*upper, *lower) for value in point)
