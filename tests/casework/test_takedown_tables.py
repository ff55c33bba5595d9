from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from adwatch.app import casework
from adwatch.app.address_book import address_book
from adwatch.app.office import Office
from adwatch.casework.platform_info import PlatformInfo
from adwatch.errors import SpecError
from adwatch.models import Actor
from adwatch.settings import load_settings
from adwatch.tables.takedown import COLUMNS, WITHOUT_VALIDITY, TakedownRules, contacts, contacts_on, escalations
from adwatch.tables.takedown_routing import TakedownRoutes
from adwatch.tables.uscc import ALPHABET, check_character, uscc_mistake
from tests.casework.office import ZONE, confirmed
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
    assert [(each.line, each.column, said in each.said) for each in problems] == [(2, name, True)]


def test_a_platform_twice_and_a_wrong_head_are_said(tmp_path: Path) -> None:
    _contacts(tmp_path, _row(platform="plaza"), _row(platform="plaza"), _row())
    _, rows, problems = contacts(tmp_path)
    assert (len(rows), [(each.line, each.column) for each in problems]) == (1, [(3, "valid_from"), (4, "platform")])
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
        rows, problems = address_book(office)
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
        listed, _ = address_book(office)
        assert {row["kind_label"] for row in listed} == {"没有适用的行"}
        _routes(tmp_path, ",@unknown,,assist,platform,,2020-01-01,,")
        _, rows = casework.draft(office, None)
        assert [(row["platform"], row["listings"]) for row in rows] == [("plaza", 2)], "what waited is drafted then"


def test_the_row_of_the_day_holds_and_between_rows_none(tmp_path: Path) -> None:
    first = _row(platform="plaza", company="旧公司", valid_to="2026-06-30")
    then = _row(platform="plaza", company="新公司", valid_from="2026-07-02", valid_to="2026-12-31")
    other = _row(platform="bazaar", company="别的公司", valid_from="2026-07-01")
    _contacts(tmp_path, first, then, other)
    held = {"2020-01-01": "旧公司", "2026-06-30": "旧公司", "2026-07-02": "新公司", "2026-12-31": "新公司"}
    for day, company in held.items():
        assert contacts_on(tmp_path, date.fromisoformat(day))["plaza"].company == company
    for day in ("2026-07-01", "2027-01-01"):
        assert set(contacts_on(tmp_path, date.fromisoformat(day))) == {"bazaar"}
    assert contacts(tmp_path)[2] == []


@pytest.mark.parametrize(
    ("days", "column", "said"),
    [
        ({"valid_from": "2026-06-30"}, "valid_from", "与第 2 行重叠"),
        ({"valid_to": "2026-01-01"}, "valid_from", "与第 2 行重叠"),
        ({"valid_from": "2026-08-01", "valid_to": "2026-07-31"}, "valid_to", "早于 valid_from"),
        ({"valid_from": "2026-13-01"}, "valid_from", "2026-13-01: 应为日期"),
        ({"valid_to": "去年"}, "valid_to", "去年: 应为日期"),
    ],
)
def test_days_that_cannot_be_are_named_by_file_and_line_and_no_letter_goes_by_them(
    tmp_path: Path, days: dict[str, str], column: str, said: str
) -> None:
    _contacts(tmp_path, _row(platform="plaza", company="甲", valid_to="2026-06-30"), _row(platform="plaza", **days))
    _, rows, ((line, where, words),) = contacts(tmp_path)
    assert ([row.company for row in rows], line, where, said in words) == (["甲"], 3, column, True)
    with pytest.raises(SpecError, match=said) as told:
        contacts_on(tmp_path, date(2026, 11, 18))
    assert f"platform_contacts.csv:3: {column}" in str(told.value)


def test_a_file_without_the_columns_is_read_as_before(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    cells = {"platform": "plaza", "company": "某公司", "note": "旧表"}
    text = ",".join(WITHOUT_VALIDITY) + "\n" + ",".join(cells.get(name, "") for name in WITHOUT_VALIDITY) + "\n"
    (tmp_path / "tables" / "platform_contacts.csv").write_text(text, encoding="utf-8")
    for day in (date.min, date.max):
        row = contacts_on(tmp_path, day)["plaza"]
        assert (row.company, row.note, row.valid_from) == ("某公司", "旧表", None)
    (tmp_path / "tables" / "platform_contacts.csv").write_text(text + "plaza\n", encoding="utf-8")
    with pytest.raises(SpecError, match="14 columns"):
        contacts(tmp_path)


class At:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The time."""
        return self.at


def test_a_letter_goes_by_the_facts_of_the_day_on_which_it_is_drafted(tmp_path: Path) -> None:
    """Two letters a second apart: the old company's last day ends between them, in the office's time zone."""
    was = _row(platform="demo_shop", company="旧公司", valid_to="2026-11-18")
    now = _row(platform="demo_shop", company="新公司", valid_from="2026-11-19")
    (tmp_path / "data").mkdir()
    data = _contacts(tmp_path / "data", was, now)
    clock = At(datetime(2026, 11, 18, 23, 59, 59, tzinfo=ZONE))
    with Office(load_settings(home=tmp_path / "home", data=data, demo=True, unit="某局"), clock) as office:
        world, addressees = World(office.engine), []
        for number in ("1", "2"):
            confirmed(world, number, platform="demo_shop")
            (row,) = casework.draft(office, tmp_path / "out", Actor("王芳", "某局"))[1][-1:]
            content = json.loads(Path(row["json"]).read_bytes())
            addressees.append((content["addressee"], len(content["listings"])))
            clock.at += timedelta(seconds=1)
        assert addressees == [("旧公司", 1), ("新公司", 1)]
        rows, problems = address_book(office, date(2026, 11, 18))
        (shop,) = [row for row in rows if row["platform"] == "demo_shop"]
        facts = [shop[name] for name in ("company", "line", "valid_from", "valid_to")]
        assert (facts, problems) == (["旧公司", 2, None, "2026-11-18"], [])
        _contacts(data, was, was)
        with pytest.raises(SpecError, match=r"platform_contacts\.csv:3: valid_from"):
            casework.draft(office, tmp_path / "out")
