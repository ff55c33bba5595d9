"""What whoever writes a platform file does: look, record, replay; from an office's own folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adwatch.app import Office, platform_files
from adwatch.app.patrol import check
from adwatch.app.term_plan import show
from adwatch.errors import UsageError
from tests.app.sites import DAYS, World, goods, serving
from tests.collectors.interface_office import office_with, patrolled
from tests.standins.goods import matching
from tests.standins.jd_union import JdUnion
from tests.standins.server import running

CALL = "低压电工证包过，微信 zhang88661 或 13812345678"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    stock = goods(3)
    stock[2] = replace(stock[2], text=CALL)
    stock.reverse()
    with serving(stock) as site:
        yield World(tmp_path, site)


@contextmanager
def _looked(world: World) -> Iterator[Office]:
    """An office that has looked at the shop by ``platforms check``."""
    world.platform()
    with world.office() as office:
        assert check(office, "shop", DAYS[0])["verdict"] in ("ok", "look")
        yield office


def test_a_look_becomes_cases_that_hold_and_say_nothing_personal(world: World) -> None:
    with _looked(world) as office:
        asked = len(world.site.asked)
        report, rows = platform_files.record_cases(office, "shop")
        assert (report.kept, len(world.site.asked)) == (2, asked)
        assert [(row["case"], row["listings"], row["links"]) for row in rows] == [
            ("item_page", 1, 0),
            ("list_page", 0, 3),
        ]
        written = "".join(path.read_text("utf-8") for path in (office.settings.data or Path()).glob("cases/shop/*/*"))
        assert "zhang88661" not in written
        assert "13812345678" not in written
        assert "微信 xxxxx00000 或 10000000000" in written
        found = platform_files.test(office, ["shop"])
        assert [(row["case"], row["wrong"]) for row in found] == [("item_page", []), ("list_page", [])]


def test_a_case_is_never_overwritten(world: World) -> None:
    with _looked(world) as office:
        platform_files.record_cases(office, "shop")
        report, rows = platform_files.record_cases(office, "shop")
        assert (rows, report.dropped) == ([], {"exists": 2})
        report, rows = platform_files.record_cases(office, "shop", url=f"{world.site.url}/i/2", case="another")
        assert [row["case"] for row in rows] == ["another"]


def test_a_file_that_reads_something_else_is_told_field_by_field(world: World) -> None:
    with _looked(world) as office:
        platform_files.record_cases(office, "shop")
    world.platform(**{"title: h1": "title: b"})
    with world.office() as office:
        item, listed = platform_files.test(office, ["shop"])
    assert item["wrong"] == ['信息 listing 1: title: 应为 "劳保手套 2 号" expected, 读到 "9.90" read']
    assert listed["wrong"] == []


def test_what_cannot_be_recorded_or_replayed_is_said(world: World) -> None:
    world.platform()
    with world.office() as office:
        with pytest.raises(UsageError, match="no page of it is archived; run adwatch platforms check shop first"):
            platform_files.record_cases(office, "shop")
        with pytest.raises(UsageError, match="no case is recorded"):
            platform_files.test(office, ["shop"])
        broken = (office.settings.data or Path()) / "cases" / "shop" / "broken"
        broken.mkdir(parents=True)
        (broken / "request.json").write_text(json.dumps({"platform": "shop"}), encoding="utf-8")
        with pytest.raises(UsageError, match=r"broken/expected\.json"):
            platform_files.test(office, ["shop"])


def test_a_file_with_a_mistake_is_not_called_missing(world: World) -> None:
    world.platform()
    with world.office() as office:
        folder = (office.settings.data or Path()) / "platforms"
        (folder / "odd.yml").write_text(
            "name: odd\nlabel: 甲\nkind: html\nbase_url: https://odd.example\ncolour: red\n"
        )
        for verb in (lambda: platform_files.test(office, ["odd"]), lambda: show(office, "odd", DAYS[0])):
            with pytest.raises(UsageError, match=r"odd\.yml:5: colour"):
                verb()
        with pytest.raises(UsageError, match="no such platform file"):
            show(office, "dd", DAYS[0])


def test_of_an_interface_a_page_with_items_is_recorded_though_an_empty_search_is_newer(tmp_path: Path) -> None:
    keys = {"jd_union": {"id": "good", "secret": "demo-secret"}}
    with running(JdUnion().app()) as base, office_with(tmp_path, base, "jd_union", keys) as office:
        patrolled(office, ["电工证", "没有这样的东西"])
        report, rows = platform_files.record_cases(office, "here", out=tmp_path / "cases")
    assert (report.kept, [row["listings"] for row in rows]) == (1, [len(matching("电工证"))])
