from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from adwatch.casework.export import export_week
from adwatch.casework.takedown import draft, mark_sent
from adwatch.casework.weekly import COLUMNS, week_days
from adwatch.errors import UsageError
from adwatch.store import schema as s
from adwatch.store.captures import end_run, start_run
from adwatch.store.engine import reading, writing
from adwatch.store.takedowns import add_check, listings_of
from tests.casework.office import CLASSES, FAMILIES, PLATFORMS, UNIT, ZONE, decide, law
from tests.casework.reviewing import ZHANG, found
from tests.store.world import NOON, World, clear, listing, verdict

HEADINGS = [
    *(
        "序号",
        "线索编号",
        "发现时间",
        "平台",
        "平台住所地",
        "店铺",
        "经营主体/信用代码",
        "经营地(来源)",
        "标题",
        "链接",
    ),
    *("违法原文", "证书类别", "违法类型", "依据", "价格/销量", "联系方式(脱敏)", "证据号", "甄别单位及结论", "处置"),
    *("核验时间", "是否复现"),
]


def export(world: World, folder: Path, fmt: str = "jsonl", week: str = "2026-W47", **more: Any) -> list[Path]:
    return export_week(
        world.engine,
        week,
        fmt,
        folder / "out",
        now=world.now,
        zone=ZONE,
        law=law(folder),
        classes=CLASSES,
        families=FAMILIES,
        platforms=PLATFORMS,
        **more,
    )


def _rows(files: list[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[0].read_bytes().splitlines()]


def test_the_headings_are_those_of_the_form_in_its_order() -> None:
    assert list(COLUMNS.values()) == HEADINGS


@pytest.mark.parametrize(
    ("day", "inside"),
    [("2026-11-15", False), ("2026-11-16", True), ("2026-11-22", True), ("2026-11-23", False)],
)
def test_a_week_is_monday_to_sunday_by_the_day_of_the_first_flag(
    world: World, tmp_path: Path, day: str, inside: bool
) -> None:
    world.flag(listing("1"), day=day)
    assert bool(_rows(export(world, tmp_path))) is inside


def test_what_a_reviewer_corrected_stands_in_the_list(world: World, tmp_path: Path) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, corrected={"scope": "other_credential", "types": ["insider_claim"]})
    (row,) = _rows(export(world, tmp_path))
    assert (row["scope"], row["offer_types"]) == ("other_credential", ["insider_claim"])
    assert row["certificate_kinds"] == ["electric"], "what was not corrected is the machine's"


def test_a_listing_counts_in_the_week_of_its_first_flag_only(world: World, tmp_path: Path) -> None:
    world.flag(listing("1"), day="2026-11-18")
    world.tick(days=7)
    world.store(listing("1", "包过包过"), day="2026-11-25")
    world.judge(verdict(listing("1", "包过包过")), day="2026-11-25")
    assert len(_rows(export(world, tmp_path))) == 1
    assert _rows(export(world, tmp_path, week="2026-W48")) == []


@pytest.mark.parametrize("week", ["2026-47", "2026-W54", "2026-W00", "26-W47", "2026-W7", "W47", "", "2026-Wxx"])
def test_a_week_that_is_none_is_refused(week: str) -> None:
    with pytest.raises(UsageError, match="2026-W47"):
        week_days(week)


def test_the_row_says_everything_of_the_form(world: World, tmp_path: Path) -> None:
    item = listing(
        "1",
        seller_region="某市",
        seller_region_source="亮照",
        operator_name="某某咨询部",
        uscc="91140800MA0GXXXX0X",
        price_text="￥880",
        sales_text="已售12",
    )
    decide(world, world.flag(item, verdict(item, contact="abc13800138000")))
    _, (asked,) = draft(
        world.engine,
        tmp_path / "letters",
        law=law(tmp_path),
        classes=CLASSES,
        platforms=PLATFORMS,
        unit=UNIT,
        now=world.now,
        zone=ZONE,
    )
    mark_sent(world.engine, [asked["number"]], "张三", world.now, zone=ZONE)
    for word in ("gone", "unknown", "up"):
        with writing(world.engine) as connection:
            add_check(connection, listings_of(connection, [1])[0], word, world.tick(days=1), None, "")
    (row,) = _rows(export(world, tmp_path))
    assert {name: row[name] for name in COLUMNS} == {
        "seq": 1,
        "lead_number": "ADW-2026-000001",
        "found_at": "2026-11-18 12:00",
        "platform_label": "广场网",
        "domicile": "某省某市",
        "seller_name": "小店",
        "operator": "某某咨询部/91140800MA0GXXXX0X",
        "region": "某市（亮照）",
        "title": "商品1",
        "url": "https://plaza.example/item/1",
        "quotes": "“电工证包过，不过退款”",
        "family_labels": "电工类证书",
        "offer_labels": "承诺通过",
        "cites": "《某某法》第一条",
        "price": "￥880 / 已售12",
        "contacts": "ab************",
        "evidence": f"CAP-1-{1:064x}"[:22],
        "decision": "某市应急管理局：属实（2026-11-18）",
        "disposal": "ADW-TD-2026-0001 2026-11-18发函，2026-11-21核验仍在架",
        "checked_at": "2026-11-21 12:00",
        "relisted": "是",
    }


def test_both_scopes_are_listed_and_dismissed_ones_marked(world: World, tmp_path: Path) -> None:
    world.flag(listing("1"), verdict(listing("1"), scope="other_credential"))
    decide(world, world.flag(listing("2")), "dismiss")
    rows = _rows(export(world, tmp_path))
    assert [(row["scope"], row["dismissed"]) for row in rows] == [
        ("safety_production", True),
        ("other_credential", False),
    ]
    assert "不属实" in rows[0]["decision"]
    assert rows[1]["decision"] == "待初筛"


def test_what_a_newer_classifier_no_longer_flags_is_said_so(world: World, tmp_path: Path) -> None:
    world.flag(listing("1"))
    world.tick(days=1)
    world.judge(clear(), version="2")
    (row,) = _rows(export(world, tmp_path))
    assert row["decision"] == "待初筛（现版识别：未命中）"


@pytest.mark.parametrize("fmt", ["xlsx", "csv", "jsonl"])
def test_an_issue_is_frozen_and_gives_the_same_bytes(world: World, tmp_path: Path, fmt: str) -> None:
    case_id = world.flag(listing("1"))
    before = [file.read_bytes() for file in export(world, tmp_path, fmt)]
    world.tick(days=9)
    decide(world, case_id)
    world.flag(listing("2"))
    files = export(world, tmp_path, fmt)
    assert [file.read_bytes() for file in files] == before
    assert [file.name for file in files] == [f"2026-W47.{fmt}", "2026-W47-manifest.json"]
    again = export(world, tmp_path, fmt, reissue=True)
    assert [file.name for file in again] == [f"2026-W47-issue2.{fmt}", "2026-W47-issue2-manifest.json"]
    assert json.loads(again[1].read_bytes())["counts"]["listings"] == 2
    assert [file.read_bytes() for file in export(world, tmp_path, fmt)] == [file.read_bytes() for file in again]
    assert files[0].read_bytes() == before[0], "the first issue stays"


def test_as_of_gives_the_list_as_it_was_known_then(world: World, tmp_path: Path) -> None:
    case_id = world.flag(listing("1"))
    then = world.tick(hours=1)
    world.tick(hours=1)
    decide(world, case_id)
    world.flag(listing("2"))
    with pytest.raises(UsageError, match="future"):
        export(world, tmp_path, as_of=world.now + timedelta(days=1))
    (row,) = _rows(export(world, tmp_path, as_of=then))
    assert (row["lead_number"], row["decision"], row["state"]) == ("", "待初筛", "screening")
    world.tick(hours=1)
    assert len(_rows(export(world, tmp_path, reissue=True))) == 2
    assert _rows(export(world, tmp_path, as_of=then)) == [row]
    assert len(_rows(export(world, tmp_path))) == 2
    with pytest.raises(UsageError, match="first issued"):
        export(world, tmp_path, as_of=NOON - timedelta(days=1))


def test_the_manifest_counts_and_names_every_file_of_the_issue(world: World, tmp_path: Path) -> None:
    world.flag(listing("1"))
    world.flag(listing("2", platform="bazaar"), verdict(listing("2"), offer_types=("sure_thing", "paper_trade")))
    files = [export(world, tmp_path, fmt)[0] for fmt in ("xlsx", "csv", "jsonl", "xlsx")][:3]
    manifest = json.loads((tmp_path / "out" / "2026-W47-manifest.json").read_bytes())
    assert {each["name"]: each["sha256"] for each in manifest["files"]} == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }
    assert manifest["counts"] == {
        "listings": 2,
        "platform": {"plaza": 1, "bazaar": 1},
        "scope": {"safety_production": 2},
        "class": {"sure_thing": 2, "paper_trade": 1},
        "family": {"electric": 2},
        "state": {"screening": 2},
    }
    assert (manifest["from"], manifest["to"], manifest["complete"]) == ("2026-11-16", "2026-11-22", False)


def test_the_second_sheet_has_the_figures_and_the_outcomes(world: World, tmp_path: Path) -> None:
    world.flag(listing("1"))
    for outcome in ("ok", "blocked", "ok"):
        run = start_run(world.engine, "patrol", "2026-11-18", "plaza", "html", world.now)
        end_run(world.engine, run, outcome, {}, world.now)
    file = export(world, tmp_path, "xlsx")[0]
    book = CalamineWorkbook.from_path(str(file))
    assert book.sheet_names == ["监测清单", "统计", "巡查覆盖"]
    assert book.get_sheet_by_name("监测清单").to_python()[0] == HEADINGS
    figures = {str(row[0]): row[1] for row in book.get_sheet_by_name("统计").to_python()}
    assert (figures["信息条数"], figures["广场网"], figures["广场网：正常"], figures["广场网：被拦截"]) == (1, 1, 2, 1)


@pytest.mark.parametrize("fmt", ["xlsx", "csv", "jsonl"])
def test_no_personal_data_leaves(world: World, tmp_path: Path, fmt: str) -> None:
    number = "140802199001011234"
    item = listing("1", f"电工证包过，联系abc13800138000，身份证{number}包过", title=f"包过{number}")
    item_verdict = verdict(item, ("包过", "身份证"), contact="abc13800138000")
    world.flag(item, item_verdict)
    (file, manifest) = export(world, tmp_path, fmt)
    content = file.read_bytes() + manifest.read_bytes()
    if fmt == "xlsx":
        with zipfile.ZipFile(file) as package:
            content = b"".join(package.read(name) for name in package.namelist())
    assert "电工证包过".encode() in content.replace(b"\\u", b"")
    assert b"13800138000" not in content
    assert number[3:].encode() not in content


def test_a_kill_before_the_rename_leaves_no_half_file_and_the_same_list(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from adwatch.store.engine import open_engine;"
        "from tests.store.world import World; from tests.casework.test_export import export;"
        "export(World(open_engine(sys.argv[1])), Path(sys.argv[2]), 'csv')"
    )
    from adwatch.store.engine import migrate, open_engine

    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    migrate(engine)
    world = World(engine)
    case_id = world.flag(listing("1"))
    environment = {**os.environ, "ADWATCH_FAILPOINT": "export.before_rename"}
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'a.db'}", str(tmp_path)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert not (tmp_path / "out" / "2026-W47.csv").exists()
    world.tick(hours=1)
    decide(world, case_id)
    file = export(world, tmp_path, "csv")[0]
    assert "待初筛" in file.read_text(encoding="utf-8-sig"), "it was frozen when it was first issued"
    with reading(engine) as connection:
        assert len(connection.execute(s.export_issue.select()).all()) == 1
    engine.dispose()


def test_a_first_flag_of_another_clock_shows_the_patrol_day(world: World, tmp_path: Path) -> None:
    world.now = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
    world.flag(listing("1"), day="2026-11-18")
    assert _rows(export(world, tmp_path))[0]["found_at"] == "2026-11-18"


def test_a_format_that_is_none_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="xlsx, csv, jsonl"):
        export(world, tmp_path, "pdf")
