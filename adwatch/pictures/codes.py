"""Codes (QR, bar codes and their kin) and printed addresses in a picture, with their places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from adwatch.pictures.opened import opencv

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import zxingcpp
    from publicsuffixlist import PublicSuffixList

    from adwatch.pictures.ocr import Line

LONGEST = 2000
"""Characters of a code's content that are kept; a QR code holds up to 7,089 digits."""
MOST = 20
"""Codes of one picture."""
ENLARGED = 1500
"""Pixels of the longer side up to which a picture is also looked at enlarged."""
_TIGHT = re.compile(r"\s*([./:?&=_-])\s*")
_SPACED = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z0-9./:_-] ){4,}[A-Za-z0-9./:_-](?![A-Za-z0-9])")
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9@._-])(?:https?:?/{0,2})?"
    r"(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,18})"
    r"(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%!$&'()*+,;=:@/?#-]*)?(?![A-Za-z0-9@])",
    re.IGNORECASE,
)
_DOTS = str.maketrans("。．｡·", "....")


@dataclass(frozen=True, slots=True)
class Code:
    """A code, or an address in letters."""

    how: str
    """qr | barcode | printed."""
    format: str
    """The code's kind as its standard names it; empty for a printed address."""
    content: str
    """What it says."""
    box: tuple[int, ...]
    """x, y of four corners in pixels."""


def codes_in(pixels: npt.NDArray[np.uint8]) -> list[Code]:
    """Codes in a picture (height × width × 3, RGB), from its top; only those whose check digits fit."""
    import zxingcpp

    cv2 = opencv()
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    found = zxingcpp.read_barcodes(grey)
    if not found:
        for each in _mended(grey):
            found = zxingcpp.read_barcodes(each)
            if found:
                factor = grey.shape[1] / each.shape[1]
                return [_code(each, factor) for each in found[:MOST]]
    return [_code(each, 1.0) for each in sorted(found[:MOST], key=lambda each: each.position.top_left.y)]


def _mended(grey: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.uint8]]:
    """The picture without light lines, dark lines, dots and noise drawn over it, one after the other, and enlarged."""
    import numpy as np

    cv2 = opencv()
    square = np.ones((3, 3), np.uint8)
    yield cv2.morphologyEx(grey, cv2.MORPH_OPEN, square)
    yield cv2.morphologyEx(grey, cv2.MORPH_CLOSE, square)
    yield cv2.normalize(cv2.medianBlur(grey, 3), None, 0, 255, cv2.NORM_MINMAX)
    yield cv2.GaussianBlur(grey, (0, 0), 1.5)
    if max(grey.shape) <= ENLARGED:
        yield cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)


def _code(found: zxingcpp.Barcode, factor: float) -> Code:
    place = found.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    box = tuple(round(value * factor) for corner in corners for value in (corner.x, corner.y))
    named = str(found.format)
    matrix = any(word in named for word in ("QR", "Aztec", "Matrix", "PDF417", "Maxi"))
    return Code("qr" if matrix else "barcode", named, found.text[:LONGEST].replace("\0", "\ufffd"), box)


def printed(lines: Sequence[Line]) -> list[Code]:
    """Addresses that are printed in a picture: over blanks put between, and over the end of a line that breaks one."""
    found: dict[str, Code] = {}
    for text, box in _runs(lines):
        for match in _ADDRESS.finditer(_tightened(text)):
            address = match[0].rstrip(".,;:!)'-")
            host = match["host"].lower()
            if _ends_well(host) and not any(address in other for other in found):
                found.setdefault(address, Code("printed", "", address[:LONGEST], box))
    return list(found.values())[:MOST]


def _runs(lines: Sequence[Line]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Lines that an address may have been broken into, together; else each by itself."""
    whole, box = "", tuple[int, ...]()
    for line in lines:
        text = unicodedata.normalize("NFKC", line.text).translate(_DOTS)
        if whole and (whole.rstrip()[-1:] in "./-:?=&" or text.lstrip()[:1] in "./?&"):
            whole, box = whole + text, _around(box, line.box)
            continue
        if whole:
            yield whole, box
        whole, box = text, line.box
    if whole:
        yield whole, box


def _tightened(text: str) -> str:
    """Without the blanks that stand in an address."""
    text = _SPACED.sub(lambda match: match[0].replace(" ", ""), text)
    return _TIGHT.sub(r"\1", text)


def _around(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    x, y = (*one[::2], *other[::2]), (*one[1::2], *other[1::2])
    left, top, right, bottom = min(x), min(y), max(x), max(y)
    return (left, top, right, top, right, bottom, left, bottom)


def _ends_well(host: str) -> bool:
    """Whether a name ends in a suffix under which names are registered (public suffix list)."""
    return len(host) >= 5 and _suffixes().privatesuffix(host) is not None


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)
