"""How alike pages look: perceptual digests of icon and screenshot (ImageHash), and the structure of the document.

Pictures come from hostile sites: size and dimensions are limited before they are decoded, and what cannot be read has
no digest.
"""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Mapping
from io import BytesIO
from typing import Any

PICTURE_BYTES = 12_000_000
ICON_BYTES = 1_000_000
PIXELS = 40_000_000
TOP = (1280, 900)
"""Part of a screenshot that is compared: what a visitor sees first."""
KINDS = 500
"""Kinds of elements of a structure that are kept, the most frequent ones."""
FEW = 12
"""Elements below which a page has no structure that says anything."""
FLAT = 12
"""Grey levels between the darkest and the brightest spot below which a picture shows nothing."""


def icon_print(content: bytes) -> str | None:
    """Digest of an icon, 16 hex digits; None where it shows nothing or is no picture that is read."""
    return _print(content, ICON_BYTES, None)


def shot_print(content: bytes) -> str | None:
    """Digest of the upper part of a screenshot, 16 hex digits; None as for icons."""
    return _print(content, PICTURE_BYTES, TOP)


def apart(one: str, other: str) -> int:
    """Bits of 64 in which two digests differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _print(content: bytes, most: int, top: tuple[int, int] | None) -> str | None:
    if not content or len(content) > most:
        return None
    try:
        import imagehash
        from PIL import Image
    except ImportError:  # the extra "images" is not installed; the doctor says so
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # bombs and odd files are refused below, not told
            with Image.open(BytesIO(content), formats=("PNG", "JPEG", "GIF", "ICO", "WEBP", "BMP")) as image:
                if image.width * image.height > PIXELS or min(image.size) < 8:
                    return None
                plain = Image.new("RGB", image.size, "white")
                whole = image.convert("RGBA")
                plain.paste(whole, mask=whole.getchannel("A"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, EOFError, IndexError):
        return None
    if top is not None:
        plain = plain.crop((0, 0, min(plain.width, top[0]), min(plain.height, top[1])))
    low, high = plain.convert("L").getextrema()
    if float(high) - float(low) < FLAT:  # type: ignore[arg-type]  # of one band these are two numbers
        return None
    return str(imagehash.phash(plain))


def structure(page: Any) -> dict[str, int]:
    """Kinds of elements (name, classes, parent's name) of a parsed page and how many; digests, no words of the page."""
    found: Counter[str] = Counter()
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        parent = element.getparent()
        above = parent.tag if parent is not None and isinstance(parent.tag, str) else ""
        classes = " ".join(sorted((element.get("class") or "").split())[:6])
        told = f"{above}>{element.tag}.{classes}"
        found[hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:12]] += 1
    return dict(found.most_common(KINDS)) if found.total() >= FEW else {}


def structures_alike(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Share of elements that two structures have in common, 0..1 (weighted Jaccard)."""
    if not one or not other:
        return 0.0
    kinds = one.keys() | other.keys()
    shared = sum(min(one.get(kind, 0), other.get(kind, 0)) for kind in kinds)
    return shared / sum(max(one.get(kind, 0), other.get(kind, 0)) for kind in kinds)


def template(found: Mapping[str, int]) -> str | None:
    """Digest of a structure: the same for two copies of one template; None where there is none."""
    if not found:
        return None
    told = " ".join(f"{kind}:{count}" for kind, count in sorted(found.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:32]
