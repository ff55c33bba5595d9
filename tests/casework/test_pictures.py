from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from adwatch.app.linking import picture_hash
from adwatch.casework.pictures import perceptual_hash
from adwatch.ports import Exchange
from adwatch.store.engine import reading
from adwatch.store.pictures import picture_capture
from tests.console.site import opened
from tests.store.world import DAY, NOON


def card(seed: int) -> Image.Image:
    """A drawn card: shapes that differ by seed."""
    picture = Image.new("RGB", (320, 200), (240, 240 - seed * 20, 250))
    draw = ImageDraw.Draw(picture)
    for at in range(6):
        x, y = (at * 53 + seed * 71) % 280, (at * 37 + seed * 29) % 160
        draw.rectangle((x, y, x + 40 + seed * 6, y + 25), fill=(20 * at, 90, 200 - 30 * seed))
    return picture


def encoded(picture: Image.Image, form: str = "PNG", **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def test_a_copy_scaled_or_compressed_anew_has_the_same_hash_and_another_picture_has_not() -> None:
    one = perceptual_hash(encoded(card(1)))
    assert one is not None
    assert len(one) == 16
    assert perceptual_hash(encoded(card(1), "JPEG", quality=85)) == one
    assert perceptual_hash(encoded(card(1).resize((640, 400)))) == one
    assert perceptual_hash(encoded(card(2))) != one


@pytest.mark.parametrize(
    "body", [b"", b"GIF89a", b"<svg/>", encoded(card(1))[:60], encoded(Image.new("RGB", (50, 50)))]
)
def test_what_is_no_picture_or_shows_nothing_has_no_hash(body: bytes) -> None:
    assert perceptual_hash(body) is None


def test_pictures_in_the_archive_are_found_by_address_and_read(tmp_path: Path) -> None:
    address, page = "https://plaza.example/1.png", "https://plaza.example/2.png"
    with opened(tmp_path) as office:
        for url, kind, body in ((address, "image/png", encoded(card(1))), (page, "text/html", b"<p>gone</p>")):
            answer = {"status": 200, "reason": "OK", "response_headers": (("Content-Type", kind),), "body": body}
            office.keep("html", None, Exchange("plaza", DAY, "resource", url, "GET", NOON, **answer))
        assert picture_hash(office, address) == perceptual_hash(encoded(card(1)))
        assert picture_hash(office, page) is None
        assert picture_hash(office, "https://plaza.example/none.png") is None
        with reading(office.engine) as connection:
            found = picture_capture(connection, address)
            assert found is not None
            plan = connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN SELECT id FROM capture WHERE url = ? AND content_type LIKE 'image/%'", (address,)
            ).all()
        assert "ix_capture_picture" in str(plan)
