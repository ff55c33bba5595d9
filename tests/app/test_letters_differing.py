"""甄别函 whose leads were decided since they were drafted, by the command and on the screens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adwatch.app import casework, confirmation, correction_letters, correction_send
from adwatch.casework import sign_in
from adwatch.casework.routing_table import COLUMNS
from adwatch.cli import whole
from adwatch.store import schema as s
from tests.app.letters_world import ACTOR, UNIT, Desk
from tests.conftest import known_holidays, this_year
from tests.console.site import Site, running, text

NUMBER, AGAIN = "ADW-ZB-2026-0001", "ADW-ZB-2026-0002"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.lead("1")
    made.lead("2")
    confirmation.draft(made.office, ACTOR)
    yield made
    made.office.__exit__(None, None, None)


def decided(desk: Desk) -> None:
    assert casework.decide(desk.office, [1], "dismiss", "张三", UNIT, "转载警示")[0].kept == 1


def typed(line: str) -> str:
    done = CliRunner().invoke(whole(), line.split())
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def rows(line: str) -> list[dict[str, Any]]:
    return [json.loads(each) for each in typed(f"{line} --json").splitlines()]


def test_a_correction_goes_to_the_officer_that_the_routing_names(desk: Desk) -> None:
    confirmation.mark_sent(desk.office, NUMBER, ACTOR, None)
    decided(desk)
    row = correction_letters.draft(desk.office, NUMBER, ACTOR, "已另行认定")
    assert correction_send.addresses_of(desk.office, row["number"]) == [], "by hand where the table names nobody"
    folder = desk.folder / "data" / "routing"
    folder.mkdir(parents=True)

    def officers(*channels: str, confirms: str = "emergency") -> list[str]:
        lines = [",".join(COLUMNS)]
        for at, channel in enumerate(channels):
            lines.append(f"exam_exemption,,某区{at},,,{confirms},,王某,{channel},2020-01-01,,")
        (folder / "routing.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return correction_send.addresses_of(desk.office, row["number"])

    assert officers("office@emergency.example", "office@emergency.example") == ["office@emergency.example"]
    assert officers("电话 0359-0000000") == []
    assert officers("a@emergency.example", "b@emergency.example") == [], "which of two a person says"
    assert officers("office@housing.example", confirms="housing") == []
    assert officers("office@emergency.example") == ["office@emergency.example"]
    assert b"To: office@emergency.example" in _mail(desk, row["number"])


def _mail(desk: Desk, number: str) -> bytes:
    receivers = correction_send.addresses_of(desk.office, number)
    return correction_letters.files(desk.office, number, receivers=receivers)[-1].content


def test_by_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HOME", "home"), ("DATA", "data")):
        monkeypatch.setenv(f"ADWATCH_{name}", str(desk.folder / value))
    monkeypatch.setenv("ADWATCH_UNIT", UNIT)
    monkeypatch.setenv("COLUMNS", "200")
    known_holidays(desk.folder / "data")
    assert "与现认定不符" not in typed("review letter list")
    decided(desk)
    assert "与现认定不符" in typed("review letter list")
    assert "现为：不属实" in typed(f"review letter list --number {NUMBER}")
    told = typed("review letter draft --by 王芳")
    assert f"adwatch review letter void {NUMBER}" in told
    assert f"differing correct {NUMBER}" in typed(f"review letter sent {NUMBER} --by 王芳")
    assert [(row["number"], row["kind_label"]) for row in rows("differing list")] == [(NUMBER, "甄别函")]
    typed(f"differing aside {NUMBER} --by 王芳 --reason 已函告")
    assert rows("differing list") == []


def test_void_by_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HOME", "home"), ("DATA", "data")):
        monkeypatch.setenv(f"ADWATCH_{name}", str(desk.folder / value))
    monkeypatch.setenv("ADWATCH_UNIT", UNIT)
    decided(desk)
    assert "已作废" in typed(f"review letter void {NUMBER} --by 王芳 --reason 已认定")
    again = AGAIN if f"-{this_year()}-" in AGAIN else f"ADW-ZB-{this_year()}-0001"
    assert [(row["number"], row["leads"]) for row in rows("review letter draft --by 王芳")] == [(again, 1)]


@pytest.fixture
def site(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with running(desk.office) as made:
        made.account("head", "head")
        yield made


def test_on_the_screens(desk: Desk, site: Site) -> None:
    head, page = site.client("head"), f"/letters/{NUMBER}"
    assert "与现认定不符" not in text(head.get("/letters"))
    decided(desk)
    assert "与现认定不符" in text(head.get("/letters"))
    shown = text(head.get(page))
    assert "现为：不属实" in shown and "先作废本函，再重新拟函" in shown
    assert "现为：不属实" in text(head.post(f"{page}/sent", page=page)), "before it is registered"
    assert head.sure(f"{page}/void", {"reason": "已认定"}, page=page).status == 303
    shown = text(head.get(page))
    assert "作废" in shown and "导入回复" not in shown and "记为已发出" not in shown
    assert head.post("/letters/draft", page="/letters").status == 303
    assert [row["state"] for row in desk.world.rows(s.confirmation)] == ["void", "draft"]
    assert "现为" not in text(head.get(f"/letters/{AGAIN}"))


def test_one_registered_as_sent_stands_on_today(desk: Desk, site: Site) -> None:
    head, page = site.client("head"), f"/letters/{NUMBER}"
    decided(desk)
    assert head.sure(f"{page}/sent", page=page).status == 303
    assert 'href="/differing"><b>1</b>' in text(head.get("/today"))
    assert f'href="{page}"' in text(head.get("/differing"))
    assert head.post(f"/differing/{NUMBER}/aside", {"reason": "已函告"}, page="/differing").status == 303
    assert 'href="/differing"><b>0</b>' in text(head.get("/today"))


def test_an_account_with_limits_has_none_of_them(desk: Desk, site: Site) -> None:
    site.account("part", "reviewer", families=("special_operations",))
    decided(desk)
    confirmation.mark_sent(desk.office, NUMBER, ACTOR, None)
    part = site.client("part")
    assert 'href="/differing"><b>0</b>' in text(part.get("/today")) and NUMBER not in text(part.get("/differing"))
    assert part.post(f"/differing/{NUMBER}/aside", {"reason": "x"}, page="/differing").status == 403
