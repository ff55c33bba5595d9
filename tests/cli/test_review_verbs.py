"""A reviewer's day on the command line: each verb of the group ``review`` that acts, with its JSON and exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from adwatch.app.office import Office
from adwatch.cli import casework, review_findings, review_quality, review_tracks, review_work
from adwatch.errors import UsageError
from adwatch.settings import load_settings
from tests.store.world import World, clear, listing


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with three hits and a listing without."""
    folder = tmp_path_factory.mktemp("home")
    with Office(load_settings(home=folder)) as office:
        world = World(office.engine, office.clock.now())
        for name in ("1", "2", "3"):
            world.flag(listing(name))
        world.store(listing("4", "电工证考前辅导"))
        world.judge(clear())
    return folder


class Desk:
    """The command as it is typed."""

    def __init__(self) -> None:
        self.app = typer.Typer()
        for verbs in (casework, review_findings, review_work, review_tracks, review_quality):
            verbs.register(self.app)

    def type(self, line: str, status: int = 0) -> str:
        """What is printed; the exit status must be that one."""
        done = CliRunner().invoke(self.app, line.split())
        assert done.exit_code == status, (done.output, done.exception)
        return done.output

    def rows(self, line: str) -> list[dict[str, Any]]:
        """The lines of JSON."""
        return [json.loads(each) for each in self.type(f"{line} --json").splitlines()]


@pytest.fixture
def desk(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    shutil.copytree(filled, tmp_path / "home")
    monkeypatch.setenv("ADWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ADWATCH_UNIT", "某市应急管理局")
    return Desk()


def test_open_decide_undo_and_the_next(desk: Desk) -> None:
    (lead,) = desk.rows("review next --by 李建国")
    assert lead["lease"]["mine"]
    assert "confirm" in lead["may"]
    assert "close" not in lead["may"]
    case_id = lead["case_id"]
    assert "leased" in desk.type(f"review confirm {case_id} --by 王芳 --reason 看过", 1)
    assert "只可查看" in desk.type(f"review open {case_id} --by 王芳")
    assert "未由本人打开" in desk.type(f"review release {case_id} --by 王芳", 1)
    desk.type(f"review dismiss {case_id} --by 李建国 --code D01 --reason 转载警示")
    (undone,) = desk.rows(f"review undo {case_id} --by 李建国 --reason 点错")
    assert undone["state"] == "registered"
    (row,) = desk.rows(f"review confirm {case_id} --by 李建国 --code C01 --reason 承诺免考")
    assert (row["state"], row["lead_number"]) == ("confirmed", undone["lead_number"])
    wrong = CliRunner().invoke(desk.app, f"review confirm {case_id} --by 李建国 --reason 看 --scope x".split())
    assert "safety_production" in str(wrong.exception)
    wide = "--scope other_credential --type insider_claim --family special_operations"
    desk.type(f"review confirm {case_id} --by 李建国 --reason 证书另属 {wide}")
    shown = json.loads(desk.type(f"review show {case_id} --json"))
    assert shown["decisions"][-1]["corrected_label"].startswith("范围：其他证书类；违法类型：内部关系；证书类别：")
    assert "sure_thing" in shown["listings"][0]["verdict"]["offer_types"]
    (other,) = desk.rows("review next --by 李建国")
    (third,) = desk.rows(f"review next --by 李建国 --skip {other['case_id']}")
    assert len({case_id, other["case_id"], third["case_id"]}) == 3
    desk.type(f"review exclude {third['case_id']} --by 李建国 --reason 与证书无关")
    assert "没有待办线索" in desk.type(f"review next --by 李建国 --skip {other['case_id']} --scope other_credential")
    (taken,) = desk.rows(f"review open {other['case_id']} --by 赵敏 --role 负责人 --take-over")
    assert taken["lease"]["by"] == "赵敏（某市应急管理局）"
    assert any(
        each["code"] == "D01" and each["findings"] == ["dismiss", "exclude"] for each in desk.rows("review codes")
    )


def test_tracks_and_clocks(desk: Desk) -> None:
    (lead,) = desk.rows("review next --by 李建国")
    case_id = lead["case_id"]
    assert "属实" in desk.type(f"review track-open {case_id} --track takedown --by 王芳", 1)
    desk.type(f"review confirm {case_id} --by 李建国 --reason 承诺免考")
    (clock,) = desk.rows("review due")
    assert (clock["case_id"], clock["clock"], clock["overdue"]) == (case_id, "filing_decision", False)
    assert desk.rows("review due --overdue") == []
    desk.rows(f"review extend {case_id} --by 赵敏 --role 负责人 --reason 案情复杂")
    assert desk.rows("review due")[0]["due_on"] > clock["due_on"]
    (opened,) = desk.rows(f"review track-open {case_id} --track investigation --by 王芳")
    assert [each["to"] for each in opened["next"]] == ["filed", "not_filed", "referred"]
    assert "tracks_open" in desk.type(f"review close {case_id} --by 王芳 --reason 完", 1)
    assert "不能转到" in desk.type(f"review track-move {case_id} --track investigation --to punished --by 王芳", 1)
    assert "结果应为" in desk.type(f"review track-move {case_id} --track investigation --to not_filed --by 王芳", 1)
    refused = CliRunner().invoke(desk.app, f"review filing {case_id} --as not_filed:talk --by 王芳".split())
    assert "须写明理由" in str(refused.exception)
    desk.type(f"review filing {case_id} --as not_filed:talk --reason 情节轻微 --by 王芳")
    assert "已经决定过" in desk.type(f"review filing {case_id} --as filed --by 王芳", 1)
    (track,) = desk.rows(f"review tracks {case_id}")
    assert (track["outcome_label"], track["open"]) == ("约谈告诫", False)
    assert [row["state"] for row in desk.rows("review list --state closed")] == ["closed"]
    assert desk.rows("review due") == []


def test_samples_gold_and_quality(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data" / "tables").mkdir(parents=True)
    rules = "kind,field,value,share,note\ntwo_person,scope,safety_production,1,\ndismissed,all,,1,\nunflagged,all,,1,\n"
    (tmp_path / "data" / "tables" / "second_look.csv").write_text(rules, encoding="utf-8")
    monkeypatch.setenv("ADWATCH_DATA", str(tmp_path / "data"))
    (lead,) = desk.rows("review next --by 李建国")
    case_id = lead["case_id"]
    assert "待另一人复核" in desk.type(f"review dismiss {case_id} --by 李建国 --reason 报道")
    assert "same_person" in desk.type(f"review dismiss {case_id} --by 李建国 --reason 报道", 1)
    assert "已撤回本人的结论" in desk.type(f"review undo {case_id} --by 李建国 --reason 点错")
    assert "待另一人复核" in desk.type(f"review dismiss {case_id} --by 李建国 --reason 报道")
    assert "不属实" in desk.type(f"review dismiss {case_id} --by 周强 --reason 报道")
    (drawn,) = desk.rows("review sample --from 2026-01-01 --to 2036-01-01 --by 赵敏")
    assert (drawn["dismissed"]["drawn"], drawn["unflagged"]["drawn"]) == (1, 1)
    waiting = desk.rows("review looks --by 钱伟")
    assert len(waiting) == 2
    for row in waiting:
        desk.type(f"review look {row['look_id']} --result dismiss --by 钱伟")
    desk.type(f"review gold {lead['listing_id']} --result confirm --by 赵敏")
    desk.type("review gold zz --result confirm --by 赵敏", 1)
    (gold,) = desk.rows("review looks --by 钱伟")
    desk.type(f"review look {gold['look_id']} --result confirm --by 钱伟")
    (numbers,) = desk.rows("review quality --from 2026-01-01 --to 2036-01-01")
    assert (numbers["agreement"]["two_person"]["agreement"], numbers["withdrawn"]) == (1.0, 1)
    assert (numbers["agreement"]["dismissed"]["pairs"], numbers["agreement"]["unflagged"]["pairs"]) == (1, 1)
    assert numbers["gold"] == [
        {"person": "钱伟", "unit": "某市应急管理局", "answers": 1, "right": 1, "share": 1.0},
    ]
    assert "kappa" in desk.type("review quality --from 2026-01-01 --to 2036-01-01")


def test_a_case_is_named_by_either_of_its_numbers(desk: Desk) -> None:
    lead = desk.rows("review register 2 --by 王芳")[0]["lead_number"]
    assert lead.startswith("ADW-")
    assert desk.rows(f"review show {lead}")[0]["case_id"] == 2
    assert f"案件号 2  待甄别  线索编号 {lead}" in desk.type(f"review show {lead.lower()}")
    assert desk.rows(f"review confirm {lead} 3 --by 王芳 --reason 是")[1]["case_id"] == 3
    assert [row["state"] for row in desk.rows("review list") if row["case_id"] == 2] == ["confirmed"]
    listed = desk.type("review list")
    assert "案件号" in listed and lead[-6:] in listed
    assert desk.rows(f"review track-open {lead} --track investigation --by 王芳")
    assert desk.rows(f"review tracks {lead}")[0]["track"] == "investigation"
    desk.rows(f"review track-open {lead} --track crime --by 王芳")
    refused = CliRunner().invoke(desk.app, f"review track-move {lead} --track crime --to approved --by 王芳".split())
    assert "由移送办理" in str(refused.exception), "who drafts a transfer does not approve it, on no way round"
    never = f"{lead[:-6]}000099"
    refused = CliRunner().invoke(desk.app, ["review", "show", never]).exception
    assert isinstance(refused, UsageError)
    assert f"线索编号 {never}: 没有这个编号" in str(refused)
    assert f"线索编号 {never}: 没有这个编号" in desk.type(f"review dismiss {never} 1 --by 王芳 --reason 否", 1)
    assert [row["state"] for row in desk.rows("review list") if row["case_id"] == 1] == ["dismissed"], (
        "the others go on"
    )
