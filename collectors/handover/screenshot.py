"""A screenshot that an officer took → one listing of kind ``page``: its words, read by OCR, and its codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import BinaryIO

from adwatch.models import Listing
from adwatch.pictures.opened import BYTES, PictureRefused
from adwatch.pictures.reading import Reader, missing
from adwatch.text import clean
from collectors.handover.rows import RefusedRow, RowReader
from collectors.handover.saved_page import whole
from collectors.handover.values import ValueRefused, to_text, to_time

_EXIF, _TAKEN = 0x8769, 0x9003
"""The part of EXIF with DateTimeOriginal, and its tag."""


def read_screenshot(stream: BinaryIO, name: str, rows: RowReader) -> Iterator[Listing | RefusedRow]:
    """The picture; it is known by its bytes, so that the same one is the same listing wherever it lies."""
    why = missing()
    if why:
        raise ValueRefused("no_reader", f"这是图片，不能读出文字 this is a picture, and {why}")
    body = whole(stream, BYTES, "a picture")
    try:
        found = _reader().read(body)
    except PictureRefused as error:
        raise ValueRefused(error.word, f"图片读不出 the picture is not read: {error}") from error
    text = to_text(clean(found.text))
    if text is None and not found.codes:
        raise ValueRefused("no_text", "图片中没有可读的文字 nothing can be read in the picture")
    yield Listing(
        platform=rows.platform,
        native_id=f"picture-{found.sha256[:32]}",
        kind="page",
        text=text,
        links=tuple(
            dict.fromkeys(code.content for code in found.codes if code.content.startswith(("http://", "https://")))
        ),
        captured_at=_taken(body, rows) or rows.captured_at,
        capture_id=rows.capture_id,
        capture_row=1,
    )


@cache
def _reader() -> Reader:
    """The models, loaded once a process."""
    return Reader.load()


def _taken(body: bytes, rows: RowReader) -> datetime | None:
    """When the camera or the telephone says that it was taken."""
    from PIL import Image

    with Image.open(BytesIO(body)) as picture:
        stamp = picture.getexif().get_ifd(_EXIF).get(_TAKEN)
    text = str(stamp or "")
    return to_time(f"{text[:10].replace(':', '-')} {text[11:19]}", rows.zone) if len(text) >= 19 else None
