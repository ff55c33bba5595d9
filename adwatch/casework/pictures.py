"""Perceptual hash of a picture (pHash, 64 bits): the same for copies that were scaled or compressed anew."""

from __future__ import annotations

import io
import warnings

PIXELS = 40_000_000
"""Larger pictures are not decoded."""
FLAT = 4.0
"""Standard deviation of the brightness (0..255) below which a picture shows too little to be told from others."""


def perceptual_hash(body: bytes) -> str | None:
    """16 hex digits; None for what is no picture, is too large or too flat, and without the extra ``images``."""
    try:
        from imagehash import phash
        from PIL import Image, ImageStat
    except ImportError:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(body)) as picture:
                if picture.width * picture.height > PIXELS:
                    return None
                grey = picture.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        return None
    return None if ImageStat.Stat(grey).stddev[0] < FLAT else str(phash(grey))
