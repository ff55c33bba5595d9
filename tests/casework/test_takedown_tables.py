from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from adwatch.app import casework
from adwatch.app import takedown as app
from adwatch.app.office import Office
from adwatch.casework.platform_info import PlatformInfo
from adwatch.errors import SpecError
from adwatch.settings import load_settings
from adwatch.tables.takedown import COLUMNS, TakedownRules, contacts, escalations
from adwatch.tables.takedown_routing import TakedownRoutes
from adwatch.tables.uscc import ALPHABET, check_character, uscc_mistake
from tests.casework.office import confirmed
from tests.store.world import World

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


ROUTES = "platform,domicile,way,kind,to,email,valid_from,valid_to,note\n"


def _routes(folder: Path, *rows: str) -> TakedownRoutes:
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / "takedown_routing.csv").write_text(ROUTES + "\n".join(rows) + "\n", encoding="utf-8")
    return TakedownRoutes.load(folder)


def test_the_letter_of_a_platform_is_chosen_by_rows_with_dates(tmp_path: Path) -> None:
    routes = _routes(
        tmp_path,
        ",@area,,urge,platform,,2026-01-01,,",
        "bazaar,,,refer,某部网络司,desk@ministry.example,2026-01-01,2026-11-18,专项期间",
        ",他省他市,,refer,他市市场监督管理局,,2026-11-19,,协作协议",
        ",他省,bureau,refer,bureau,,2026-01-01,,",
        ",@elsewhere,,assist,platform,,2026-01-01,,",
    )
    day, later = date(2026, 11, 18), date(2026, 11, 19)
    here, far = (
        PlatformInfo("网", domicile="某省某市某区"),
        PlatformInfo("网", domicile="他省他市", email="a@far.example"),
    )
    by_bureau = PlatformInfo(
        "网", domicile="他省远市", way="bureau", bureau="远市市场监督管理局", bureau_email="b@far.example"
    )
    area = ("某市",)

    def told(name: str, info: PlatformInfo, on: date) -> tuple[str, str, str | None, int] | None:
        found = routes.route(name, info, area, on)
        return None if found is None else (found.kind, found.addressee, found.email, found.line)

    assert told("plaza", here, day) == ("urge", "网", None, 2)
    assert told("bazaar", far, day) == ("refer", "某部网络司", "desk@ministry.example", 3)
    assert told("plaza", far, day) == ("assist", "网", "a@far.example", 6), (
        "the row of the agreement is not in force yet"
    )
    assert told("bazaar", far, later) == ("refer", "他市市场监督管理局", None, 4), "the campaign's row is over"
    assert told("plaza", by_bureau, day) == ("refer", "远市市场监督管理局", "b@far.example", 5)
    assert told("plaza", replace(by_bureau, bureau=None), day) == ("assist", "网", None, 6)
    assert told("plaza", PlatformInfo("网"), day) is None, "no row speaks of an unknown domicile"
    assert told("plaza", here, date(2025, 12, 31)) is None


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",,,ask,platform,,2026-01-01,,", "kind"),
        (",,post,assist,platform,,2026-01-01,,", "way"),
        (",@home,,assist,platform,,2026-01-01,,", "domicile"),
        (",,,assist,,,2026-01-01,,", "to"),
        (",,,assist,platform,a@b.example,2026-01-01,,", "email"),
        (",,,assist,platform,,,,", "valid_from"),
        (",,,assist,platform,,2026-02-30,,", "valid_from"),
        (",,,assist,platform,,2026-02-01,2026-01-01,", "valid_from"),
        (",,,assist", "columns"),
    ],
)
def test_a_mistaken_route_names_file_line_and_column(tmp_path: Path, row: str, field: str) -> None:
    with pytest.raises(SpecError, match=rf"takedown_routing.csv:2.*{field}"):
        _routes(tmp_path, row)


def test_a_platform_that_no_row_fits_gets_no_letter_and_is_said(tmp_path: Path) -> None:
    _routes(tmp_path, "bazaar,,,assist,platform,,2020-01-01,,")
    with Office(load_settings(home=tmp_path, data=tmp_path, unit="某局")) as office:
        world = World(office.engine)
        confirmed(world, "1", "2")
        confirmed(world, "3", platform="bazaar")
        report, rows = casework.draft(office, None)
        assert [row["platform"] for row in rows] == ["bazaar"]
        assert report.dropped["no_route"] == 1
        (note,) = report.notes
        assert "plaza" in note and "2 条" in note and "takedown_routing.csv" in note
        listed, _ = app.address_book(office)
        assert {row["kind_label"] for row in listed} == {"没有适用的行"}
        _routes(tmp_path, ",@unknown,,assist,platform,,2020-01-01,,")
        _, rows = casework.draft(office, None)
        assert [(row["platform"], row["listings"]) for row in rows] == [("plaza", 2)], "what waited is drafted then"
