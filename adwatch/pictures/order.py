"""The order in which lines of a picture are read: the way the letters run, however the picture is turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adwatch.pictures.ocr import Line

TALL = 1.5
"""Height by width from which the recogniser lays a cut on its side (rapidocr's own limit)."""


@dataclass(frozen=True, slots=True)
class _Placed:
    line: Line
    along: float
    """Where it begins, in the direction of reading."""
    down: float
    """How far down its middle lies."""
    size: float
    """Height of its letters."""


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Row by row; columns of standing text from right to left."""
    if not lines:
        return []
    angle = _angle(lines)
    placed = sorted((_place(line, angle) for line in lines), key=lambda each: each.down)
    rows: list[list[_Placed]] = []
    for each in placed:
        row = rows[-1] if rows else None
        if row is not None and each.down - _mean(row) < 0.5 * min(each.size, median(other.size for other in row)):
            row.append(each)
        else:
            rows.append([each])
    return [each.line for row in rows for each in sorted(row, key=lambda other: other.along)]


def _mean(row: Sequence[_Placed]) -> float:
    return sum(each.down for each in row) / len(row)


def _direction(line: Line) -> float:
    """The angle in which a line is read, in radians, 0 being to the right and y growing downwards."""
    x0, y0, x1, y1, _, _, x3, y3 = line.box
    wide, high = hypot(x1 - x0, y1 - y0), hypot(x3 - x0, y3 - y0)
    angle = atan2(y1 - y0, x1 - x0)
    if wide and high / wide >= TALL:
        angle = atan2(y3 - y0, x3 - x0)
    return angle + pi if line.upside else angle


def _angle(lines: Sequence[Line]) -> float:
    """Of most of the text: the direction of all lines, by their length."""
    x = sum(cos(_direction(line)) * len(line.text) for line in lines)
    y = sum(sin(_direction(line)) * len(line.text) for line in lines)
    return atan2(y, x)


def _place(line: Line, angle: float) -> _Placed:
    turned = [
        (x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle))
        for x, y in zip(line.box[::2], line.box[1::2], strict=True)
    ]
    along, down = [x for x, _ in turned], [y for _, y in turned]
    return _Placed(line, min(along), sum(down) / 4, max(down) - min(down))
