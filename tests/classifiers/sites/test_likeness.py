"""Likeness of pictures and structures; pictures of hostile sites; what speaks beside the words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

import lxml.html
import pytest
from PIL import Image, ImageDraw

from classifiers.sites import likeness
from classifiers.sites.facts import Facts
from classifiers.sites.surroundings import around

DAY = date(2026, 11, 28)


def picture(draw_at: int, form: str = "PNG", size: tuple[int, int] = (1280, 900), **more: int) -> bytes:
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0], size[1] // 8), fill=(20, 60, 160))
    draw.ellipse((draw_at, size[1] // 4, draw_at + size[0] // 3, size[1] // 2), fill=(200, 30, 30))
    draw.line((0, size[1] - draw_at, size[0], size[1] // 3), fill=(0, 120, 0), width=25)
    out = BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def test_a_picture_encoded_again_is_alike_and_another_is_not() -> None:
    one, again, other = (
        likeness.shot_print(content)
        for content in (picture(60), picture(60, "JPEG", quality=60), picture(700, size=(1280, 2000)))
    )
    assert one is not None and again is not None and other is not None
    assert likeness.apart(one, again) <= 4
    assert likeness.apart(one, other) > 12


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", b"<svg/>", b"GIF89a" + b"\0" * 30, b"x" * 2_000_000])
def test_what_is_no_picture_has_no_digest(content: bytes) -> None:
    assert likeness.icon_print(content) is None


def test_an_empty_picture_says_nothing_and_a_bomb_is_not_decoded() -> None:
    out, bomb = BytesIO(), BytesIO()
    Image.new("RGB", (32, 32), "white").save(out, "PNG")
    assert likeness.icon_print(out.getvalue()) is None
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    assert likeness.icon_print(bomb.getvalue()) is None


FORM = (
    "<html><body><div class='top'><img></div><form class='cx'>{}</form><div class='foot'><p>a<p>b</div></body></html>"
)


def test_structures_of_one_template_are_the_same_whatever_the_words() -> None:
    rows = "".join(f"<div class='row'><label>{{0}}{at}</label><input class='in'></div>" for at in range(6))
    one, two = (likeness.structure(lxml.html.fromstring(FORM.format(rows.format(word)))) for word in ("姓名", "证号"))
    assert likeness.structures_alike(one, two) == 1.0
    assert likeness.template(one) == likeness.template(two) is not None
    news = likeness.structure(lxml.html.fromstring("<div><h1>x</h1>" + "<p class='n'>y</p>" * 20 + "</div>"))
    assert likeness.structures_alike(one, news) < 0.2
    assert likeness.structure(lxml.html.fromstring("<p>one</p>")) == {}


def test_each_surrounding_is_a_point_and_nothing_is_where_nothing_is_known() -> None:
    bare = Facts("http://x.example/", "", 200, DAY)
    assert list(around(bare, False)) == []
    full = Facts(
        *("https://x.example/", "", 200, DAY),
        certificate_from=datetime(2026, 11, 1, tzinfo=UTC),
        certificate_issuer="organizationName=Let's Encrypt",
        likeness=0.95,
        icon_like="cx.mem.gov.cn",
        structure_like=("cx.mem.gov.cn", 0.9),
        mainland="阿里云",
    )
    assert {point.name for point in around(full, False)} == {
        *("certificate", "issuer", "likeness", "icon", "structure", "no_icp")
    }
    assert "no_icp" not in {point.name for point in around(full, True)}
