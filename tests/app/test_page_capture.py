"""Full captures in a real chromium, of pages that try what they can."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from adwatch.app import page_views
from adwatch.evidence.audit import verify_log
from adwatch.evidence.daily import keep_root
from adwatch.store import schema as s
from adwatch.store.attachments import read_attachment
from tests.app.capturing import CONTACT, browser, capturing, marked_browser, processes
from tests.evidence.hostile_site import hostile
from tests.evidence.ntp_server import time_server

pytestmark = pytest.mark.slow
SHORT = "*,200,60,yes,5,60,40,3000,30,"


@pytest.fixture(autouse=True)
def chromium() -> str:
    return browser()


def test_a_page_is_captured_with_all_that_is_to_be_known(tmp_path: Path) -> None:
    with time_server(2.5) as clock, hostile() as site, capturing(tmp_path, site, ntp_server=clock.address) as at:
        row = at.one("/fine")
        assert (row["state"], row["reason"], row["occasion"]) == ("captured", None, "flagged")
        facts, files = row["facts"], row["files"]
        assert facts["title"] == "低压电工证 在线"  # the page's script ran
        assert facts["status"] == 200
        assert facts["server_ip"] == "127.0.0.1"
        assert ["Content-Type", "text/html; charset=utf-8"] in facts["response_headers"]
        assert facts["clock"]["offset"] == pytest.approx(2.5, abs=1)
        assert facts["loading"] == "complete"
        assert facts["glyphs_missing"] == ""
        assert facts["begun_at"][-9] == "." or facts["begun_at"].count(".") == 1
        assert len(site.agents) == 1 and CONTACT in site.agents.pop()
        assert set(site.asked) == {"/robots.txt", "/fine", "/pixel.png"}
        for kind, file in files.items():
            content = read_attachment(at.office.home, file["sha256"])
            assert kind == "page_facts" or facts["files"][kind] == hashlib.sha256(content).hexdigest()
        shot = Image.open(io.BytesIO(read_attachment(at.office.home, files["page_screenshot"]["sha256"])))
        assert shot.size == (1280, 900)
        assert len(shot.convert("L").getcolors(65536) or []) > 10  # letters were drawn
        _valid_wacz(tmp_path, read_attachment(at.office.home, files["page_archive"]["sha256"]), site.url)
        body, kind = page_views.archived_page(at.office, row["id"])
        assert "电工证包过" in body.decode() and kind.startswith("text/html")
        [shown] = page_views.captures_of_case(at.office, row["case_id"])
        assert shown["state_label"] == "已取证" and len(shown["files"]) == 3
        day = at.world.now.astimezone(at.office.settings.zone)
        root, faults = keep_root(
            *(at.office.engine, day.date().isoformat(), "王芳", "某局"), now=day + timedelta(days=1), zone=day.tzinfo
        )
        assert root.entries >= 1 and faults == []
        assert verify_log(at.office.engine).fault is None
        assert at.capture() == []


def _valid_wacz(folder: Path, content: bytes, site: str) -> None:
    file = folder / "page.wacz"
    file.write_bytes(content)
    tool = Path(sys.executable).with_name("wacz")
    done = subprocess.run([tool, "validate", "-f", file], capture_output=True, text=True, check=False, timeout=240)
    assert "Validation succeeded" in done.stdout, done.stdout + done.stderr
    with zipfile.ZipFile(file) as archive:
        index = archive.read("indexes/index.cdx").decode()
    assert [f"{site}{path}" in index for path in ("/fine", "/pixel.png", "/robots.txt")] == [True] * 3


def test_what_a_page_tries_is_refused_and_told(tmp_path: Path) -> None:
    with hostile() as other, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", other.server_address[1]))
        udp.setblocking(False)
        with hostile(other.url) as site, capturing(tmp_path, site) as at:
            row = at.one("/abuse")
            refused = row["facts"]["refused"]
            assert row["state"] == "captured"
            for kind in ("dialog alert", "dialog confirm", "dialog prompt", "window", "websocket", "robots_denied"):
                assert refused[kind] >= 1, kind
            assert "/located" not in site.asked and "/not-located" in site.asked
            assert "/popup" not in site.asked and "/forbidden/x" not in site.asked and "/file.zip" not in site.asked
            assert "/led" in site.asked
        assert other.asked == []  # a private address that the platform does not name, by whatever way
        with pytest.raises(BlockingIOError):
            udp.recv(1)


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/busy", "partial", "timeout"),
        ("/alerts", "partial", "timeout"),
        ("/never", "captured", None),
        ("/again", "captured", None),
        ("/tall", "captured", None),
        ("/gone", "captured", None),
    ],
)
def test_a_page_cannot_keep_us(tmp_path: Path, path: str, state: str, reason: str | None) -> None:
    with hostile() as site, capturing(tmp_path, site, SHORT if state == "partial" or path == "/never" else "") as at:
        row = at.one(path)
        facts = row["facts"]
        assert (row["state"], row["reason"]) == (state, reason), row["message"]
        assert "page_archive" in row["files"]
        assert ("page_screenshot" in row["files"]) == (state == "captured")
        if path == "/never":
            assert facts["loading"] == "ended"
        if path == "/again":
            assert facts["refused"]["navigation"] >= 1
            assert facts["title"] == "低压电工证"  # the page itself, not the browser's page of an error
            assert site.asked.count("/again") <= 5
        if path == "/tall":
            assert facts["screenshot_cut"] and facts["screenshot_size"] == [1280, 3000]
        if path == "/gone":
            assert facts["status"] == 404


def test_without_a_chinese_font_no_screenshot_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{tmp_path}/none</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>"
    )
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    with hostile() as site, capturing(tmp_path, site) as at:
        row = at.one("/fine")
        assert (row["state"], row["reason"]) == ("partial", "no_font")
        assert "证" in row["facts"]["glyphs_missing"]
        assert sorted(row["files"]) == ["page_archive", "page_facts"]


@pytest.mark.parametrize("victim", ["--type=renderer", ""])
def test_a_crash_is_told(tmp_path: Path, victim: str) -> None:
    program = marked_browser(tmp_path)
    with hostile() as site, capturing(tmp_path, site, chromium=str(program)) as at:
        killed: list[int] = []

        def kill() -> None:
            for pid in processes(tmp_path, victim):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

        site.hooks["/killer.png"] = kill
        row = at.one("/crash")
        assert killed
        assert (row["state"], row["reason"]) == ("partial", "crashed"), row["message"]
        assert processes(tmp_path) == []


def test_killed_while_the_browser_works_nothing_is_left_and_it_is_done_again(tmp_path: Path) -> None:
    program = marked_browser(tmp_path)
    with hostile() as site, capturing(tmp_path, site, chromium=str(program)) as at:
        at.flag("/fine")
        command = at.command()
        seen: list[int] = []
        site.hooks["/pixel.png"] = lambda: seen.extend(processes(tmp_path))
        dead = command.run("evidence", "capture", "--due", ADWATCH_FAILPOINT="collect.before_request@3")
        assert dead.returncode == -signal.SIGKILL
        assert at.world.rows(s.page_capture) == []
        [row] = command.rows("evidence", "capture", "--due")
        assert row["state"] == "captured" and seen
        assert _ended(tmp_path)
        assert verify_log(at.office.engine).fault is None


def _ended(folder: Path) -> bool:
    """Whether the browser's processes end, with patience."""
    import time

    until = time.monotonic() + 120
    while processes(folder) and time.monotonic() < until:
        time.sleep(0.1)
    return processes(folder) == []
