"""What the policy deletes on both databases, killed by SIGKILL at each write, and by the verbs."""

from __future__ import annotations

import signal
from datetime import date, timedelta
from pathlib import Path

import pytest

from adwatch.app import evidence
from adwatch.app import search as searching
from adwatch.evidence.audit import verify_log
from adwatch.store import report_figures
from adwatch.store import schema as s
from adwatch.store.engine import reading
from tests.app.erasing_world import CONFIRMED, DISMISSED, NEVER, TEXT, Erasable, figures, filled, opened, sound
from tests.app.transfer_world import command
from tests.processes import run_python
from tests.store.databases import migrated_file, migrated_server, postgresql_server, store_url
from tests.store.world import NOON, World

__all__ = ["migrated_file", "migrated_server", "postgresql_server", "store_url"]

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.postgresql
def test_both_databases_come_to_the_same(tmp_path: Path, store_url: str) -> None:
    """What is left, the figures and the dump are the same, and those of a second office that went the same way."""
    dumps = []
    for name, url in (("one", store_url), ("two", None)):
        kept = filled(tmp_path / name, url)
        with kept.office as office:
            zone = office.settings.zone
            with reading(office.engine) as connection:
                before = report_figures.confirmed(connection, *NOVEMBER, zone).read(connection).rows(connection)
            counted = figures(office)
            searching.push(office)
            for days in (TEXT + 11, DISMISSED + 1, CONFIRMED + 1):
                kept.after(days)
                kept.apply()
            assert kept.worded() == kept.found() == NEVER
            assert kept.quoted() == {"open"}
            assert figures(office) == counted
            with reading(office.engine) as connection:
                assert report_figures.confirmed(connection, *NOVEMBER, zone).read(connection).rows(connection) == before
            sound(office)
            dumps.append(list(office.dump()))
    assert dumps[0] == dumps[1]
    assert sum('"table":"tombstone"' in line for line in dumps[0]) == 5 + 2 + 4 + 1 + 3


POINTS = [
    *(f"audit.before_commit@{number}" for number in (1, 3, 4, 5)),
    *(f"audit.after_commit@{number}" for number in (2, 4, 5, 6, 7)),
    *("retention.before_delete", "retention.before_delete@2", "retention.after_delete", "retention.after_delete@3"),
    *("index.before_commit", "index.before_ack"),
]


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_it_is_whole_and_the_next_run_finishes_it(tmp_path: Path, point: str, store_url: str) -> None:
    url = store_url if store_url.startswith("postgresql") else None
    made = filled(tmp_path, url)
    made.office.__exit__(None, None, None)
    code = (
        "import sys; from datetime import datetime; from pathlib import Path;"
        "from tests.app.erasing_world import opened, ACTOR; from adwatch.app import retention;"
        "office, _ = opened(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3] or None);"
        "retention.apply(office, ACTOR, False)"
    )
    when = NOON + timedelta(days=30 * CONFIRMED, hours=1)
    environment = {**command(tmp_path).environment, "ADWATCH_FAILPOINT": point}
    killed = run_python(("-c", code, str(tmp_path), when.isoformat(), url or ""), environment)
    assert killed.returncode == -signal.SIGKILL
    office, clock = opened(tmp_path, when, url)
    with office:
        again = Erasable(office, World(office.engine), clock, made.cases)
        assert verify_log(office.engine).fault is None
        assert not [each for each in evidence.verify(office)["problems"] if "a.warc.gz" not in each]
        stones = {row["subject_id"] for row in again.world.rows(s.tombstone, kind="text")}
        assert stones == {row["id"] for row in again.world.rows(s.listing_version) if row["text"] is None}
        again.apply()
        assert again.worded() == again.found() == NEVER
        assert again.quoted() == {"open"}
        assert again.files() == {"twice", "file of open", "file of linked", "file of busy"}
        assert all(row["gone_at"] for row in again.world.rows(s.tombstone))
        assert len(again.world.rows(s.tombstone)) == 15, "nothing was deleted twice"
        sound(office)


@pytest.mark.slow
def test_the_verbs(tmp_path: Path) -> None:
    made = filled(tmp_path)
    made.office.__exit__(None, None, None)
    run = command(tmp_path)
    [plan] = run.rows("evidence", "retention", "plan")
    assert {row["kind"] for row in plan["kinds"]} >= {"warc", "text", "attachment", "transfer", "picture", "issue"}
    assert "可删除" in run.ok("evidence", "retention", "plan")
    done = run.ok("evidence", "retention", "apply", "--by", "张三")
    assert "已删除内容" in done
    assert "上次执行" in run.ok("evidence", "retention", "show")
