"""Retention: what must stay stays, what may go goes whole, each deletion is in the log, killed at each point."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import evidence, package, retention
from adwatch.app.office import Office
from adwatch.archive import Archive
from adwatch.casework import transfer
from adwatch.errors import SpecError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.settings import load_settings
from adwatch.store import schema as s
from adwatch.store.captures import store_capture
from adwatch.tables.retention import retention_rules
from tests.app.transfer_world import OFFICE, command
from tests.archive.exchanges import exchange
from tests.casework.office import ZONE, decide, register
from tests.casework.sealed_case import captured
from tests.conftest import FixedClock
from tests.processes import run_python
from tests.store.databases import with_store
from tests.store.world import DAY, NOON, World

ACTOR = Actor("张三", OFFICE)
BEGUN = NOON
CONFIRMED, DISMISSED, UNFLAGGED = 1825, 365, 180


@dataclass
class Kept:
    """An office with a WARC file for each story."""

    office: Office
    world: World
    clock: FixedClock
    cases: dict[str, int]
    files: dict[str, str]

    def after(self, days: int) -> None:
        """Let the office's clock stand so many days after the captures."""
        self.clock.time = BEGUN + timedelta(days=days, hours=1)

    def there(self) -> set[str]:
        """Stories whose WARC file is there."""
        return {name for name, file in self.files.items() if (self.office.settings.archive_root / file).is_file()}

    def apply(self, dry_run: bool = False) -> dict[str, Any]:
        return retention.apply(self.office, ACTOR, dry_run)


def opened(folder: Path, now: datetime = BEGUN) -> tuple[Office, FixedClock]:
    clock = FixedClock(now)
    return Office(load_settings(home=with_store(folder / "home"), unit=OFFICE, _env_file=None), clock), clock


def stories(folder: Path) -> Kept:
    """unflagged · open · doubtful · dismissed · confirmed · closed · busy (closed, its transfer is not) · with_refers."""
    office, clock = opened(folder)
    world, root = World(office.engine, now=BEGUN), office.settings.archive_root
    cases: dict[str, int] = {}
    files: dict[str, str] = {}
    for number, story in enumerate(("open", "doubtful", "dismissed", "confirmed", "closed", "busy")):
        with Archive(root, f"r{number}", "AdWatch/0.1.0") as archive:
            cases[story] = captured(world, archive, story)
        files[story] = world.rows(s.capture)[-1]["warc"]
    with Archive(root, "r7", "AdWatch/0.1.0") as archive:
        lone = archive.keep(exchange(70, platform="plaza", day=DAY, fetched_at=world.now))
        store_capture(world.engine, lone, "html", None)
        files["unflagged"] = lone.warc
    with Archive(root, "r8", "AdWatch/0.1.0") as archive:
        first = archive.keep(exchange(80, platform="plaza", day=DAY, fetched_at=world.now))
        first = replace(first, id=store_capture(world.engine, first, "html", None))
        files["referred"] = first.warc
    with Archive(root, "r9", "AdWatch/0.1.0") as archive:
        later = exchange(81, platform="plaza", day="2026-11-30", fetched_at=world.now + timedelta(days=12))
        again = archive.keep(replace(later, earlier=first, status=304, body=b""))
        again_id = store_capture(world.engine, again, "html", None)
        files["referring"] = again.warc
    register(world, [cases["open"]])
    decide(world, cases["doubtful"], "doubt")
    decide(world, cases["dismissed"], "dismiss")
    decide(world, [cases["confirmed"], cases["closed"]])
    decide(world, cases["closed"], "close")
    decide(world, cases["busy"])
    given = {"receiver": "police", "now": world.now, "zone": ZONE}
    transfer.draft(world.engine, "clue", [cases["busy"]], ACTOR, **given)
    assert again_id and len(set(files.values())) == len(files)
    return Kept(office, world, clock, cases, files)


ALL = {"unflagged", "referred", "referring", "open", "doubtful", "dismissed", "confirmed", "closed", "busy"}
NEVER = {"open", "doubtful", "confirmed", "busy"}
"""What no time lets go: it is not at its end."""


def test_before_any_term_has_run_out_nothing_goes(tmp_path: Path) -> None:
    kept = stories(tmp_path)
    for days in (0, 1, UNFLAGGED):
        kept.after(days)
        assert kept.apply()["deleted"] == []
        assert kept.there() == ALL
    assert world_log(kept) == []
    kept.office.__exit__(None, None, None)


def world_log(kept: Kept) -> list[tuple[str, str]]:
    rows = kept.world.rows(s.audit_entry)
    said = ("retention.delete", "retention.hold", "retention.release")
    return [(row["action"], row["subject"]) for row in rows if row["action"] in said]


def test_each_goes_when_its_own_term_has_run_out_and_not_before(tmp_path: Path) -> None:
    kept = stories(tmp_path)
    with kept.office as office:
        kept.after(UNFLAGGED + 2)
        planned = kept.apply(dry_run=True)
        assert planned["packages"] == [kept.cases["closed"]]
        assert set(planned["deleted"]) == {kept.files["unflagged"], kept.files["closed"]}
        assert (kept.there(), world_log(kept)) == (ALL, []), "a dry run changes nothing"
        done = kept.apply()
        assert set(done["deleted"]) == set(planned["deleted"])
        assert kept.there() == ALL - {"unflagged", "closed"}
        assert world_log(kept) == [("retention.delete", "file")] * 2
        [packed] = kept.world.rows(s.evidence_package)
        assert packed["case_id"] == kept.cases["closed"]
        checked = package.verify(office.home / packed["file"])
        assert (checked["ok"], checked["captures"]) == (True, 1), "its records go on in the package of the case"
        kept.after(UNFLAGGED + 14)
        kept.apply()
        assert kept.there() == NEVER | {"dismissed"}, "an answer goes together with the last that refers to it"
        found = evidence.verify(office)
        assert (found["ok"], found["expired"]) == (True, 4), found["problems"]
        kept.after(DISMISSED + 1)
        kept.apply()
        assert kept.there() == NEVER
        kept.after(CONFIRMED - 1)
        assert kept.apply()["deleted"] == []
        assert (office.home / packed["file"]).is_file()
        kept.after(CONFIRMED + 1)
        assert kept.apply()["deleted"] == [packed["file"]]
        assert not (office.home / packed["file"]).exists()
        assert kept.world.rows(s.evidence_package) == []
        kept.after(20 * CONFIRMED)
        assert kept.apply()["deleted"] == []
        assert kept.there() == NEVER
        assert verify_log(office.engine).fault is None
        rows = kept.world.rows(s.expired_file)
        assert all(row["deleted_at"] and row["person"] == "张三" and len(row["sha256"]) == 64 for row in rows)


def test_a_later_package_takes_the_records_out_of_an_earlier_one(tmp_path: Path) -> None:
    kept = stories(tmp_path)
    with kept.office as office:
        kept.after(UNFLAGGED + 2)
        kept.apply()
        decide(kept.world, kept.cases["closed"], "confirm", at=kept.clock.time)
        made = package.make(office, kept.cases["closed"], None, ACTOR)
        checked = package.verify(Path(made["file"]))
        assert (checked["ok"], checked["captures"]) == (True, 1)
        assert not any("not in the package" in note for note in checked["notes"])


@pytest.mark.parametrize("which", ["case", "all"])
def test_a_hold_keeps_what_has_outlived_everything(tmp_path: Path, which: str) -> None:
    kept = stories(tmp_path)
    with kept.office as office:
        kept.after(1)
        wanted = kept.cases["dismissed"] if which == "case" else None
        number = retention.hold(office, wanted, "诉讼中", ACTOR)["hold"]
        kept.after(10 * CONFIRMED)
        kept.apply()
        assert kept.there() == (NEVER | {"dismissed"} if which == "case" else ALL)
        assert package_files(office) == set() or which == "case"
        with pytest.raises(UsageError, match="写明理由"):
            retention.release(office, number, " ", ACTOR)
        retention.release(office, number, "已结", ACTOR)
        with pytest.raises(UsageError, match="已解除"):
            retention.release(office, number, "再解", ACTOR)
        kept.apply()
        assert kept.there() == NEVER
        holds = [entry for entry in world_log(kept) if entry[1] == "hold"]
        assert holds == [("retention.hold", "hold"), ("retention.release", "hold")]


def package_files(office: Office) -> set[str]:
    return {file.name for file in (office.home / "packages").glob("*.zip")}


def test_a_hold_placed_while_packages_are_made_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may go is looked at again in the transaction that notes it."""
    kept = stories(tmp_path)
    with kept.office as office:
        kept.after(UNFLAGGED + 2)
        real = retention._digest

        def and_hold(file: Path) -> tuple[int, str]:
            if not kept.world.rows(s.legal_hold):
                retention.hold(office, None, "紧急", ACTOR)
            return real(file)

        monkeypatch.setattr(retention, "_digest", and_hold)
        assert kept.apply()["deleted"] == []
        assert kept.there() == ALL


def test_a_file_that_no_row_claims_or_that_is_being_written_stays(tmp_path: Path) -> None:
    kept = stories(tmp_path)
    with kept.office as office:
        root = office.settings.archive_root
        stray = root / DAY / "stray.warc.gz"
        stray.write_bytes(b"x")
        (root / f"{kept.files['unflagged']}.open").touch()
        kept.after(10 * CONFIRMED)
        kept.apply()
        assert stray.is_file()
        assert "unflagged" in kept.there()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("confirmed,x,1094,,", "1095 or more"),
        ("unflagged,x,30,,", "62 or more"),
        ("confirmed,x,abc,,", "1095 or more"),
        ("other,x,2000,,", "write each of"),
        ("confirmed,x", "columns are needed"),
    ],
)
def test_a_policy_below_three_years_is_refused(tmp_path: Path, row: str, message: str) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "retention.csv").write_text(f"id,label,days,basis,note\n{row}\n", encoding="utf-8")
    with pytest.raises(SpecError, match=message):
        retention_rules(tmp_path)
    assert retention_rules()["confirmed"].days >= 1095


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    ["package.before_rename", "audit.before_commit", "audit.after_commit", "retention.before_delete", "retention.after_delete"],
)  # fmt: skip
def test_killed_anywhere_the_next_run_finishes_it(tmp_path: Path, point: str) -> None:
    kept = stories(tmp_path)
    kept.office.__exit__(None, None, None)
    run = command(tmp_path)
    code = (
        "import sys; from datetime import datetime; from tests.app.test_retention import opened, ACTOR;"
        "from adwatch.app import retention; from pathlib import Path;"
        "office, _ = opened(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])); retention.apply(office, ACTOR, False)"
    )
    when = (BEGUN + timedelta(days=UNFLAGGED + 2, hours=1)).isoformat()
    killed = run_python(("-c", code, str(tmp_path), when), {**run.environment, "ADWATCH_FAILPOINT": point})
    assert killed.returncode == -signal.SIGKILL
    office, clock = opened(tmp_path)
    with office:
        again = Kept(office, World(office.engine), clock, kept.cases, kept.files)
        assert verify_log(office.engine).fault is None
        assert evidence.verify(office)["ok"]
        assert NEVER | {"dismissed", "referred", "referring"} <= again.there()
        again.after(UNFLAGGED + 4)
        again.apply()
        assert again.there() == ALL - {"unflagged", "closed"}
        found = evidence.verify(office)
        assert found["ok"], found["problems"]
        assert verify_log(office.engine).fault is None
        [packed] = again.world.rows(s.evidence_package)
        assert package.verify(office.home / packed["file"])["ok"]
        assert all(row["deleted_at"] for row in again.world.rows(s.expired_file))


@pytest.mark.slow
def test_the_verbs(tmp_path: Path) -> None:
    kept = stories(tmp_path)
    kept.office.__exit__(None, None, None)
    run = command(tmp_path)
    by = ("--by", "张三")
    [held] = run.rows("evidence", "retention", "hold", "--case", str(kept.cases["closed"]), "--reason", "诉讼", *by)
    [shown] = run.rows("evidence", "retention", "show")
    assert [row["id"] for row in shown["rules"]] == ["confirmed", "dismissed", "unflagged", "text", "paper"]
    assert shown["holds"][0]["reason"] == "诉讼"
    [done] = run.rows("evidence", "retention", "apply", "--dry-run", *by)
    assert done["deleted"] == []
    run.ok("evidence", "retention", "release", str(held["hold"]), "--reason", "结案", *by)
    assert run.run("evidence", "retention", "hold", "--reason", "x", *by).returncode == 2
    assert "保存期限" in run.ok("evidence", "retention", "show")
