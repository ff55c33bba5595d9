"""Words in a picture: PP-OCRv4 (detection, direction, recognition) by rapidocr-onnxruntime, on one core.

A long picture is read in pieces that overlap, so that small letters stay as large as they are. Lines that are read
badly are read again from their own cut, with dots and lines filtered out and the contrast stretched; a picture in which
nothing is found is looked at once more with its contrast raised.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adwatch.pictures.opened import opencv
from adwatch.pictures.order import in_order

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

SIDE = 1600
"""Pixels a side of a piece that is looked at at once; wider pictures are made smaller."""
OVERLAP = 160
"""Pixels that two pieces share: higher than a line."""
SLIM = 4
"""A piece longer than this many times its width is given a margin: the detector enlarges the shorter side."""
KEPT = 0.5
"""Confidence below which a line is thought to be no text."""
GOOD = 0.93
"""Confidence below which a line is read again."""
MOST = 400
"""Lines of one picture."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as read."""

    text: str
    box: tuple[int, ...]
    """x, y of four corners in pixels of the picture, clockwise from where the line begins as the detector sees it."""
    score: float
    """Confidence, 0..1."""
    upside: bool = False
    """Whether it stands on its head."""


@dataclass(slots=True)
class Seconds:
    """Where the time went, in seconds."""

    detection: float = 0.0
    recognition: float = 0.0
    pictures: int = 0


@dataclass(slots=True)
class Ocr:
    """The models, loaded at once (0.3 s, 150 MB); one for a thread."""

    seconds: Seconds = field(default_factory=Seconds)
    engine: Any = field(init=False)

    def __post_init__(self) -> None:
        from rapidocr_onnxruntime import RapidOCR

        self.engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(self, pixels: Pixels) -> list[Line]:
        """Lines of a picture (height × width × 3, RGB) in the reader's order."""
        self.seconds.pictures += 1
        lines = self._pieces(pixels)
        if not lines and (raised := _raised(pixels)) is not None:
            lines = self._pieces(raised)
        return in_order(lines)[:MOST]

    def _pieces(self, pixels: Pixels) -> list[Line]:
        import numpy as np

        cv2 = opencv()

        factor = min(1.0, SIDE / pixels.shape[1])
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        if factor < 1.0:
            bgr = cv2.resize(bgr, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        found: list[Line] = []
        for top, bottom in pieces(bgr.shape[0]):
            for line in self._piece(bgr[top:bottom]):
                box = tuple(round((value + (top if at % 2 else 0)) / factor) for at, value in enumerate(line.box))
                found.append(Line(line.text, box, line.score, line.upside))
        return without_twice(found)

    def _piece(self, bgr: Pixels) -> Iterator[Line]:
        started = time.perf_counter()
        padded, left, top = _padded(bgr)
        boxes, _ = self.engine.text_det(padded)
        self.seconds.detection += time.perf_counter() - started
        if boxes is None or len(boxes) == 0:
            return
        started = time.perf_counter()
        boxes = boxes[:MOST]
        crops = self.engine.get_crop_img_list(padded, boxes)
        crops, turned, _ = self.engine.text_cls(crops)
        read = self._recognised(crops)
        self.seconds.recognition += time.perf_counter() - started
        for box, (text, score), (label, sure) in zip(boxes, read, turned, strict=True):
            if score >= KEPT and text.strip():
                corners = tuple(int(value) for x, y in box for value in (x - left, y - top))
                yield Line(text.strip(), corners, round(score, 3), label == "180" and sure >= 0.9)

    def _recognised(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        read = [(str(text), float(score)) for text, score in self.engine.text_rec(crops)[0]]
        weak = [at for at, (_, score) in enumerate(read) if score < GOOD]
        for mended in (_without_specks, _stretched) if weak else ():
            again = self.engine.text_rec([mended(crops[at]) for at in weak])[0]
            for at, (text, score) in zip(weak, again, strict=True):
                if score > read[at][1]:
                    read[at] = (str(text), float(score))
        return read


def pieces(height: int) -> Iterator[tuple[int, int]]:
    """(top, bottom) of the pieces of a picture of that height."""
    top = 0
    while True:
        bottom = min(height, top + SIDE)
        yield top, bottom
        if bottom == height:
            return
        top = bottom - OVERLAP


def without_twice(lines: Sequence[Line]) -> list[Line]:
    """Lines that two pieces both showed, once: the one of which more is seen."""
    kept: list[Line] = []
    for line in sorted(lines, key=lambda each: (-len(each.text) * each.score, each.box)):
        x, y = _middle(line)
        if not any(_inside(x, y, other) for other in kept):
            kept.append(line)
    return kept


def _middle(line: Line) -> tuple[float, float]:
    return sum(line.box[::2]) / 4, sum(line.box[1::2]) / 4


def _inside(x: float, y: float, line: Line) -> bool:
    """Whether a point lies within the four corners (they are convex)."""
    corners = [(line.box[at], line.box[at + 1]) for at in range(0, 8, 2)]
    sides = [
        (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    return all(side >= 0 for side in sides) or all(side <= 0 for side in sides)


def _padded(bgr: Pixels) -> tuple[Pixels, int, int]:
    """A slim piece with margins of its edge, and how wide they are at the left and the top."""
    cv2 = opencv()

    height, width = bgr.shape[:2]
    across = max(0, -(-height // SLIM) - width)
    down = max(0, -(-width // SLIM) - height)
    if not across and not down:
        return bgr, 0, 0
    left, top = across // 2, down // 2
    margins = (top, down - top, left, across - left)
    return cv2.copyMakeBorder(bgr, *margins, cv2.BORDER_REPLICATE), left, top


def _without_specks(crop: Pixels) -> Pixels:
    """Dots and thin lines between the letters filtered out; small cuts are enlarged first."""
    cv2 = opencv()

    if crop.shape[0] < 40:
        crop = cv2.resize(crop, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    smoothed: Pixels = cv2.medianBlur(crop, 3)
    return smoothed


def _stretched(crop: Pixels) -> Pixels:
    """Grey, its darkest black and its lightest white."""
    cv2 = opencv()

    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    wide: Pixels = cv2.cvtColor(cv2.normalize(grey, None, 0, 255, cv2.NORM_MINMAX), cv2.COLOR_GRAY2BGR)
    return wide


def _raised(pixels: Pixels) -> Pixels | None:
    """The picture with its contrast raised piecewise (CLAHE); None where it has contrast enough already."""
    cv2 = opencv()

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if float(grey.std()) > 60:
        return None
    raised: Pixels = cv2.cvtColor(cv2.createCLAHE(6.0, (4, 4)).apply(grey), cv2.COLOR_GRAY2RGB)
    return raised
