"""By command: a letter and a transfer whose case was corrected after they were drafted."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import adwatch
from adwatch.app import casework as work
from adwatch.app.audit_words import act_label
from adwatch.app.office import Office
from adwatch.cli import audit, casework, differing, takedown, takedown_after, transfer, transfer_view
from adwatch.cli.output import finish
from adwatch.cli.refusal_words import REFUSALS, refusal
from adwatch.errors import AdWatchError
from adwatch.models import StageReport
from adwatch.settings import load_settings
from tests.casework.office import confirmed
from tests.conftest import known_holidays, this_year
from tests.store.world import World

HERE = Path(adwatch.__file__).parent
YEAR = this_year()
LETTER, TRANSFER = f"ADW-TD-{YEAR}-0001", f"ADW-TR-{YEAR}-0001"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with a confirmed listing."""
    folder = tmp_path_factory.mktemp("home")
    with Office(load_settings(home=folder)) as office:
        confirmed(World(office.engine), "1")
    return folder


@pytest.fixture
def home(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(filled, tmp_path / "home")
    monkeypatch.setenv("ADWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ADWATCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ADWATCH_UNIT", "某局")
    known_holidays(tmp_path / "data")
    return tmp_path / "home"


def typed(line: str, status: int = 0) -> str:
    """What is printed by a command that ends with that status."""
    app = typer.Typer()
    for verbs in (casework, takedown, takedown_after, transfer, transfer_view, differing):
        verbs.register(app)
    done = CliRunner().invoke(app, line.split())
    told = done.exception.exit_status if isinstance(done.exception, AdWatchError) else done.exit_code
    assert told == status, (done.output, done.exception)
    return str(done.exception) if isinstance(done.exception, AdWatchError) else done.output


def rows(line: str) -> list[dict[str, Any]]:
    return [json.loads(each) for each in typed(f"{line} --json").splitlines()]


def corrected(home: Path) -> str:
    """The case corrected to a class of the office; its Chinese name."""
    with Office(load_settings(home=home)) as office:
        known = next(iter(office.classes.values()))
        report, _ = work.decide(office, [1], "confirm", "李四", "某局", "更正", corrected={"types": [known.id]})
        assert report.kept == 1
    return known.label


def test_a_letter_is_refused_voided_and_drafted_anew(home: Path) -> None:
    typed("takedown draft")
    label = corrected(home)
    assert f"现为：{label}" in typed(f"takedown check {LETTER} --by 李建国", 2)
    assert f"现为：{label}" in typed(f"takedown show {LETTER}")
    assert "与现认定不符" in typed("takedown list").replace("\n", "")
    typed(f"takedown void {LETTER} --by 王芳 --reason 更正")
    typed("takedown draft")
    typed(f"takedown check {LETTER.replace('0001', '0002')} --by 李建国")


def test_no_number_is_spent_on_a_letter_that_cannot_be_signed(home: Path) -> None:
    typed("takedown draft")
    typed(f"takedown check {LETTER} --by 李建国")
    with Office(load_settings(home=home)) as office:
        work.decide(office, [1], "dismiss", "李四", "某局", "误判")
    assert "已不是“属实”" in typed(f"takedown sign {LETTER} --by 王芳 --document-number 1号", 2)
    assert rows(f"takedown show {LETTER}")[0]["document_number"] is None


def test_mark_sent_records_and_names_what_differs(home: Path) -> None:
    typed("takedown draft")
    label = corrected(home)
    told = typed(f"takedown mark-sent {LETTER} --by 王芳")
    assert f"现为：{label}" in told and "更正函" in told
    assert rows("takedown list")[0]["step"] == "sent"


def test_what_went_out_is_listed_until_it_is_set_aside(home: Path) -> None:
    typed("takedown draft")
    typed(f"takedown mark-sent {LETTER} --by 王芳")
    assert rows("differing list") == []
    label = corrected(home)
    (row,) = rows("differing list")
    assert (row["number"], row["paper"], row["count"]) == (LETTER, "takedown", 1)
    assert (row["differs"][0]["case_id"], row["differs"][0]["holds"]) == (1, label)
    told = typed("differing list")
    assert "已发出、与现认定不符 (1)" in told and f"现为：{label}" in told and "应另发更正函" in told
    assert f"现为：{label}" in typed(f"takedown show {LETTER}")
    assert "与现认定不符" in typed("takedown list").replace("\n", "")
    assert "理由" in typed(f"differing aside {LETTER} --by 王芳 --reason 已电话告知")
    assert rows("differing list") == []
    assert "没有与现认定不符" in typed(f"differing aside {LETTER} --by 王芳 --reason 再一次", 2)
    assert rows("differing look") == [{"cases": 1, "papers": 0}], "what was set aside stays so"


def test_a_letter_that_mends_it_ends_it(home: Path) -> None:
    typed("takedown draft")
    typed(f"takedown mark-sent {LETTER} --by 王芳")
    label = corrected(home)
    said = rows(f"takedown show {LETTER}")[0]["listings"][0]["offer_labels"][0]
    typed(f"takedown correct {LETTER} --listing 1={said}={label} --by 王芳 --reason 认定更正")
    assert [row["number"] for row in rows("differing list")] == [LETTER]
    typed(f"takedown mark-sent ADW-TL-{YEAR}-0001 --by 王芳")
    assert rows("differing list") == []
    typed(f"takedown remind {LETTER} --by 王芳")
    assert rows(f"takedown show ADW-TL-{YEAR}-0002")[0]["listings"][0]["offer_labels"] == [label]


def test_a_transfer_is_refused_and_drafted_anew(home: Path) -> None:
    drafting = "transfer draft 1 --kind clue --to police --addressee 某市公安局 --reason 涉嫌 --by 张三"
    typed(drafting)
    label = corrected(home)
    assert f"现为：{label}" in typed(f"transfer decide {TRANSFER} --approve --by 局长", 2)
    assert f"现为：{label}" in typed(f"transfer show {TRANSFER}")
    typed(f"transfer answer {TRANSFER} void --reason 更正 --by 张三")
    typed(drafting)
    typed(f"transfer decide {TRANSFER.replace('0001', '0002')} --approve --by 局长")


def test_what_a_transfer_and_the_log_say_is_chinese(home: Path) -> None:
    said = typed("transfer draft 1 --kind clue --to police --addressee 某市公安局 --reason 涉嫌 --by 张三")
    assert f"编号: {TRANSFER}" in said and "kind:" not in said
    shown = typed(f"transfer show {TRANSFER}")
    assert "类型: 线索移送" in shown and "现在: 拟移送" in shown and "step_label" not in shown
    assert rows("transfer list")[0]["step"] == "draft", "JSON keeps its keys"
    app = typer.Typer()
    audit.register(app)
    listed = CliRunner().invoke(app, ["audit", "list"], env={"COLUMNS": "250"}).output
    assert "transfer.draft" in listed and f"{act_label('transfer.draft')} transfer.draft" in listed


def test_what_was_refused_is_counted_in_chinese() -> None:
    refused = StageReport("x")
    refused.drop("same_person", "案件 1: 本人已作过结论，须由另一人复核")
    with pytest.raises(typer.Exit) as stopped:
        finish(refused)
    assert stopped.value.exit_code == 1
    assert refusal("same_person") == "须另一人复核 same_person"
    assert refusal("never_heard") == "never_heard"
    known = set(re.findall(r'\.drop\("(\w+)"', "".join(file.read_text() for file in (HERE / "casework").glob("*.py"))))
    assert known, "a pattern that finds nothing proves nothing"
    assert known <= set(REFUSALS)
