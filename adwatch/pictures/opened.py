"""Pictures decoded with care: what is none, is broken, moves or is huge is refused with a word before it costs much."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adwatch.errors import InputRefused

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

PIXELS = 40_000_000
"""Larger pictures are not decoded."""
SIDE = 16_000
"""Pixels of the longest side that is decoded: shops' long pictures have some thousands."""
SMALLEST = 24
"""Pixels of the shorter side below which nothing can be read."""
BYTES = 8 * 1024 * 1024
"""Of one picture as it is fetched."""
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
_SVG = (b"<svg", b"<?xml", b"<!doctype svg")
WORDS = {
    "empty": "空文件",
    "too_large": "文件过大",
    "svg": "矢量图（SVG），不解析",
    "not_a_picture": "不是受支持的图片",
    "bomb": "像素过多（解压炸弹）",
    "too_long": "边长过长",
    "too_small": "图片过小",
    "animated": "动图",
    "broken": "图片损坏",
    "flat": "画面单色，无内容",
}
"""Why a picture is refused, for the reader."""


class PictureRefused(InputRefused):
    """A picture that is not read; ``word`` is one of WORDS, counted."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass(frozen=True, slots=True)
class Opened:
    """A decoded picture, turned as its EXIF says, on white."""

    pixels: npt.NDArray[np.uint8]
    """Height × width × 3, RGB."""
    format: str
    """JPEG, PNG, WEBP, BMP or GIF."""
    phash: str
    """Perceptual hash, 64 bits as 16 hex digits: the same for copies that were scaled or compressed anew."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


def open_picture(body: bytes) -> Opened:
    """Decode a picture; a PictureRefused says what is wrong with it."""
    import numpy as np
    from imagehash import phash
    from PIL import Image, ImageOps, UnidentifiedImageError

    _look_first(body)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(body), formats=FORMATS) as picture:
                _measure(picture)
                found = picture.format or ""
                flat = _on_white(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused("bomb", str(error)) from error
    except UnidentifiedImageError as error:
        raise PictureRefused("not_a_picture", "no JPEG, PNG, WebP, BMP or GIF") from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError) as error:
        raise PictureRefused("broken", f"cannot be decoded: {error}") from error
    except (MemoryError, Warning) as error:
        raise PictureRefused("broken", f"cannot be decoded: {error}") from error
    low, high = flat.convert("L").getextrema()
    if low == high:
        raise PictureRefused("flat", "one brightness throughout: nothing is shown")
    return Opened(np.asarray(flat), found, str(phash(flat)))


def _look_first(body: bytes) -> None:
    if not body:
        raise PictureRefused("empty", "no bytes")
    if len(body) > BYTES:
        raise PictureRefused("too_large", f"{len(body):,} bytes; {BYTES:,} at most")
    if body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_SVG):
        raise PictureRefused("svg", "SVG is a program to draw a picture, and is not run")


def _measure(picture: Image.Image) -> None:
    """By the header alone, before a pixel is decoded."""
    width, height = picture.size
    if width * height > PIXELS:
        raise PictureRefused("bomb", f"{width} × {height} pixels; {PIXELS:,} at most")
    if max(width, height) > SIDE:
        raise PictureRefused("too_long", f"{width} × {height} pixels; {SIDE} a side at most")
    if min(width, height) < SMALLEST:
        raise PictureRefused("too_small", f"{width} × {height} pixels; {SMALLEST} a side at least")
    if getattr(picture, "n_frames", 1) > 1:
        raise PictureRefused("animated", "more than one frame")


def _on_white(picture: Image.Image) -> Image.Image:
    """In RGB; what shows through is white, but dark where what is drawn is itself light."""
    from PIL import Image, ImageStat

    if picture.mode.startswith("I") or picture.mode == "F":
        return _stretched(picture).convert("RGB")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    drawn = picture.convert("RGBA")
    alpha: Any = drawn.getchannel("A")
    light = alpha.getextrema()[1] > 0 and ImageStat.Stat(drawn.convert("L"), mask=alpha).mean[0] > 200
    ground = Image.new("RGBA", drawn.size, "#303030" if light and alpha.getextrema()[0] < 128 else "white")
    return Image.alpha_composite(ground, drawn).convert("RGB")


def _stretched(picture: Image.Image) -> Image.Image:
    """A picture of more than 8 bits in 8."""
    import numpy as np
    from PIL import Image

    values = np.asarray(picture).astype(np.float64)
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) * (255.0 / (high - low) if high > low else 0.0)
    return Image.fromarray(scaled.astype(np.uint8))


def opencv() -> Any:
    """OpenCV, of which the types say less than the documents."""
    import cv2

    return cv2
