from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.app import takedown as app
from adwatch.app.office import Office
from adwatch.errors import SpecError
from adwatch.settings import load_settings
from adwatch.tables.takedown import COLUMNS, TakedownRules, contacts, escalations
from adwatch.tables.uscc import ALPHABET, check_character, uscc_mistake

GOOD = "91350100M000100Y43"
"""The example of GB 32100-2015."""
HEAD = ",".join(COLUMNS)


def _contacts(folder: Path, *rows: str) -> Path:
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / "platform_contacts.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return folder


def _row(**cells: str) -> str:
    return ",".join(cells.get(name, "") for name in COLUMNS)


def test_the_check_character_of_a_credit_code() -> None:
    assert uscc_mistake(GOOD) is None
    assert check_character(GOOD[:17]) == GOOD[17]
    for at in range(18):
        other = ALPHABET[(ALPHABET.index(GOOD[at]) + 1) % 31]
        assert uscc_mistake(GOOD[:at] + other + GOOD[at + 1 :]), "every single character that is wrong is found"
    for wrong in ("", GOOD[:17], GOOD.lower(), "91350100I000100Y43", GOOD + "0"):
        assert uscc_mistake(wrong)


def test_the_shipped_tables_are_read() -> None:
    rules = TakedownRules.load()
    assert rules == TakedownRules(xarf_impersonation=rules.xarf_impersonation), "the shipped values are the defaults"
    assert {"cyberspace", "telecom", "police"} <= set(escalations())
    assert contacts()[1:] == ([], [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("before_mail,checked|sealed,", "'sealed': write some of checked"),
        ("letterhead,blue,", "'blue': write one of letter"),
        ("remind_every_days,soon,", "write a number from 1"),
        ("colour,red,", "no such rule"),
        ("area", "3 columns"),
    ],
)
def test_a_wrong_rule_names_its_line(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "tables").mkdir()
    file = tmp_path / "tables" / "takedown_rules.csv"
    file.write_text(f"name,value,note\narea,某市|某县,辖区\n{line}\n", encoding="utf-8")
    with pytest.raises(SpecError, match=said) as told:
        TakedownRules.load(tmp_path)
    assert "takedown_rules.csv:3" in str(told.value)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"uscc": "91350100M000100Y44"}, "校验码应为 3"),
        ({"email": "legal(at)plaza.example"}, "不是邮箱地址"),
        ({"email": "a@b.example>"}, "不是邮箱地址"),
        ({"way": "pigeon"}, "只能为"),
        ({"way": "bureau"}, "应填写 bureau"),
        ({"deadline": "3", "deadline_unit": "working_days"}, "来源"),
        ({"deadline": "3", "deadline_unit": "weeks", "deadline_source": "协议"}, "单位"),
        ({"deadline": "-3", "deadline_unit": "hours", "deadline_source": "协议"}, "正整数"),
    ],
)
def test_a_mistake_in_the_address_book_is_named_and_its_cell_left_out(
    tmp_path: Path, cells: dict[str, str], said: str
) -> None:
    _contacts(tmp_path, _row(platform="plaza", company="某公司", **cells))
    _, (row,), problems = contacts(tmp_path)
    (name, *_) = cells
    assert getattr(row, name) is None
    assert row.company == "某公司"
    assert [(line, said in words) for line, words in problems] == [(2, True)]


def test_a_platform_twice_and_a_wrong_head_are_said(tmp_path: Path) -> None:
    _contacts(tmp_path, _row(platform="plaza"), _row(platform="plaza"), _row())
    _, rows, problems = contacts(tmp_path)
    assert (len(rows), [line for line, _ in problems]) == (1, [3, 4])
    (tmp_path / "tables" / "platform_contacts.csv").write_text("platform\nplaza\n", encoding="utf-8")
    with pytest.raises(SpecError, match="the columns must be"):
        contacts(tmp_path)


def test_the_address_book_overlays_the_platform_files(tmp_path: Path) -> None:
    deadline = {"deadline": "3", "deadline_unit": "working_days", "deadline_source": "约谈纪要第2条"}
    demo = _row(platform="demo_shop", uscc=GOOD, email="legal@shop.example", **deadline)
    (tmp_path / "data").mkdir()
    data = _contacts(tmp_path / "data", demo, _row(platform="nowhere"))
    (data / "tables" / "takedown_rules.csv").write_text("name,value,note\narea,杭州市,\n", encoding="utf-8")
    with Office(load_settings(home=tmp_path / "home", data=data, demo=True)) as office:
        rows, problems = app.address_book(office)
    shop = next(row for row in rows if row["platform"] == "demo_shop")
    assert (shop["company"], shop["uscc"], shop["email"]) == ("演示网络科技有限公司", GOOD, "legal@shop.example")
    assert (shop["deadline"], shop["deadline_source"], shop["line"]) == ("3 个工作日", "约谈纪要第2条", 2)
    assert shop["kind"] == "urge", "its domicile is in the office's area"
    market = next(row for row in rows if row["platform"] == "demo_market")
    assert (market["deadline"], market["kind"], market["line"]) == ("48 小时", "assist", None)
    assert [(each["line"], "nowhere" in each["message"]) for each in problems] == [(3, True)]
