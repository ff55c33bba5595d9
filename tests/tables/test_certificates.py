"""Certificate numbers: every rule with a number that keeps it and one that does not. All numbers are invented."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwatch.errors import SpecError
from adwatch.tables import families
from adwatch.tables.certificates import Certificates, masked, plain
from adwatch.tables.id_numbers import check_digit, read_id

ON = date(2026, 11, 28)
RULES = Certificates()


def person(region: str = "140802", born: str = "19900307", order: str = "043") -> str:
    """An invented ID number with its check digit."""
    body = region + born + order
    return body + check_digit(body)


def test_the_check_digit_is_that_of_the_standards_own_example() -> None:
    assert check_digit("11010519491231002") == "X"  # GB 11643-1999, annex A
    assert check_digit("44052418800101001") == "4"


@pytest.mark.parametrize(
    ("number", "wrong", "doubtful"),
    [
        (person(), (), ()),
        (person()[:-1] + ("0" if person()[-1] != "0" else "1"), ("身份号码校验位不符",), ()),
        (person(born="19900231"), ("身份号码中的出生日期不存在",), ()),
        (person(born="20270101"), ("身份号码中的出生日期晚于核对日期",), ()),
        (person(born="18900101"), (), ("身份号码中的出生日期距今超过120年",)),
        (person(region="149999"), (), ("身份号码的地区代码不在代码表中",)),
        (person(region="142701", born="19900307"), (), ()),  # 运城市 until 1999: in use when the person was born
        (person(region="142701", born="20050307"), (), ("身份号码的地区代码（运城市）在出生前已停用",)),
    ],
)
def test_what_an_id_number_says(number: str, wrong: tuple[str, ...], doubtful: tuple[str, ...]) -> None:
    found = read_id(number, ON)
    assert (found.wrong, found.doubtful) == (wrong, doubtful)


@pytest.mark.parametrize(
    ("number", "more", "word", "reason"),
    [
        (f"T{person()}", {}, "ok", ""),
        (f" t {person().lower()} ", {}, "ok", ""),
        (f"T{person()}", {"issued": date(2024, 3, 1)}, "ok", ""),
        (f"T{person()}", {"issued": date(2020, 11, 28)}, "expired", "已于2026-11-27过期"),
        (f"T{person()}", {"issued": date(2022, 3, 1)}, "expired", "应于2025-02-28前复审"),
        (f"T{person()}", {"issued": date(2022, 3, 1), "reviewed": date(2025, 2, 1)}, "ok", ""),
        (f"T{person()}", {"issued": date(2024, 3, 1), "expires": date(2034, 2, 28)}, "doubtful", "规定的6年不一致"),
        (f"T{person()}", {"issued": date(2027, 3, 1)}, "wrong", "发证日期晚于核对日期"),
        (f"T{person(born='20100101')}", {"issued": date(2025, 3, 1)}, "wrong", "未满18周岁"),
        (f"T{person()}", {"family": "construction"}, "doubtful", "与所称证书类别不符"),
        ("晋A012008000001", {}, "ok", ""),
        ("晋M042025000123", {"issued": date(2025, 5, 1)}, "ok", ""),
        ("晋M042026000123", {"issued": date(2025, 5, 1)}, "doubtful", "与发证日期不同年"),
        ("晋M992008000001", {}, "doubtful", "99 不在代码表中"),
        ("晋Z012008000001", {}, "doubtful", "晋Z 不在代码表中"),
        ("粤Z012008000001", {}, "ok", ""),  # no letters of 粤 in the table: nothing can be said of them
        ("晋A012031000001", {}, "wrong", "晚于核对日期"),
        ("晋A012003000001", {}, "wrong", "早于该编号规则施行"),
        ("京建安C1（2025）0000001", {}, "ok", ""),
        ("京建安C(2025)0000001", {}, "ok", ""),
        ("京建安C4(2025)0000001", {}, "unknown_form", "编号形式未知"),
        ("TS6ABC123456", {}, "expired", "已全部失效"),
        (person(), {"family": "special_equipment", "issued": date(2021, 1, 1)}, "expired", "已于2024-12-31过期"),
        ("晋A01200800000", {}, "unknown_form", "编号形式未知"),
        ("", {}, "unknown_form", "编号形式未知"),
        ("1" * 10_000, {}, "unknown_form", "编号形式未知"),
    ],
)
def test_what_a_certificate_number_says(number: str, more: dict[str, Any], word: str, reason: str) -> None:
    found = RULES.read(number, ON, **more)
    assert found.word == word, found
    assert reason in "；".join(found.reasons)
    assert bool(found.reasons) == (word != "ok")


def test_a_bare_id_number_is_of_the_families_that_use_it_until_one_is_named() -> None:
    found = RULES.read(person(), ON)
    assert found.family is None and "特种设备" in found.label and "安全生产知识" in found.label
    assert RULES.read(person(), ON, family="special_equipment").family == "special_equipment"


def test_personal_parts_are_neither_told_nor_shown() -> None:
    found = RULES.read(f"T{person()}", ON)
    assert person()[6:] not in repr(found)
    assert found.masked == "T140802" + "*" * 12
    assert len(masked(plain("晋A012008000001"))) == 14


@given(st.text(max_size=60))
def test_any_text_gets_a_word(text: str) -> None:
    found = RULES.read(text, ON)
    assert found.word in ("ok", "doubtful", "wrong", "expired", "unknown_form")
    assert found.word != "ok" or found.form is not None


@given(st.from_regex(r"T[0-9]{17}[0-9X]", fullmatch=True))
def test_a_wrong_check_digit_is_always_wrong(number: str) -> None:
    found = RULES.read(number, ON)
    assert (number[-1] == check_digit(number[1:-1])) or "身份号码校验位不符" in found.reasons


def test_every_form_is_of_a_known_family() -> None:
    assert {form.family for form in RULES.forms} <= set(families())


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("certificate_forms.csv", "TS6[0-9A-Z]{9}", "TS6[0-9", "no regular expression"),
        ("certificate_forms.csv", "[A-Z]{9},serial", "[A-Z]{9},id", "id needs a group id"),
        ("certificate_forms.csv", "2023-05-31", "31.5.2023", "no date"),
        ("certificate_forms.csv", "special_equipment_ts6,", "special_equipment_id,", "stands twice"),
        ("certificate_forms.csv", "serial,2,,", "serial,two,,", "no number of years"),
        ("certificate_codes.csv", "construction_operator,trade,02", "no_form,trade,02", "no such form"),
        ("certificate_codes.csv", "trade,02", "trade,01", "stands twice"),
        ("certificate_codes.csv", "label,valid_from", "name,valid_from", "the columns must be"),
    ],
)
def test_a_wrong_table_is_named_by_file_and_line(tmp_path: Path, name: str, old: str, new: str, message: str) -> None:
    import adwatch.tables as shipped

    (tmp_path / "tables").mkdir()
    text = (Path(shipped.__file__).parent / name).read_text(encoding="utf-8")
    text = text.replace("TS6[0-9A-Z]{9}", "TS6[A-Z]{9}") if "[A-Z]{9}" in old else text
    assert old in text
    (tmp_path / "tables" / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SpecError, match=message) as caught:
        Certificates(tmp_path)
    assert name in str(caught.value)
