"""Screenshots that officers hand over: read by OCR, known by their bytes; broken ones are named."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from tests.pictures.conftest import reader  # noqa: F401 - skips where pictures cannot be read
from tests.pictures.drawing import draw

from .conftest import Read

ROW = {"id": "s1", "layout": "chat", "lines": ["电工证免考包过", "三天出证 先看后付", "加微信 abcde12345"]}


@pytest.mark.slow
@pytest.mark.usefixtures("reader")
def test_a_screenshot_is_what_it_says(read: Read) -> None:
    picture = draw(ROW)
    [found] = read("微信图片.png", picture).listings
    [again] = read("copy.bin", picture).listings
    assert (found.kind, found.native_id) == ("page", again.native_id)
    assert found.native_id.startswith("picture-")
    assert "免考包过" in str(found.text)
    with Image.open(io.BytesIO(picture)) as image:
        exif = image.getexif()
        exif.get_ifd(0x8769)[0x9003] = "2026:11:22 10:30:00"
        out = io.BytesIO()
        image.convert("RGB").save(out, "JPEG", exif=exif)
    [taken] = read("taken.jpg", out.getvalue()).listings
    assert taken.captured_at == datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\x89PNG\r\n\x1a\n", "not_a_picture"),
        (draw(ROW)[:200], "broken"),
        (b"\xff\xd8\xff" + b"x" * 9_000_000, "too_large"),
    ],
)
def test_a_picture_that_is_none_is_named(read: Read, content: bytes, word: str) -> None:
    assert read("a.png", content).reasons == [(word, "a.png")]
