"""监测记录 and 电子数据提取笔录: what they say, whom they need, and that they are kept."""

from __future__ import annotations

import hashlib
import io
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from adwatch.app import evidence_record
from adwatch.app.evidence_record import officers_of
from adwatch.casework.capture_record import Officer, clock_line, environment_lines
from adwatch.casework.tracks import move_track, open_track
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.attachments import read_attachment
from adwatch.store.audit import append_entries
from adwatch.store.engine import writing
from tests.app.capturing import UNIT, Capturing, browser, capturing
from tests.casework.office import decide
from tests.evidence.hostile_site import hostile
from tests.evidence.ntp_server import time_server

TWO = ["王芳:14080001", "李强：晋1408-0002"]


def said(file: str | bytes) -> str:
    document = Document(io.BytesIO(file) if isinstance(file, bytes) else file)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def file_case(at: Capturing, case_id: int) -> None:
    """属实, 查处 opened and 立案."""
    decide(at.world, case_id)
    actor, now = Actor("王芳", UNIT), at.world.now
    with writing(at.office.engine) as connection:
        entries = [] if _has_investigation(at, case_id) else open_track(connection, case_id, "investigation", actor, now)
        entries += move_track(connection, case_id, "investigation", "filed", actor, now)
        append_entries(connection, entries)


def _has_investigation(at: Capturing, case_id: int) -> bool:
    return any(row["track"] == "investigation" for row in at.world.rows(s.track, case_id=case_id))


def test_two_different_officers_with_numbers_are_needed() -> None:
    assert officers_of(TWO, "extraction") == [Officer("王芳", "14080001"), Officer("李强", "晋1408-0002")]
    assert officers_of([], "monitoring") == []
    for given, word in (
        (["王芳"], "姓名:执法证号"),
        (["王芳:"], "姓名:执法证号"),
        ([":14080001"], "姓名:执法证号"),
        (["王芳:1 2"], "姓名:执法证号"),
        (["王芳:14080001"], "两名以上"),
        ([], "两名以上"),
        (["王芳:14080001", "李强:14080001"], "不同的人"),
        (["王芳:14080001", "王芳:14080002"], "不同的人"),
        (["王芳:abcd", "李强:ABCD"], "不同的人"),
    ):
        with pytest.raises(UsageError, match=word):
            officers_of(given, "extraction")


def test_a_monitoring_record_says_what_the_patrol_kept(tmp_path: Path) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium=browser()) as at:
        case_id = at.flag("/file.zip")
        [capture] = at.capture()
        row = evidence_record.draw(at.office, case_id, "monitoring", [], by="王芳", out=tmp_path / "out")
        text = said(row["file"])
        patrol = at.world.rows(s.capture)[0]
        for word in ("监测记录", row["number"], "王芳", UNIT, patrol["sha256"], "部分取证"):
            assert word in text
        for file in capture["files"].values():
            assert file["sha256"] in text and file["name"] in text
        assert "时钟偏差未测得" in text and "ADWATCH_NTP_SERVER" in text
        assert "没有目标域名" in text
        assert any("没有完整的网页取证" in note for note in row["notes"])
        [kept] = [each for each in at.world.rows(s.attachment) if each["kind"] == "page_record"]
        content = read_attachment(at.office.home, kept["sha256"])
        assert content == Path(row["file"]).read_bytes()
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        assert at.world.rows(s.audit_entry)[-1]["detail"]["sha256"] == row["sha256"]
        assert verify_log(at.office.engine).fault is None
        second = evidence_record.draw(at.office, case_id, "monitoring", ["王芳:14080001"], out=tmp_path / "out")
        assert (row["number"][-4:], second["number"][-4:]) == ("0001", "0002")
        assert "执法证号 14080001" in said(second["file"])


def test_an_extraction_is_for_a_filed_case(tmp_path: Path) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium=browser()) as at:
        case_id = at.flag("/file.zip")
        with pytest.raises(UsageError, match="尚未立案"):
            evidence_record.draw(at.office, case_id, "extraction", TWO)
        with pytest.raises(UsageError, match="没有这个编号"):
            evidence_record.draw(at.office, 99, "monitoring", [], by="王芳")
        with pytest.raises(UsageError, match="--by"):
            evidence_record.draw(at.office, case_id, "monitoring", [])
        with pytest.raises(UsageError, match="monitoring"):
            evidence_record.draw(at.office, case_id, "video", TWO)
        assert at.world.rows(s.page_capture) == []


@pytest.mark.slow
def test_an_extraction_captures_again_and_names_the_earlier_capture(tmp_path: Path) -> None:
    with time_server(-1.5) as clock, hostile() as site, capturing(tmp_path, site, ntp_server=clock.address) as at:
        browser()
        case_id = at.flag("/fine")
        [earlier] = at.capture()
        file_case(at, case_id)
        command = at.command()
        out = str(tmp_path / "out")
        arguments = ["--case", str(case_id), "--kind", "extraction", "--place", "执法支队取证室", "--out", out]
        for each in TWO:
            arguments += ["--officer", each]
        [row] = command.rows("evidence", "record", *arguments)
        text = said(row["file"])
        mine = [each for each in at.world.rows(s.page_capture) if each["occasion"] == "extraction"]
        assert [each["state"] for each in mine] == ["captured"]
        for word in ("电子数据提取笔录", "执法证号 14080001", "晋1408-0002", "执法支队取证室", "当事人（见证人）"):
            assert word in text
        for word in (f"网页取证第 {earlier['id']} 号", at.world.rows(s.capture)[0]["sha256"], "低压电工证 在线"):
            assert word in text
        for file in [*mine[0]["files"].values(), *earlier["files"].values()]:
            assert file["sha256"] in text
        [(delay, offset)] = re.findall(r"往返 ([\d.]+) 秒）校准，\s*本机时钟偏差 ([-+][\d.]+) 秒", text)
        assert abs(float(offset) + 1.5) <= float(delay) / 2 + 0.002, "no further off than the way there and back"
        assert "Chromium" in text and "中文字形自检通过" in text
        assert row["notes"] == []
        assert verify_log(at.office.engine).fault is None


@pytest.mark.parametrize("point", ["audit.before_commit", "audit.after_commit", "attachment.before_rename"])
@pytest.mark.slow
def test_a_record_killed_before_its_commit_leaves_no_gap(tmp_path: Path, point: str) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium=browser()) as at:
        case_id = at.flag("/fine")
        command = at.command()
        arguments = ["evidence", "record", "--case", str(case_id), "--kind", "monitoring", "--by", "王芳"]
        dead = command.run(*arguments, ADWATCH_FAILPOINT=point)
        assert dead.returncode == -signal.SIGKILL
        [row] = command.rows(*arguments)
        kept = [each["name"] for each in at.world.rows(s.attachment)]
        assert [name[-9:] for name in kept] == ["0001.docx", "0002.docx"][: len(kept)]
        assert row["number"].endswith(f"{len(kept):04d}")
        assert verify_log(at.office.engine).fault is None


def test_what_was_measured_is_said_and_what_was_not_too() -> None:
    facts: dict[str, Any] = {
        "hosts_file": {"readable": True, "foreign": ["shop.example"], "names_the_host": True},
        "dns_servers": ["192.0.2.53"],
        "resolved": [],
        "proxies": ["https_proxy"],
        "machine": "pc\u202e1",
        "system": "S",
        "kernel": "K",
        "python": "3",
    }
    text = "\n".join(environment_lines(facts))
    for word in ("设有目标域名", "192.0.2.53", "未能解析", "设有代理（https_proxy）"):
        assert word in text
    assert "\u202e" not in text
    facts["hosts_file"] = {"readable": False, "why": "Permission denied"}
    assert "无法读取" in "\n".join(environment_lines(facts))
    ahead = {"offset": 0.25, "delay": 0.01, "stratum": 2, "server": "ntp.example"}
    assert "+0.250 秒" in clock_line(ahead)
    assert "未测得：x" in clock_line({"offset": None, "why": "x"})
    assert "此为演示" in clock_line({**ahead, "simulated_days": 20})
    assert "本机时间" not in clock_line({"offset": None, "why": "x", "simulated_days": 20})
