"""Pictures: the reader's order however a picture is turned, boxes, codes, printed addresses, copies, what is refused."""

from __future__ import annotations

import io
import struct
import zlib
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adwatch.pictures.codes import codes_in, printed
from adwatch.pictures.copies import is_copy
from adwatch.pictures.ocr import Line, pieces, without_twice
from adwatch.pictures.opened import BYTES, WORDS, PictureRefused, open_picture
from adwatch.pictures.order import in_order
from adwatch.pictures.reading import Reader, boxes, joined
from tests.pictures.drawing import draw, encoded

WORDS_SHOWN = ["电工作业证代办", "不用考试七天出证", "全国联网可查询"]
BOX = (0, 0, 100, 0, 100, 20, 0, 20)


def row(**more: Any) -> dict[str, Any]:
    return {"id": "t1", "lines": WORDS_SHOWN, "layout": "list", "wishes": [], **more}


def line(text: str, box: tuple[int, ...] = BOX) -> Line:
    return Line(text, box, 1.0)


def test_words_come_in_the_order_in_which_they_are_read_however_the_picture_is_turned(reader: Reader) -> None:
    for wishes in ([], ["upside"], ["rotated_far"], ["vertical"], ["small", "low_contrast"]):
        assert reader.read(draw(row(wishes=wishes))).text.split("\n") == WORDS_SHOWN, wishes


def test_a_stretch_of_the_text_leads_back_to_its_place_in_the_picture(reader: Reader) -> None:
    found = reader.read(draw(row()))
    start = found.text.index("七天")
    [box] = boxes(found.spans, start, start + 2)
    x, y = box[::2], box[1::2]
    whole = next(span for span in found.spans if span.start <= start < span.end)
    width = max(whole.box[::2]) - min(whole.box[::2])
    assert min(x) == pytest.approx(min(whole.box[::2]) + width * 4 / 8, abs=2)
    assert max(x) - min(x) == pytest.approx(width * 2 / 8, abs=3)
    assert 0 <= min(y) < max(y) <= found.height
    over_two_lines = list(boxes(found.spans, whole.start - 3, whole.start + 2))
    assert len(over_two_lines) == 2


@pytest.mark.slow
def test_a_long_picture_is_read_in_pieces_and_each_line_once(reader: Reader) -> None:
    lines = [f"第{at}款手工水杯" for at in range(100, 138)]
    found = reader.read(draw(row(lines=lines)))
    assert found.height > 1600
    assert sorted(found.text.split("\n")) == sorted(lines)


def test_codes_are_read_with_their_places_and_what_is_no_code_is_none() -> None:
    picture = open_picture(draw(row(how="qr", url="https://a.example/x?id=1")))
    [code] = codes_in(picture.pixels)
    assert (code.how, code.content) == ("qr", "https://a.example/x?id=1")
    assert len(code.box) == 8
    assert max(code.box[1::2]) <= picture.size[1]
    [bar] = codes_in(open_picture(draw(row(how="barcode", url="9787111128069"))).pixels)
    assert (bar.how, bar.content) == ("barcode", "9787111128069")
    assert codes_in(open_picture(draw(row())).pixels) == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["登录 www.cx-abcd.top/q?id=3 查询"], ["www.cx-abcd.top/q?id=3"]),
        (["网址：c x . a b c d . v i p"], ["cx.abcd.vip"]),
        (["http:// cx . zabc .com . cn", "/verify?no=1"], ["http://cx.zabc.com.cn/verify?no=1"]),
        (["WWW.ZABC-CX.COM:8080/A"], ["WWW.ZABC-CX.COM:8080/A"]),
        (["V2.0版 重12.5kg 第3.4节"], []),
        (["写信给 someone@mail.example.com"], []),
        (["包邮.顺丰", "满3.9减1"], []),
    ],
)
def test_printed_addresses_are_found_over_blanks_and_line_ends(lines: list[str], found: list[str]) -> None:
    assert [code.content for code in printed([line(text) for text in lines])] == found


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_no_text_breaks_the_search_for_addresses(texts: list[str]) -> None:
    for code in printed([line(text) for text in texts]):
        assert "." in code.content


def test_columns_are_read_from_right_to_left_and_rows_from_the_left() -> None:
    rows = [
        line("乙", (60, 2, 90, 2, 90, 22, 60, 22)),
        line("丙", (0, 40, 30, 40, 30, 60, 0, 60)),
        line("甲", (0, 0, 30, 0, 30, 20, 0, 20)),
    ]
    assert [each.text for each in in_order(rows)] == ["甲", "乙", "丙"]
    columns = [line(name, (x, 0, x + 20, 0, x + 20, 200, x, 200)) for name, x in (("右", 100), ("左", 0), ("中", 50))]
    assert [each.text for each in in_order(columns)] == ["右", "中", "左"]


def test_pieces_cover_all_and_what_both_show_is_kept_once() -> None:
    covered = list(pieces(5000))
    assert covered[0][0] == 0
    assert covered[-1][1] == 5000
    assert all(later[0] < earlier[1] for earlier, later in pairwise(covered))
    twice = [line("半个字"), line("半个字母"), line("别的", (0, 50, 100, 50, 100, 70, 0, 70))]
    assert {each.text for each in without_twice(twice)} == {"半个字母", "别的"}


def test_a_copy_is_one_whose_pixels_are_alike_and_a_like_poster_is_none() -> None:
    one, code = draw(row(how="qr", url="https://a.example/1")), draw(row(how="qr", url="https://a.example/2"))
    other = draw(row(lines=[*WORDS_SHOWN[:2], "全国联网可查勘"], how="qr", url="https://a.example/1"))
    pixels = open_picture(one).pixels
    picture = Image.open(io.BytesIO(one))
    half = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4), Image.Resampling.LANCZOS)
    for copy in (encoded(picture, "JPEG", 60), encoded(picture, "WEBP", 70), encoded(half, "JPEG", 80)):
        assert is_copy(pixels, open_picture(copy).pixels)
    for different in (code, other, draw(row(lines=["手工水杯"]))):
        assert not is_copy(pixels, open_picture(different).pixels)


def bomb() -> bytes:
    """A PNG whose head says 30,000 × 30,000 pixels, in some hundred bytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def animated() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><svg/>", "svg"),
        (b"<html><body>404</body></html>", "not_a_picture"),
        (bomb(), "bomb"),
        (encoded(Image.new("RGB", (20_000, 30), "red")), "too_long"),
        (encoded(Image.new("RGB", (10, 10), "red")), "too_small"),
        (encoded(Image.new("RGB", (100, 100), "red")), "flat"),
        (animated(), "animated"),
        (draw(row())[:900], "broken"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, "not_a_picture"),
        (b"\0" * (BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_picture_or_costs_too_much_is_refused_with_a_word(body: bytes, word: str) -> None:
    with pytest.raises(PictureRefused) as refused:
        open_picture(body)
    assert refused.value.word == word
    assert word in WORDS


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 800), st.binary(min_size=1, max_size=8))
def test_a_damaged_picture_is_read_or_refused_and_nothing_else(at: int, damage: bytes) -> None:
    body = bytearray(SAMPLE)
    body[at % len(body) : at % len(body) + len(damage)] = damage
    try:
        assert open_picture(bytes(body)).pixels.shape[2] == 3
    except PictureRefused as error:
        assert error.word in WORDS


SAMPLE = draw(row())


def test_light_words_on_nothing_are_seen(reader: Reader) -> None:
    shown = np.asarray(Image.open(io.BytesIO(draw(row()))).convert("L"))
    white = np.full((*shown.shape, 4), 255, np.uint8)
    white[..., 3] = 255 - shown
    assert reader.read(encoded(Image.fromarray(white))).text.split("\n") == WORDS_SHOWN


def test_text_and_spans_agree() -> None:
    text, spans = joined([line("甲乙"), line("丙")])
    assert [text[span.start : span.end] for span in spans] == ["甲乙", "丙"]
    assert list(boxes(spans, 2, 3)) == []
