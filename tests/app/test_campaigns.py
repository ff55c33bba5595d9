"""Campaigns as data: cases that belong to one, indicators computed, taken from tables, entered, added up."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import campaigns, casework, reports
from adwatch.casework.report_work import hand_in
from adwatch.errors import SpecError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.tables.campaign import campaigns as read_campaigns
from tests.app.letters_world import ACTOR, UNIT, Desk
from tests.app.test_letters import desk

__all__ = ["desk"]

NAME = "jiazheng2026"
DOCS = Path(__file__).parents[2] / "docs" / "casework.md"


def written(desk: Desk, text: str | None = None, **change: str) -> Path:
    """The campaign that the docs show, changed."""
    shown = re.search(r"```yaml\n(title: .*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    said = text if text is not None else shown[1]
    for old, new in change.items():
        said = said.replace(old, new)
    folder = desk.folder / "data" / "campaigns"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.yml").write_text(said, encoding="utf-8")
    return folder / f"{NAME}.yml"


def indicators(desk: Desk) -> dict[str, Any]:
    return {each["id"]: each for each in campaigns.show(desk.office, NAME)["indicators"]}


def test_cases_belong_to_one_and_its_figures_count_only_them(desk: Desk) -> None:
    written(desk)
    ours, other = desk.lead("1"), desk.lead("2")
    report = campaigns.assign(desk.office, NAME, [ours, 99], ACTOR)
    assert (report.kept, report.dropped["unknown"]) == (1, 1)
    assert campaigns.assign(desk.office, NAME, [ours], ACTOR).counts["unchanged"] == 1
    casework.decide(desk.office, [ours, other], "confirm", "李", "某局", "核实")
    row = campaigns.show(desk.office, NAME)
    assert (row["cases"], row["states"]) == (1, {"属实": 1})
    assert row["due"] == [{"what": "总结报告", "day": "2027-01-08", "days_left": 51}]
    assert row["running"]
    assert indicators(desk)["confirmed"]["value"] == 1
    assert [each["case_id"] for each in indicators(desk)["confirmed"]["behind"]] == [ours]
    campaigns.assign(desk.office, None, [ours], ACTOR)
    assert indicators(desk)["confirmed"]["value"] == 0
    assert [row["campaign"] for row in desk.world.rows(s.case)] == [None, None]
    assert verify_log(desk.office.engine).fault is None


def test_figures_of_tables_are_added_up_by_department_and_county(desk: Desk) -> None:
    written(desk)
    reports.enter(desk.office, "two_monthly", "2026-11", "公安", "police", "2", "王芳")
    reports.enter(desk.office, "two_monthly", "2026-09", "公安", "police", "1", "王芳")
    assert indicators(desk)["cases"]["value"] == 1, "the period to November ends with the month"
    desk.clock.tick(days=40)
    found = indicators(desk)["cases"]
    assert found["value"] == 3
    assert found["departments"] == [{"department": "公安", "value": 3}]
    form, period = reports.chosen(desk.office, "two_monthly", "2026-11")
    rows = [{"line": 6, "department": "应急管理", "cells": {"police": 4}}]
    sheet: dict[str, Any] = {"rows": rows, "refused": [], "raw": []}
    now = desk.office.clock.now()
    hand_in(desk.office.engine, form, period, "甲县应急管理局", "甲.xlsx", "0" * 64, sheet, "王芳", now=now)
    found = indicators(desk)["cases"]
    assert found["value"] == 7
    assert found["counties"] == [{"county": "本级", "value": 3}, {"county": "甲县", "value": 4}]
    assert {(part["unit"], part["source"]) for part in found["parts"]} == {
        (UNIT, "own"),
        ("甲县应急管理局", "declared"),
    }


def test_entered_figures_the_last_of_each_unit_holds(desk: Desk) -> None:
    written(desk)
    for value, county in (("3", "甲县"), ("5", ""), ("4", "甲县")):
        campaigns.enter(desk.office, NAME, "rectified", value, "应急管理", county, ACTOR)
    found = indicators(desk)["rectified"]
    assert found["value"] == 9
    assert found["counties"] == [{"county": "本级", "value": 5}, {"county": "甲县", "value": 4}]
    assert len(desk.world.rows(s.campaign_value)) == 3
    for indicator, value, department, word in (
        ("cleared", "1", "应急管理", "不手工填写"),
        ("nothing", "1", "应急管理", "没有指标"),
        ("rectified", "-1", "应急管理", "非负数"),
        ("rectified", "NaN", "应急管理", "非负数"),
        ("rectified", "1", "教育", "成员中没有"),
    ):
        with pytest.raises(UsageError, match=word):
            campaigns.enter(desk.office, NAME, indicator, value, department, "", ACTOR)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"last: 2026-12-31": "last: 2026-01-31"}, "last lies before first"),
        ({"figure: {of: confirmed}": "figure: {of: confirmed}, bulletins: true"}, r"yml:\d+: indicators.1.*write one of"),
        ({"of: confirmed": "of: transferred"}, "write column"),
        ({"id: cases": "id: cleared"}, "name of their own"),
        ({"document: ": "dokument: "}, r"yml:\d+"),
        ({"day: 2027-01-08": "day: soon"}, r"yml:\d+: due.0.day"),
    ],
)
def test_mistakes_are_named_with_file_and_field(desk: Desk, change: dict[str, str], word: str) -> None:
    written(desk, **change)
    with pytest.raises(SpecError, match=word):
        read_campaigns(desk.folder / "data")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"[special_operations,": "[nothing,"}, "没有词表"),
        ({"tables: [two_monthly]": "tables: [weekly]"}, "没有统计表"),
        ({"column: police}": "column: polic}"}, "没有列"),
        ({"column: police}": "column: exposed}"}, "文字列"),
    ],
)
def test_names_that_are_not_there_are_said(desk: Desk, change: dict[str, str], word: str) -> None:
    written(desk, **change)
    with pytest.raises(UsageError, match=word):
        campaigns.show(desk.office, NAME)
    with pytest.raises(UsageError, match="没有专项行动"):
        campaigns.assign(desk.office, "other", [1], ACTOR)
    assert date.fromisoformat(campaigns.listed(desk.office)[0]["last"]) == date(2026, 12, 31)
