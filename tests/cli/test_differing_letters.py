"""By command: a 更正函 about a transfer from draft to sent, voided, and of a letter to a platform; as text and JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from adwatch.app import casework as work
from adwatch.app.office import Office
from adwatch.cli import casework, differing, differing_letters, takedown
from adwatch.errors import AdWatchError
from adwatch.settings import load_settings
from tests.app.letter_server import Letters, serving
from tests.casework.office import confirmed
from tests.casework.test_differing_sent import moved
from tests.conftest import known_holidays, this_year
from tests.store.world import World

YEAR = this_year()
TRANSFER, OURS, PLATFORM = "ADW-TR-2026-0001", f"ADW-CL-{YEAR}-0001", f"ADW-TD-{YEAR}-0001"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office whose confirmed case went to the police."""
    folder = tmp_path_factory.mktemp("home")
    with Office(load_settings(home=folder)) as office:
        confirmed(World(office.engine), "1")
        assert moved(World(office.engine), folder, 1) == TRANSFER
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
    for verbs in (casework, takedown, differing, differing_letters):
        verbs.register(app)
    done = CliRunner().invoke(app, line.split(), env={"COLUMNS": "250"})
    told = done.exception.exit_status if isinstance(done.exception, AdWatchError) else done.exit_code
    assert told == status, (done.output, done.exception)
    return str(done.exception) if isinstance(done.exception, AdWatchError) else done.output


def rows(line: str) -> list[dict[str, Any]]:
    return [json.loads(each) for each in typed(f"{line} --json").splitlines()]


def corrected(home: Path, **given: Any) -> str:
    """The case corrected to a class of the office; its Chinese name."""
    with Office(load_settings(home=home)) as office:
        known = next(iter(office.classes.values()))
        report, _ = work.decide(office, [1], "confirm", "李四", "某局", "更正", corrected={"types": [known.id]})
        assert report.kept == 1
    return known.label


def test_from_what_differs_to_a_letter_that_was_sent(home: Path, tmp_path: Path) -> None:
    assert "没有与现认定不符" in typed(f"differing correct {TRANSFER} --by 王芳 --reason 更正", 2)
    label = corrected(home)
    assert "应向接收单位另发更正函" in typed("differing list")
    assert "案件 7" in typed(f"differing correct {TRANSFER} --by 王芳 --reason 更正 --case 7", 2)
    assert f"{OURS}: 更正函 拟文，1 条，公安机关" in typed(
        f"differing correct {TRANSFER} --by 王芳 --reason 更正 --case 1"
    )
    (row,) = rows(f"differing show {OURS}")
    assert (row["step"], row["about"], row["listings"][0]["now"]) == ("draft", TRANSFER, label)
    assert "13800138000" not in json.dumps(row, ensure_ascii=False)
    said = typed(f"differing show {OURS}")
    assert label in said and "现予更正" in said and "拟文 王芳 更正" in said
    assert "“审核”时才能签发" in typed(f"differing sign {OURS} --by 王芳", 2)
    assert rows(f"differing check {OURS} --by 李建国")[0]["step"] == "checked"
    facts = "--document-number 某函〔2026〕3号 --signatory 张局 --date 2026-11-18"
    assert rows(f"differing sign {OURS} --by 王芳 {facts}")[0]["document_number"] == "某函〔2026〕3号"
    files = rows(f"differing files {OURS} --out {tmp_path / 'letters'}")
    assert [Path(each["file"]).name for each in files] == [f"{OURS}.{end}" for end in ("docx", "xlsx", "json", "eml")]
    assert json.loads(Path(files[2]["file"]).read_bytes())["listings"][0]["now"] == label
    assert rows("differing list") != []
    assert rows(f"differing mark-sent {OURS} --by 王芳")[0]["warning"] is None
    assert rows("differing list") == []
    (tmp_path / "章.pdf").write_bytes(b"%PDF-1.4 sealed")
    (row,) = rows(f"differing enter {OURS} --by 王芳 --scan {tmp_path / '章.pdf'}")
    assert [each["name"] for each in row["scans"]] == ["章.pdf"]
    assert "用印扫描件 章.pdf" in typed(f"differing show {OURS}")
    assert "不再更改" in typed(f"differing enter {OURS} --by 王芳 --signatory 李局", 2)
    assert "现为“发出”" in typed(f"differing void {OURS} --by 王芳 --reason 错了", 2)
    assert "已发出 1 件，更正 1 条" in typed("differing letters")
    assert [each["number"] for each in rows("differing letters")] == [OURS]
    assert "没有这个编号" in typed(f"differing show ADW-CL-{YEAR}-0002", 2)


def test_it_is_sent_by_mail_and_what_is_unclear_is_settled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corrected(home)
    typed(f"differing correct {TRANSFER} --by 王芳 --reason 更正")
    assert "differing mark-sent" in typed(f"differing send {OURS} --by 王芳 --to a@police.example", 2)
    assert "--due without --to" in typed("differing send --due --by 王芳 --to a@police.example", 2)
    letters = Letters(drops="after")
    with serving(letters) as place:
        monkeypatch.setenv("ADWATCH_SMTP_URL", f"smtp://{place}")
        monkeypatch.setenv("ADWATCH_SMTP_FROM", "desk@bureau.example")
        assert "签发用印" in typed("differing send --due --by 王芳", 1)
        typed(f"differing check {OURS} --by 李建国")
        typed(f"differing sign {OURS} --by 王芳 --document-number 某函3号 --signatory 张局")
        assert "没有公安机关的联络员邮箱" in typed("takedown send --due --by 王芳", 1)
        assert "不明" in typed(f"differing send {OURS} --by 王芳 --to a@police.example", 1)
        assert f"邮件 <{OURS}.1@bureau.example> 结果不明" in typed(f"differing show {OURS}")
        settle = f"differing settle {OURS} --by 王芳 --reason 电话问过"
        assert rows(f"{settle} --not-accepted")[0]["step"] == "signed"
        letters.drops = ""
        (row,) = rows(f"differing send {OURS} --by 王芳 --to a@police.example")
        assert (row["outcome"], row["step"]) == ("accepted", "sent")
        assert "没有结果不明的邮件" in typed(f"{settle} --accepted", 2)
    assert letters.receivers[-1] == ["a@police.example"]
    assert rows("differing list") == []


def test_one_that_holds_no_longer_is_voided_and_drafted_anew(home: Path) -> None:
    corrected(home)
    typed(f"differing correct {TRANSFER} --by 王芳 --reason 更正")
    with Office(load_settings(home=home)) as office:
        work.decide(office, [1], "dismiss", "李四", "某局", "误判")
    assert f"命令：adwatch differing void {OURS}" in typed(f"differing check {OURS} --by 李建国", 2)
    assert "先作废本函" in typed(f"differing show {OURS}")
    assert rows(f"differing void {OURS} --by 王芳 --reason 又有更正")[0]["step"] == "void"
    typed(f"differing enter {OURS} --by 王芳 --signatory 李局", 2)
    (row,) = rows(f"differing correct {TRANSFER} --by 王芳 --reason 更正")
    assert (row["number"], row["listings"][0]["now"]) == (f"ADW-CL-{YEAR}-0002", "不属实")


def test_of_a_letter_to_a_platform_it_is_drafted_in_our_words(home: Path) -> None:
    typed("takedown draft")
    typed(f"takedown mark-sent {PLATFORM} --by 王芳")
    label = corrected(home)
    (row,) = rows(f"differing correct {PLATFORM} --by 王芳 --reason 更正")
    assert (row["number"], row["kind"], row["about"]) == (f"ADW-TL-{YEAR}-0001", "correct", PLATFORM)
    assert rows(f"takedown show ADW-TL-{YEAR}-0001")[0]["listings"][0]["offer_labels"] == [label]
    typed(f"takedown mark-sent ADW-TL-{YEAR}-0001 --by 王芳")
    assert [each["number"] for each in rows("differing list")] == [TRANSFER]
