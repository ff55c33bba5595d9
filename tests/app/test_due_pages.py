"""Which pages are captured and when, and what is kept of those that are not: without a browser, so it is quick."""

from __future__ import annotations

import signal
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from adwatch.app import capture_schedule, page_capture, page_views
from adwatch.app.rows import lock_name
from adwatch.errors import LockHeld, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.evidence.pages import check_pages
from adwatch.failpoints import FAILPOINTS
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.attachments import attachment_file
from adwatch.store.engine import reading, writing
from adwatch.store.locks import run_lock
from tests.app.capturing import UNIT, Capturing, browser, capturing
from tests.conftest import FixedClock
from tests.evidence.hostile_site import hostile
from tests.store.world import listing

POINTS = (
    "page.before_fetch",
    "collect.before_request",
    "page.rendered",
    "attachment.before_rename",
    "audit.before_commit",
    "page.before_commit",
    "page.after_commit",
)


def words(rows: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(row["state"], row["reason"]) for row in rows]


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/circle", "failed", "refused"),
        ("/endless", "failed", "refused"),
        ("/huge", "failed", "refused"),
        ("/inward", "failed", "refused"),
        ("/forbidden/x", "failed", "robots"),
        ("/file.zip", "partial", "download"),
    ],
)
def test_what_cannot_be_rendered_has_its_reason(tmp_path: Path, path: str, state: str, reason: str) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium=browser()) as at:
        row = at.one(path)
        assert (row["state"], row["reason"]) == (state, reason), row["message"]
        assert row["message"]
        assert ("page_archive" in row["files"]) == (state == "partial")
        assert "geheim" not in str(row["facts"])
        assert at.capture() == []
        [event] = [each for each in at.world.rows(s.event) if each["kind"].startswith("page_")]
        assert event["detail"]["reason"] == reason
        [entry] = at.world.rows(s.audit_entry)
        assert entry["action"] == "evidence.capture"
        assert entry["detail"]["files"] == {kind: file["sha256"] for kind, file in row["files"].items()}
        assert verify_log(at.office.engine).fault is None


def test_no_browser_no_link_and_no_server_are_told_and_tried_again(tmp_path: Path) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium="/none/chromium") as at:
        clock = at.office.clock = FixedClock(at.world.now)
        at.flag("/fine")
        at.world.flag(listing("nowhere", url=None))
        assert sorted(words(at.capture())) == [("failed", "no_browser"), ("failed", "no_url")]
        assert at.capture() == []
        clock.time += timedelta(hours=1)
        done = capture_schedule.capture_pages(at.office)
        assert (done["states"], done["reasons"]) == ({"failed": 1}, {"no_browser": 1})
        assert done["notes"] == [capture_schedule.NO_BROWSER]
        assert site.asked == []
        assert page_capture.waiting(at.office) == 0
        clock.time += timedelta(hours=7)
        assert page_capture.waiting(at.office) == 1


def test_the_budget_of_a_day_and_of_a_host_by_score(tmp_path: Path) -> None:
    rule = "*,5,3,yes,5,60,40,3000,30,"
    with hostile() as site, capturing(tmp_path, site, rule, chromium=browser()) as at:
        at.office.clock = FixedClock(at.world.now)
        for number in range(5):
            at.flag(f"/forbidden/{number}", score=0.5 + number / 10)
        rows = at.capture()
        assert [row["url"][-1] for row in rows] == ["4", "3", "2"]
        later = capture_schedule.capture_pages(at.office)
        assert (later["states"], later["waiting"]) == ({}, 2)
        assert len(later["notes"]) == 1 and "2 件待取证" in later["notes"][0]
        at.office.clock.time += timedelta(days=1)
        assert [row["url"][-1] for row in at.capture()] == ["1", "0"]


def test_a_patrol_has_precedence_and_two_runs_are_one(tmp_path: Path) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium=browser()) as at:
        at.flag("/forbidden/1")
        with run_lock(at.office.home, lock_name("plaza")):
            assert at.capture() == []
        with run_lock(at.office.home, page_capture.LOCK), pytest.raises(LockHeld):
            at.capture()
        assert words(at.capture()) == [("failed", "robots")]


def test_a_person_may_ask_for_a_capture_any_number_of_times(tmp_path: Path) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium=browser()) as at:
        case_id = at.flag("/file.zip")
        actor = Actor("王芳", UNIT)
        for number in (1, 2):
            [row] = page_capture.capture_case(at.office, case_id, actor)
            assert (row["occasion"], row["ref"], row["attempt"]) == ("asked", number, 1)
        assert [row["person"] for row in page_views.captures_of_case(at.office, case_id)] == ["王芳", "王芳"]
        with pytest.raises(UsageError, match="99"):
            page_capture.capture_case(at.office, 99, actor)
        with pytest.raises(UsageError, match="没有 网页截图"):
            page_views.capture_file(at.office, row["id"], "page_screenshot")
        body, kind = page_views.archived_page(at.office, row["id"])
        assert (body, kind) == (b"PK", "application/zip")


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_a_capture_is_whole_or_not_there_and_made_once(tmp_path: Path, point: str) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium=browser()) as at:
        at.flag("/file.zip")
        command = at.command()
        dead = command.run("evidence", "capture", "--due", ADWATCH_FAILPOINT=point)
        assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()
        there = point == "page.after_commit"
        assert len(at.world.rows(s.page_capture)) == there
        assert len(at.world.rows(s.audit_entry)) == there
        rows = command.rows("evidence", "capture", "--due")
        assert len(rows) == (not there)
        _once(at)


def _once(at: Capturing) -> None:
    [row] = at.world.rows(s.page_capture)
    assert (row["state"], row["attempt"]) == ("partial", 1)
    kept = {each["sha256"] for each in at.world.rows(s.attachment)}
    assert kept == {file["sha256"] for file in row["files"].values()}
    assert page_views.archived_page(at.office, row["id"])[0] == b"PK"
    assert len([each for each in at.world.rows(s.event) if each["kind"] == "page_captured"]) == 1
    assert verify_log(at.office.engine).fault is None


@pytest.mark.parametrize("kind", ["page_archive", "page_facts"])
def test_a_flipped_byte_an_altered_row_and_one_that_is_gone_are_named(tmp_path: Path, kind: str) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium=browser()) as at:
        row = at.one("/file.zip")
        name = f"page capture {row['id']} of case {row['case_id']}"
        assert _faults(at) == []
        file = attachment_file(at.office.home, row["files"][kind]["sha256"])
        whole = file.read_bytes()
        for place in (0, len(whole) // 2, len(whole) - 1):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            [fault] = _faults(at)
            assert fault.startswith(f"{name}: {kind}: ") and "digest differs" in fault
        file.unlink()
        assert "cannot be read" in _faults(at)[0]
        file.write_bytes(whole)
        assert _faults(at) == []
        for values in ({"occasion": "check"}, {"files": {}}, {"state": "captured"}):
            with writing(at.office.engine) as connection:
                connection.execute(update(s.page_capture).values(**values))
            assert _faults(at)[0] == f"{name}: its row is not what the audit log tells of it"
        with writing(at.office.engine) as connection:
            connection.execute(delete(s.page_capture))
        assert _faults(at) == [f"page capture {row['id']}: is gone from the store"]


def _faults(at: Capturing) -> list[str]:
    with reading(at.office.engine) as connection:
        return check_pages(connection, at.office.home)[1]


def test_every_failpoint_of_a_capture_is_tried() -> None:
    assert {name for name in FAILPOINTS if name.startswith("page.")} <= set(POINTS)
