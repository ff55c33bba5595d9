from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwatch.casework.shown import evidence_number, local, masked, printable, quotes
from adwatch.models import Contact, Evidence, Verdict
from tests.casework.office import ZONE


def _contact(start: int, end: int, shown: str) -> Contact:
    return Contact("phone", start, end, "secret", shown)


def test_contacts_keep_their_length_so_that_offsets_stay() -> None:
    raw = "电话13800138000联系"
    assert masked(raw, [_contact(2, 13, "138****8000")]) == "电话138****8000联系"
    assert masked(raw, [_contact(2, 13, "1")]) == "电话1**********联系"


def test_where_contacts_overlap_nothing_shows_through() -> None:
    raw = "微信ab12345678电话"
    hidden = masked(raw, [_contact(2, 8, "ab****"), _contact(4, 12, "12****78")])
    assert hidden[2:4] == "ab"
    assert "5678" not in hidden
    assert "34" not in hidden
    assert len(hidden) == len(raw)


@pytest.mark.parametrize(
    "number",
    [
        "140802199001011234",
        "14080219900101123X",
        "14080219900101123x",
        "１４０８０２１９９００１０１１２３４",
        "13800138000",
        "138-0013-8000",
        "138 0013 8000",
        "6222021234567890123",
    ],
)
def test_personal_numbers_are_masked_even_where_no_contact_was_found(number: str) -> None:
    hidden = masked(f"号码{number}。", [])
    assert len(hidden) == len(number) + 3
    assert hidden[5:-1] == "*" * (len(number) - 3)


@pytest.mark.parametrize("handle", ["yu_anfan06", "abc12345", "Kz_laoshi", "v-x2026"])
def test_names_of_accounts_are_masked_even_where_no_contact_was_found(handle: str) -> None:
    hidden = masked(f"有同样犯困的搜{handle}。", [])
    assert hidden == f"有同样犯困的搜{handle[:3]}{'*' * (len(handle) - 3)}。"


@pytest.mark.parametrize(
    "harmless",
    [
        *("2026-11-18", "8.8元", "C1(2015)", "第47期", "1234567890", "N1叉车Q2", "bao过zheng", "windows"),
        *("https://cx.mem.gov.cn/a1b2c3", "www.abc123.com/x", "WORD2", "kz*****9"),
    ],
)
def test_other_numbers_stay(harmless: str) -> None:
    assert masked(harmless, []) == harmless


@given(st.text(max_size=60), st.integers(0, 70), st.integers(0, 70), st.text(max_size=9))
def test_masking_never_changes_the_length(raw: str, start: int, length: int, shown: str) -> None:
    assert len(masked(raw, [_contact(start, start + length, shown)])) == len(raw)


def test_control_and_direction_characters_are_replaced_and_lines_joined() -> None:
    assert printable(" a\x00b\n\r\tc\u202ed\ud800e\ufffe ") == "a\ufffdb c\ufffdd\ufffde\ufffd"
    assert printable("免\u200b考") == "免\u200b考", "what a seller put between the characters is part of the quotation"


def _verdict(raw: str, *words: str) -> Verdict:
    found = tuple(Evidence(raw.index(w), raw.index(w) + len(w), w, w, "sure_thing", "none") for w in words)
    return Verdict("flagged", 0.9, offer_types=("sure_thing",), evidence=found)


def test_a_quotation_is_the_sentence_around_the_finding() -> None:
    raw = "标题\n本店信誉好。电工证包过，不过退款！地址在某市。当天拿证"
    assert quotes(raw, _verdict(raw, "包过", "退款", "拿证")) == ["电工证包过，不过退款", "当天拿证"]


def test_a_long_sentence_is_cut_and_quotations_are_few() -> None:
    raw = "\n" + "甲" * 100 + "包过" + "乙" * 100
    assert quotes(raw, _verdict(raw, "包过")) == ["…" + "甲" * 24 + "包过" + "乙" * 24 + "…"]
    many = "\n" + "。".join(f"第{n}个包过" for n in range(20))
    starts = [at for at in range(len(many)) if many.startswith("包过", at)]
    spans = tuple(Evidence(at, at + 2, "包过", "包过", "sure_thing", "none") for at in starts)
    assert len(quotes(many, Verdict("flagged", 0.9, offer_types=("sure_thing",), evidence=spans))) == 6


def test_an_offer_told_by_the_whole_text_is_quoted_from_its_beginning() -> None:
    raw = "叉车N1 走我们这个点考\n监考都是熟面孔。你进去坐二十分钟，屏幕自己会动！出门再结账。" + "另有门店" * 60
    trade = Verdict(
        "flagged", 0.9, offer_types=("helped",), evidence=(Evidence(0, 2, "叉车", "叉车", "trades", "none"),)
    )
    assert quotes(raw, trade) == ["叉车N1 走我们这个点考", "监考都是熟面孔。你进去坐二十分钟，屏幕自己会动！出门再结账"]
    assert quotes("只有标题", Verdict("flagged", 0.9, offer_types=("helped",))) == ["只有标题"]
    assert quotes("标题\n", Verdict("flagged", 0.9, offer_types=("helped",))) == ["标题"]
    endless = quotes("标题\n" + "甲" * 500, Verdict("flagged", 0.9, offer_types=("helped",)))
    assert endless == ["甲" * 160 + "…"]


def test_local_time_is_the_office_s() -> None:
    assert local(datetime(2026, 11, 18, 16, 30, tzinfo=UTC), ZONE) == "2026-11-19 00:30"
    assert local(None, ZONE) == ""
    assert callable(evidence_number)
