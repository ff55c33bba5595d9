"""Transfers and packages by the command: the whole way, what is refused, killed at each point."""

from __future__ import annotations

import io
import json
import signal
import zipfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from docx import Document

from adwatch.app import package as packages
from adwatch.app import transfer as work
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from tests.app.transfer_world import command, filled, office
from tests.conftest import this_year

DRAFTER, HEAD = Actor("张三", "某局"), Actor("局长", "某局")
OFFICERS = ("--officer", "李四:执法0001", "--officer", "王五:执法0002")
PHONE = "13800138000"


def approved(folder: Path, case_id: int, kind: str = "case", **given: object) -> str:
    with office(folder) as here:
        people = [{"name": "李四", "certificate": "执法0001"}, {"name": "王五", "certificate": "执法0002"}]
        values = {"receiver": "police", "officers": people, "no_report": "无需检验", **given}
        number = str(work.draft(here, kind, [case_id], DRAFTER, **values)["number"])
        work.decide(here, number, True, HEAD)
    return number


def words(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


@pytest.mark.slow
def test_the_whole_way_by_the_command(tmp_path: Path) -> None:
    case_id = str(filled(tmp_path).case_id)
    run = command(tmp_path)
    to = ("--addressee", "某市公安局", "--reason", "涉嫌伪造证件", "--no-report", "电子数据，无需检验", "--by", "张三")
    [made] = run.rows("transfer", "draft", case_id, "--kind", "case", *OFFICERS, "--item", "假证一张", *to)
    number = made["number"]
    assert [row["clock"] for row in run.rows("transfer", "due")] == ["head_decides"]
    run.ok("transfer", "decide", number, "--approve", "--by", "局长")
    run.ok("transfer", "facts", number, "--document-number", "某市监移〔2026〕3号", "--by", "张三")
    (tmp_path / "鉴定.pdf").write_bytes(b"%PDF-1.7 expert")
    run.ok("transfer", "attach", number, str(tmp_path / "鉴定.pdf"), "--kind", "expert_report", "--by", "张三")
    [sent] = run.rows("transfer", "send", number, "--by", "张三", "--out", str(tmp_path / "out"))
    file = Path(sent["file"])
    assert file.parent == tmp_path / "out"
    away = {
        **run.environment,
        "ADWATCH_HOME": str(tmp_path / "nobody"),
        "ADWATCH_DATABASE_URL": "postgresql://x.invalid/x",
    }
    elsewhere = type(run)(away)
    ca = str(tmp_path / "home" / "ca" / "ca.pem")
    noted = ("--sha256", sent["manifest_sha256"], "--tsa-ca", ca)
    [checked] = elsewhere.rows("evidence", "verify", str(file), *noted)
    assert (checked["ok"], checked["of"]["number"], checked["captures"], checked["stamped"]) == (True, number, 2, 1)
    assert not (tmp_path / "nobody").exists(), "a package is checked with nothing but the file"
    with zipfile.ZipFile(file) as found:
        letter, report = words(found.read("papers/01-letter.docx")), words(found.read("papers/02-report.docx"))
        items, receipt = words(found.read("papers/05-items.docx")), words(found.read("papers/06-receipt.docx"))
        papers = "".join(words(found.read(name)) for name in found.namelist() if name.startswith("papers/"))
        assert PHONE.encode() in found.read("sellers.json")
        assert any(found.read(name) == b"%PDF-1.7 expert" for name in found.namelist())
    assert PHONE not in papers, "papers go from hand to hand"
    assert "某市公安局" in letter and "涉嫌犯罪案件移送书" in letter and "执法0001" in letter
    assert "三日内依法审查" in letter and "某市监移〔2026〕3号" in letter
    assert "调查报告" in report and "假证一张" in items and number in receipt
    (tmp_path / "回执.png").write_bytes(b"\x89PNG\r\n\x1a\n...")
    run.ok(
        "transfer", "receipt", number, "--reference", "回执5号", "--scan", str(tmp_path / "回执.png"), "--by", "张三"
    )
    run.ok("transfer", "answer", number, "filed", "--reference", "立字8号", "--by", "张三")
    [shown] = run.rows("transfer", "show", number)
    assert (shown["step_label"], shown["outcome_label"], shown["receipt_number"]) == ("公安立案", "公安立案", "回执5号")
    assert [each["clock"] for each in shown["clocks"]] == ["hand_over"]
    assert sorted(each["kind"] for each in shown["papers"]) == ["expert_report", "receipt"]
    assert PHONE not in json.dumps(shown, ensure_ascii=False)
    month = f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m}"
    [table] = run.rows("report", "show", "monthly_2", month)
    assert table["own"]["市场监管"]["online_transferred"]["value"] == 1
    assert run.rows("audit", "verify")[0]["ok"]
    for form in (("list",), ("show", number), ("due",)):
        assert PHONE not in run.ok("transfer", *form)


def test_what_310_asks_for_must_be_there_before_it_is_sent(tmp_path: Path) -> None:
    case_id = filled(tmp_path).case_id
    number = approved(tmp_path, case_id, no_report="")
    with office(tmp_path) as here:
        with pytest.raises(UsageError, match="没有检验报告或者鉴定结论"):
            work.send(here, number, DRAFTER)
        assert work.show(here, number)["lacking"]
        assert not (here.home / "transfers").exists()
        work.attach_bytes(here, number, "expert_report", "鉴定.pdf", "application/pdf", b"%PDF-1", DRAFTER)
        work.send(here, number, DRAFTER)
        with pytest.raises(UsageError, match="不再更改"):
            work.attach_bytes(here, number, "expert_report", "b.pdf", "application/pdf", b"%PDF-2", DRAFTER)
        with pytest.raises(UsageError, match="没有这种材料"):
            work.attach_bytes(here, number, "letter", "b.pdf", "application/pdf", b"%PDF-2", DRAFTER)
        with pytest.raises(UsageError, match="经负责人批准"):
            work.send(here, number, DRAFTER)


def test_only_an_approved_transfer_is_sent(tmp_path: Path) -> None:
    case_id = filled(tmp_path).case_id
    with office(tmp_path) as here:
        number = str(work.draft(here, "clue", [case_id], DRAFTER, receiver="police")["number"])
        with pytest.raises(UsageError, match="经负责人批准"):
            work.send(here, number, DRAFTER)
        with pytest.raises(UsageError, match="没有这个编号"):
            work.send(here, "ADW-TR-2026-9999", DRAFTER)
        with pytest.raises(UsageError, match="尚未移送"):
            work.package_path(here, number)


def test_a_kept_package_that_was_altered_is_refused(tmp_path: Path) -> None:
    from adwatch.errors import StoreError

    case_id = filled(tmp_path).case_id
    number = approved(tmp_path, case_id, "clue")
    with office(tmp_path) as here:
        file = Path(work.send(here, number, DRAFTER)["file"])
        assert work.package_path(here, number) == file
        file.write_bytes(file.read_bytes()[:-1] + b"X")
        with pytest.raises(StoreError, match="digest differs"):
            work.package_path(here, number)


def test_a_case_has_one_package_for_the_same_content(tmp_path: Path) -> None:
    case = filled(tmp_path)
    run = command(tmp_path)
    first, second = (
        run.rows("evidence", "package", "--case", str(case.case_id), "--by", "张三", "--out", str(tmp_path / "out"))[0]
        for _ in range(2)
    )
    assert first == second
    assert [file.name for file in (tmp_path / "out").iterdir()] == [Path(first["file"]).name]
    assert packages.verify(Path(first["file"]))["ok"]
    done = run.run("evidence", "verify", first["file"], "--sha256", "0" * 64)
    assert (done.returncode, b"another package" in done.stderr) == (3, True)
    assert run.run("evidence", "package", "--case", "999", "--by", "张三").returncode == 2
    assert run.run("evidence", "verify", str(tmp_path / "none.zip")).returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("point", ["package.before_rename", "audit.before_commit", "audit.after_commit"])
@pytest.mark.parametrize("verb", ["package", "draft", "decide", "send", "receipt"])
def test_killed_anywhere_it_is_done_whole_or_not_at_all(tmp_path: Path, verb: str, point: str) -> None:
    case_id = filled(tmp_path).case_id
    if point == "package.before_rename" and verb not in ("package", "send"):
        pytest.skip("writes no package")
    number = f"ADW-TR-{this_year()}-0001"
    if verb in ("send", "receipt"):
        approved(tmp_path, case_id)
    elif verb == "decide":
        with office(tmp_path) as here:
            work.draft(here, "clue", [case_id], DRAFTER, receiver="police")
    if verb == "receipt":
        with office(tmp_path) as here:
            work.send(here, number, DRAFTER)
    words_of = {
        "package": ("evidence", "package", "--case", str(case_id), "--by", "张三"),
        "draft": ("transfer", "draft", str(case_id), "--addressee", "某市公安局", "--reason", "涉嫌", "--by", "张三"),
        "decide": ("transfer", "decide", number, "--approve", "--by", "局长"),
        "send": ("transfer", "send", number, "--by", "张三"),
        "receipt": ("transfer", "receipt", number, "--by", "张三"),
    }[verb]
    run = command(tmp_path)
    killed = run.run(*words_of, ADWATCH_FAILPOINT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with office(tmp_path) as here:
        assert verify_log(here.engine).fault is None
        rows = work.listed(here)
        for row in rows:
            if row["sent_at"] is not None:
                assert packages.verify(work.package_path(here, row["number"]))["ok"]
    again = run.run(*words_of)
    done_already = point == "audit.after_commit" and verb in ("draft", "decide", "send", "receipt")
    assert again.returncode == (2 if done_already else 0), again.stderr
    with office(tmp_path) as here:
        assert verify_log(here.engine).fault is None
        rows = work.listed(here)
        assert len(rows) == (0 if verb == "package" else 1)
        wanted = {"draft": "draft", "decide": "approved", "send": "sent", "receipt": "received"}.get(verb)
        assert [row["step"] for row in rows] == ([wanted] if wanted else [])
        if verb in ("send", "receipt"):
            assert packages.verify(work.package_path(here, number))["ok"]
