"""Wrong input: what happened, where, what to do; never a traceback, and nothing done by halves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from adwatch.app import casework
from adwatch.app.office import Office
from adwatch.cli import casework as case_verbs
from adwatch.cli import maintain, review_findings, review_tracks, review_work, run, verification
from adwatch.errors import UsageError
from adwatch.settings import load_settings
from tests.processes import run_command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office in which nothing has happened; its schema is made once."""
    folder = tmp_path_factory.mktemp("home")
    with Office(load_settings(home=folder)) as office:
        assert casework.list_cases(office) == []
    return folder


@pytest.fixture
def command(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[typer.Typer]:
    monkeypatch.setenv("ADWATCH_HOME", str(home))
    app = typer.Typer()
    for verbs in (case_verbs, verification, review_findings, review_work, review_tracks, maintain, run):
        verbs.register(app)
    return app


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("review show 99999", "案件 99999: 没有这个编号；用 adwatch review list 查看"),
        ("review show abc", "案件 'abc': 编号应为数字；用 adwatch review list 查看"),
        ("review open 99999 --by 张三 --unit 某局", "案件 99999: 没有这个编号"),
        ("review open 1 --by 张三 --unit 某局 --take-over", "只有负责人可以接管"),
        ("review undo 99999 --by 张三 --unit 某局 --reason 错", "案件 99999: 没有这个编号"),
        ("review extend 99999 --by 张三 --unit 某局 --reason 难", "案件 99999: 没有这个编号"),
        ("review extend 1 --clock tipster_told --by 张三 --unit 某局 --reason 难", "不能延长"),
        ("review dismiss 1 --by 张三 --unit 某局 --reason x --code C01", "理由代码 'C01': 不能用于 dismiss"),
        ("review list --state foo", "--state foo: no such state; write one of screening"),
        ("review list --scope foo", "--scope foo: no such scope; write one of safety_production"),
        ("review list --platform nowhere", "--platform nowhere: no such platform"),
        ("search x --platform nowhere", "--platform nowhere: no such platform"),
        ("search x --from yesterday", "--from 'yesterday' is no date; write YYYY-MM-DD"),
        ("search x --from 2026-11-03 --to 2026-11-02", "--to 2026-11-02 lies before --from 2026-11-03"),
        ("search ''", "search for what?"),
        ("coverage --day 2026-11-03 --to 2026-11-02", "--to 2026-11-02 lies before --day 2026-11-03"),
        ("export --week 2026-48", "--week 2026-48: 没有这一周；写作如 2026-W47"),
        ("export --week 2999-W10", "--week 2999-W10: 这一周自 2999-03-04 起，尚未开始"),
        ("export --week 2026-W40 --format pdf", "--format pdf: write xlsx, csv or jsonl"),
        ("takedown verify --number X", "下架函 X: 没有这个编号，或尚未发出；先用 adwatch takedown mark-sent"),
        ("takedown verify --day 2026-13-01", "--day '2026-13-01' is no date"),
        ("extract --day 2020-01-01", "--day 2020-01-01: nothing is archived of this day"),
        ("patrol --platform nowhere", "--platform nowhere: not an enabled platform"),
        ("ingest no-such-file --platform x", "no such file or folder"),
        ("dump", "write adwatch dump --canonical"),
        ("platforms check nowhere", "nowhere: no such platform file; see adwatch platforms list"),
    ],
)
def test_wrong_usage_is_one_sentence(command: typer.Typer, line: str, said: str) -> None:
    arguments = ["" if word == "''" else word for word in line.split()]
    done = CliRunner().invoke(command, arguments)
    assert isinstance(done.exception, UsageError), done.output
    assert said in str(done.exception)


def test_what_is_no_case_is_named_and_the_others_go_on(command: typer.Typer) -> None:
    arguments = ["review", "confirm", "1", "abc", "--by", "张三", "--unit", "某局", "--reason", "看过"]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 1
    assert "案件 'abc': 编号应为数字" in done.output
    assert "案件 1: 没有这个编号" in done.output


def test_an_export_that_was_refused_froze_nothing(command: typer.Typer, home: Path) -> None:
    CliRunner().invoke(command, ["export", "--week", "2999-W10"])
    assert not list(home.rglob("2999*"))
    with Office(load_settings(home=home)) as office:
        assert not [line for line in office.dump() if "2999" in line]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOG_LEVEL", "loud", "'loud' is no level; write one of DEBUG"),
        ("DATABASE_URL", "nonsense", "no URL of a store; write sqlite:///FILE"),
        ("WARC_BYTES", "many", "'many' is no whole number"),
        ("WARC_BYTES", "5", "'5' is too small"),
        ("LEARN", "perhaps", "'perhaps' is neither true nor false"),
        ("TIMEZONE", "Mars", "'Mars' is no time zone; write one such as Asia/Shanghai"),
        ("DATA", "/no/such/folder", "/no/such/folder is no folder"),
    ],
)
def test_a_broken_setting_is_named(
    command: typer.Typer, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"ADWATCH_{name}", value)
    done = CliRunner().invoke(command, ["review", "list"])
    assert isinstance(done.exception, UsageError), done.output
    assert str(done.exception).startswith(f"ADWATCH_{name}: ")
    assert said in str(done.exception)
    assert "Value error" not in str(done.exception)


def test_the_command_says_it_on_one_line_without_a_traceback(home: Path) -> None:
    arguments = [sys.executable, "-m", "adwatch", "review", "show", "99999"]
    done = subprocess.run(arguments, env={"ADWATCH_HOME": str(home)}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "adwatch: 案件 99999: 没有这个编号；用 adwatch review list 查看\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("review", "open", "9" * 40, "--by", "王芳"), "没有这个编号"),
        (("review", "show", "9" * 5000), "没有这个编号"),
        (("subject", "show", "9" * 5000), "没有这个编号"),
        (("review", "list", "--limit", "9" * 30), "limit"),
        (("review", "quality", "--from", "0001-01-01"), "the year must be 1980 to 2100"),
        (("review", "quality", "--from", "2026-01-01", "--to", "9999-12-31"), "the year must be 1980 to 2100"),
        (("review", "list", "--state", "\x1b[31m\u202eabc"), "no such state"),
        (("review", "list", "--platform", b"\xff\xfe"), "argument 4"),
    ],
)
def test_what_no_store_can_mean_is_said_in_a_sentence(
    tmp_path: Path, arguments: tuple[str | bytes, ...], message: str
) -> None:
    environment = {**os.environ, "ADWATCH_HOME": str(tmp_path / "home"), "ADWATCH_UNIT": "某局"}
    done = run_command([os.fsdecode(each) for each in arguments], environment)
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert message in said and "Traceback" not in said
    assert "\x1b" not in said and "\u202e" not in said
    assert len(said) < 2000
