"""A request's way on the command line, each verb with its JSON, its words for people and its exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from adwatch.app.office import Office
from adwatch.cli import casework, takedown, takedown_after, verification
from adwatch.errors import AdWatchError
from adwatch.settings import load_settings
from tests.app.letter_server import Letters, serving
from tests.casework.office import confirmed
from tests.store.world import World

UNIT = "某市应急管理局"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with two confirmed listings."""
    folder = tmp_path_factory.mktemp("home")
    with Office(load_settings(home=folder)) as office:
        confirmed(World(office.engine), "1", "2")
    return folder


class Desk:
    """The command as it is typed."""

    def __init__(self) -> None:
        self.app = typer.Typer()
        for verbs in (casework, takedown, takedown_after, verification):
            verbs.register(self.app)

    def type(self, line: str, status: int = 0) -> str:
        """What is printed; the exit status must be that one."""
        done = CliRunner().invoke(self.app, ["takedown", *line.split()])
        told = done.exception.exit_status if isinstance(done.exception, AdWatchError) else done.exit_code
        assert told == status, (done.output, done.exception)
        return str(done.exception) if isinstance(done.exception, AdWatchError) else done.output

    def rows(self, line: str) -> list[dict[str, Any]]:
        """The lines of JSON."""
        return [json.loads(each) for each in self.type(f"{line} --json").splitlines()]


@pytest.fixture
def desk(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    shutil.copytree(filled, tmp_path / "home")
    monkeypatch.setenv("ADWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ADWATCH_UNIT", UNIT)
    return Desk()


def test_from_draft_to_reply_reminder_and_withdrawal(desk: Desk, tmp_path: Path) -> None:
    (row,) = desk.rows(f"draft --out {tmp_path / 'out'}")
    number = row["number"]
    assert (row["kind"], Path(row["list"]).is_file()) == ("assist", True)
    assert "现为“拟文”" in desk.type(f"sign {number} --by 王芳", 2)
    assert f"{number}: 协查函 审核" in desk.type(f"check {number} --by 李建国 --note 无误")
    (row,) = desk.rows(
        f"sign {number} --by 王芳 --document-number 某市监函〔2026〕12号 --signatory 张局 --date 2026-11-19"
    )
    assert row["step"] == "signed"
    (tmp_path / "a.pdf").write_bytes(b"%PDF sealed")
    assert "签发用印" in desk.type(f"enter {number} --by 王芳 --scan {tmp_path / 'a.pdf'}")
    assert "cannot be read" in desk.type(f"enter {number} --by 王芳 --scan {tmp_path / 'none.pdf'}", 2)
    files = {Path(each["file"]).name for each in desk.rows(f"files {number} --out {tmp_path / 'files'}")}
    assert files == {f"{number}.{end}" for end in ("pdf", "xlsx", "json", "eml")}
    assert "mark-sent" in desk.type(f"send {number} --by 王芳", 2)
    assert desk.rows(f"mark-sent {number} --by 王芳")[0]["number"] == number
    (row,) = desk.rows(f"reply {number} --kind refused --by 王芳 --reason 不构成 --listing 2")
    assert row["step"] == "acknowledged"
    [first, second] = desk.rows(f"show {number}")[0]["listings"]
    assert (first["answer"], second["answer"]) == (None, "不予处置")
    (row,) = desk.rows(f"reply {number} --kind more --by 王芳 --reason 请补充 --case {first['lead_number']}")
    assert row["listings"] == [first["listing_id"]]
    assert "没有案件 99" in desk.type(f"reply {number} --kind more --by 王芳 --reason 请补充 --case 99", 2)
    assert desk.rows("reminders") == []
    (row,) = desk.rows(f"remind {number} --by 王芳")
    assert (row["kind"], row["about"], row["number"][:7]) == ("remind", number, "ADW-TL-")
    for line in (
        f"withdraw {number} --by 王芳 --listing 2 --reason 经复核不属实",
        f"correct {number} --by 王芳 --listing 1=店铺甲=店铺乙 --reason 误写",
        f"escalate {number} --by 王芳 --to cyberspace --reason 逾期",
    ):
        assert "拟文" in desk.type(line)
    assert "1=A=B" not in desk.type(f"correct {number} --by 王芳 --listing 1 --reason 误写", 2)
    assert "cyberspace" in desk.type(f"escalate {number} --by 王芳 --to nobody --reason 逾期", 2)
    last = desk.rows("list")[0]["number"]
    assert "作废" in desk.type(f"void {last} --by 王芳 --reason 不提请了")
    shown = desk.type(f"show {number}")
    for needed in ("某市监函〔2026〕12号", "审核 李建国 无误", "复函 不予处置（序号 2）不构成", "撤回函", "2026-11-19"):
        assert needed in shown
    (row,) = desk.rows("figures")
    assert row["mended"] == {"withdraw": 0, "correct": 0, "listings": 0}
    assert {each["kind"] for each in row["letters"]} == {"assist", "remind", "withdraw", "correct", "escalate"}
    assert "协查函" in desk.type("list --step acknowledged")
    assert "write one of" in desk.type("list --step posted", 2)
    assert "平台" in desk.type("contacts")


def test_by_mail_with_its_exit_status(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters(unknown=("a@plaza.example",))
    number = desk.rows("draft")[0]["number"]
    desk.type(f"check {number} --by 李建国")
    desk.type(f"sign {number} --by 王芳 --document-number 某市监函〔2026〕12号 --signatory 张局")
    monkeypatch.setenv("ADWATCH_SMTP_FROM", "desk@bureau.example")
    with serving(letters) as place:
        monkeypatch.setenv("ADWATCH_SMTP_URL", f"smtp://{place}")
        assert "拒收" in desk.type(f"send {number} --by 王芳 --to a@plaza.example", 1)
        letters.drops = "after"
        assert "须人工核实" in desk.type(f"send {number} --by 王芳 --to b@plaza.example", 1)
        assert "尚不清楚" in desk.type(f"send {number} --by 王芳 --to b@plaza.example", 2)
        assert "签发用印" in desk.type(f"settle {number} --not-accepted --by 王芳 --reason 对方未收到")
        letters.drops = ""
        (row,) = desk.rows(f"send {number} --by 王芳 --to b@plaza.example")
    assert (row["outcome"], row["step"], row["receivers"]) == ("accepted", "sent", ["b@plaza.example"])


def test_clocks_are_told_of_what_is_kept_and_made_afresh(desk: Desk, tmp_path: Path) -> None:
    (row,) = desk.rows(f"draft --out {tmp_path / 'out'}")
    assert all(each["n"] == each["open"] == 0 for each in desk.rows("clocks") if each["kind"] == "clocks")
    desk.rows(f"mark-sent {row['number']} --by 王芳")
    rows = desk.rows("clocks")
    counted = {
        (each["platform"], each["clock"]): (each["n"], each["open"]) for each in rows if each["kind"] == "clocks"
    }
    assert counted["all", "confirmed_sent"] == counted["plaza", "confirmed_sent"] == (2, 0)
    assert counted["all", "sent_removed"] == (0, 2)
    assert [each["days"] for each in rows if each["kind"] == "stay_down"] == [7, 30, 90] * 2
    again = desk.type("clocks --rebuild --json").splitlines()
    assert "已重新整理 1 件函的时点" in again
    assert [json.loads(each) for each in again if each.startswith("{")] == rows
    assert {each["n"] for each in desk.rows("clocks --from 2099-01-01") if each["kind"] == "clocks"} == {0}


def test_a_number_that_another_letter_bears_is_told(desk: Desk) -> None:
    with Office(load_settings()) as office:
        confirmed(World(office.engine), "other", platform="bazaar")
    first, second = (row["number"] for row in desk.rows("draft"))
    desk.type(f"enter {first} --by 王芳 --document-number 某函〔2026〕1号")
    told = desk.type(f"enter {second} --by 王芳 --document-number 某函〔2026〕1号")
    assert f"已用于函 {first}" in told.replace("\n", "")
    (row,) = desk.rows(f"enter {second} --by 王芳 --document-number 某函〔2026〕2号")
    assert row["same_number"] == ""
