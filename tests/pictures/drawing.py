"""Draws a picture of a marketplace listing from a row of words, with the disguises that sellers of pictures use."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
)
LAYOUTS: dict[str, tuple[str, str]] = {
    "poster": ("#b01818", "#ffe9a8"),
    "chat": ("#ededed", "#111111"),
    "list": ("#ffffff", "#222222"),
    "banner": ("#123a7a", "#ffffff"),
    "note": ("#fff6c9", "#3a2f10"),
    "certificate": ("#f6fbff", "#1a2a44"),
    "notice": ("#ffffff", "#000000"),
}
"""Ground and ink."""
FORMATS = {
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "barcode": zxingcpp.BarcodeFormat.EAN13,
}
BARE = "list"
SMALL, USUAL = 12, 30


def font(size: int) -> ImageFont.FreeTypeFont:
    """A Chinese font of the system; the tests need one."""
    for name in FONTS:
        if Path(name).exists():
            return ImageFont.truetype(name, size)
    raise FileNotFoundError("no Chinese font: apt-get install fonts-wqy-microhei")


def draw(row: dict[str, Any]) -> bytes:
    """PNG (JPEG where it wishes so) of a row: lines, layout, wishes, and a code of ``url`` where ``how`` is one."""
    wishes = set(row.get("wishes") or ())
    chance = np.random.default_rng(int.from_bytes(hashlib.sha256(str(row["id"]).encode()).digest()[:4], "big"))
    ground, ink = (_rgb(each) for each in LAYOUTS.get(row.get("layout") or BARE, LAYOUTS[BARE]))
    if "low_contrast" in wishes:
        ink = _mixed(ground, ink, 0.16)
    size = SMALL if "small" in wishes else USUAL
    lines = _lines(row)
    page = _standing(lines, size, ground, ink) if "vertical" in wishes else _lying(lines, size, ground, ink, wishes)
    page = _with_code(page, row, ground)
    if "coloured" in wishes:
        page = _coloured(page, ground, chance)
    page = _disguised(page, wishes, ink, chance)
    page = _turned(page, wishes, ground, chance)
    return encoded(page, "JPEG" if "jpeg" in wishes else "PNG", 22)


def encoded(page: Image.Image, kind: str = "PNG", quality: int = 90) -> bytes:
    """The bytes of a picture."""
    out = io.BytesIO()
    page.save(out, kind, **({"quality": quality} if kind in ("JPEG", "WEBP") else {}))
    return out.getvalue()


def _lines(row: dict[str, Any]) -> list[str]:
    """With the address where it is printed and no line has it."""
    lines = [str(line) for line in row["lines"]]
    bare = "".join("".join(lines).split())
    if row.get("how") == "printed" and "".join(str(row["url"]).split()) not in bare:
        lines.append(str(row["url"]))
    return lines


def _lying(lines: list[str], size: int, ground: tuple[int, ...], ink: tuple[int, ...], wishes: set[str]) -> Image.Image:
    letters = font(size)
    step = round(size * (1.02 if "joined" in wishes else 1.7))
    width = round(max(letters.getlength(line) for line in lines)) + 4 * size
    page = Image.new("RGB", (width, step * len(lines) + 3 * size), ground)
    pen = ImageDraw.Draw(page)
    for at, line in enumerate(lines):
        pen.text((2 * size, size + at * step), line, font=letters, fill=ink)
    return page


def _standing(lines: list[str], size: int, ground: tuple[int, ...], ink: tuple[int, ...]) -> Image.Image:
    """Columns from right to left."""
    letters, step = font(size), round(size * 1.15)
    height = step * max(map(len, lines)) + 3 * size
    page = Image.new("RGB", (2 * size * len(lines) + 2 * size, height), ground)
    pen = ImageDraw.Draw(page)
    for at, line in enumerate(lines):
        for down, letter in enumerate(line):
            x = page.width - 2 * size * (at + 1) + (size - letters.getlength(letter)) / 2
            pen.text((x, size + down * step), letter, font=letters, fill=ink)
    return page


def _with_code(page: Image.Image, row: dict[str, Any], ground: tuple[int, ...]) -> Image.Image:
    """A QR code of six pixels a module, or a bar code, below the words."""
    if row.get("how") not in FORMATS:
        return page
    code = zxingcpp.create_barcode(str(row["url"]), FORMATS[row["how"]])
    drawn = Image.fromarray(np.array(code.to_image(scale=4)))
    whole = Image.new("RGB", (max(page.width, drawn.width + 40), page.height + drawn.height + 40), ground)
    whole.paste(page, (0, 0))
    frame = Image.new("RGB", (drawn.width + 16, drawn.height + 16), "white")
    frame.paste(drawn.convert("RGB"), (8, 8))
    whole.paste(frame, (12, page.height + 12))
    return whole


def _coloured(page: Image.Image, ground: tuple[int, ...], chance: np.random.Generator) -> Image.Image:
    """Soft spots of colour in the place of the ground."""
    small = chance.integers(-50, 50, (6, 6, 3)) + np.array(ground)
    spots = Image.fromarray(np.clip(small, 0, 255).astype(np.uint8)).resize(page.size, Image.Resampling.BICUBIC)
    pixels, busy = np.asarray(page).astype(int), np.asarray(spots)
    drawn = np.abs(pixels - np.array(ground)).sum(axis=2, keepdims=True) > 40
    return Image.fromarray(np.where(drawn, pixels, busy).astype(np.uint8))


def _disguised(page: Image.Image, wishes: set[str], ink: tuple[int, ...], chance: np.random.Generator) -> Image.Image:
    pen = ImageDraw.Draw(page)
    if "dots" in wishes:
        for _ in range(page.width * page.height // 350):
            x, y = int(chance.integers(page.width)), int(chance.integers(page.height))
            pen.ellipse((x, y, x + 2, y + 2), fill=ink)
    if "lines" in wishes:
        for _ in range(6 + page.height // 40):
            ends = (0, int(chance.integers(page.height)), page.width, int(chance.integers(page.height)))
            pen.line(ends, fill=ink, width=1 if "small" in wishes else 2)
    if "noise" in wishes:
        noisy = np.asarray(page).astype(int) + chance.normal(0, 28, (page.height, page.width, 3)).astype(int)
        page = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    return page


def _turned(page: Image.Image, wishes: set[str], ground: tuple[int, ...], chance: np.random.Generator) -> Image.Image:
    angle = 180.0 if "upside" in wishes else 0.0
    side = 1 if chance.random() < 0.5 else -1
    if "rotated" in wishes:
        angle += side * float(chance.uniform(4, 12))
    if "rotated_far" in wishes:
        angle += side * float(chance.uniform(20, 35))
    if not angle:
        return page
    return page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=ground)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _mixed(ground: tuple[int, ...], ink: tuple[int, ...], share: float) -> tuple[int, ...]:
    return tuple(round(low + (high - low) * share) for low, high in zip(ground, ink, strict=True))
