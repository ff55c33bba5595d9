"""The policy beyond WARC files: words, pictures, files go when their term has run out, and everything else stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from adwatch.app import casework, evidence, retention
from adwatch.app import search as searching
from adwatch.casework.retention import WHY
from adwatch.errors import UsageError
from adwatch.store import schema as s
from adwatch.store.attachments import attachment_bytes, attachments_of
from adwatch.store.engine import reading, writing
from adwatch.store.verdicts import backlog, classifier_id, mark_classified
from tests.app.erasing_world import (
    ACTOR,
    CARD,
    CONFIRMED,
    DISMISSED,
    LEADS,
    MARKS,
    NEVER,
    PAPER,
    TEXT,
    Erasable,
    attach,
    figures,
    filled,
    lone,
    see_again,
    sound,
)
from tests.store.world import NOON, clear

BOTH = set(MARKS)
SHOWN = BOTH - {"old"}
"""What the index has: a listing as it stands."""


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Erasable]:
    """The world on SQLite."""
    made = filled(tmp_path)
    with made.office:
        yield made


def stays(kept: Erasable, kind: str = "text") -> dict[str, int]:
    [row] = [row for row in retention.plan(kept.office)["kinds"] if row["kind"] == kind]
    words: dict[str, int] = row["stays"]
    return words


def goes(kept: Erasable, kind: str = "text") -> int:
    [row] = [row for row in retention.plan(kept.office)["kinds"] if row["kind"] == kind]
    return sum(row["may_go"].values())


def test_words_and_files_go_when_their_own_term_has_run_out_and_not_before(kept: Erasable) -> None:
    searching.push(kept.office)
    before = figures(kept.office)
    kept.after(TEXT - 1)
    assert kept.apply()["erased"] == {}
    assert (kept.worded(), kept.found()) == (BOTH, SHOWN)
    kept.after(TEXT + 1)
    assert goes(kept) == 1
    done = kept.apply()
    assert done["erased"] == {"商品文字": 1, "图片文字": 1, "第二意见的引文和理由": 1}
    assert kept.worded() == BOTH - {"lone"}
    assert kept.found() == SHOWN - {"lone"}
    kept.after(TEXT + 11)
    kept.apply()
    assert kept.worded() == BOTH - {"lone", "old", "online"}, (
        "the old version since it was replaced, the new since it was seen"
    )
    kept.after(DISMISSED + 1)
    kept.apply()
    assert kept.worded() == kept.found() == NEVER | {"closed"}
    assert kept.files() == {"sheet", "twice", *(f"file of {story}" for story in LEADS if story != "dismissed")}
    kept.after(CONFIRMED - 1)
    assert kept.apply()["erased"] == {}
    kept.after(CONFIRMED + 1)
    done = kept.apply()
    assert done["erased"] == {
        "商品文字": 1, "图片文字": 1, "第二意见的引文和理由": 1, "附件": 3, "检查登记的证件号码、联系方式": 1
    }  # fmt: skip
    assert kept.worded() == kept.found() == NEVER
    assert kept.files() == {"twice", "file of open", "file of linked", "file of busy"}, "twice is the open case's too"
    [card] = kept.world.rows(s.inspection)
    assert (card["card_number"], card["contact"], card["seller"], card["place"]) == ("", "", "", "工地")
    assert len(card["card_key"]) == 64, "what it is found by is no number of a person"
    kept.after(30 * CONFIRMED)
    assert kept.apply()["erased"] == {}
    assert kept.worded() == NEVER
    assert figures(kept.office) == before
    sound(kept.office)


def test_the_plan_counts_what_goes_and_says_why_the_rest_stays(kept: Erasable) -> None:
    kept.after(TEXT - 1)
    counted = stays(kept)
    assert counted[WHY["open"]] == 2, "open and busy"
    assert counted[WHY["look"]] == counted[WHY["unjudged"]] == 1
    kept.after(30 * CONFIRMED)
    assert stays(kept) == {WHY["look"]: 1, WHY["unjudged"]: 1, WHY["open"]: 2, WHY["refers"]: 1}
    assert goes(kept) == 5
    assert (goes(kept, "attachment"), stays(kept, "attachment")) == (4, {WHY["open"]: 3, WHY["refers"]: 1})
    assert kept.worded() == BOTH, "a plan changes nothing"
    assert kept.world.rows(s.tombstone) == []
    shown = retention.apply(kept.office, ACTOR, dry_run=True)
    assert shown["kinds"] == retention.plan(kept.office)["kinds"]
    assert kept.world.rows(s.tombstone) == []


@pytest.mark.parametrize("which", ["case", "all"])
def test_a_hold_keeps_words_and_files(kept: Erasable, which: str) -> None:
    wanted = kept.cases["closed"] if which == "case" else None
    number = retention.hold(kept.office, wanted, "诉讼中", ACTOR)["hold"]
    kept.after(30 * CONFIRMED)
    kept.apply()
    assert kept.worded() == (NEVER | {"closed"} if which == "case" else BOTH)
    assert ("file of closed" in kept.files(), "sheet" in kept.files()) == (True, which == "all")
    assert kept.world.rows(s.inspection)[0]["card_number"] == CARD
    if which == "all":
        assert kept.world.rows(s.tombstone) == []
    retention.release(kept.office, number, "已结", ACTOR)
    kept.apply()
    assert kept.worded() == NEVER
    sound(kept.office)


def test_a_tombstone_says_what_went_when_by_which_rule_and_by_whom(kept: Erasable) -> None:
    texts = {row["id"]: row["content_sha256"] for row in kept.world.rows(s.listing_version)}
    kept.after(30 * CONFIRMED)
    kept.apply()
    noted = {row["id"]: row for row in kept.world.rows(s.erasure)}
    stones = kept.world.rows(s.tombstone)
    for row in stones:
        assert noted[row["erasure_id"]]["kind"] == row["kind"]
        assert row["gone_at"] is not None
    assert {row["subject_id"]: row["digest"] for row in stones if row["kind"] == "text"}.items() <= texts.items()
    assert {(row["kind"], row["rule"]) for row in noted.values()} == {
        ("text", "text"),
        ("text", "dismissed"),
        ("text", "confirmed"),
        ("picture", "text"),
        ("opinion", "text"),
        ("attachment", "dismissed"),
        ("attachment", "confirmed"),
        ("attachment", "paper"),
        ("inspection", "confirmed"),
    }
    assert {(row["person"], row["unit"]) for row in noted.values()} == {(ACTOR.person, ACTOR.unit)}
    logged = [row["detail"] for row in kept.world.rows(s.audit_entry) if row["action"] == "retention.erase"]
    assert {each["sha256"] for each in logged} == {row["sha256"] for row in noted.values()}
    last = retention.show(kept.office)["last"]
    assert (last["person"], last["deleted"]["商品文字"], last["deleted"]["附件"]) == (ACTOR.person, 5, 4)
    assert evidence.verify(kept.office)["erased"] == len(stones)


@pytest.mark.parametrize("what", ["removed", "altered", "erasure", "words", "file"])
def test_who_alters_what_is_noted_is_found_out(kept: Erasable, what: str) -> None:
    kept.after(30 * CONFIRMED)
    kept.apply()
    sound(kept.office)
    first = kept.world.rows(s.tombstone, kind="text")[0]
    t = s.tombstone
    with writing(kept.office.engine) as connection:
        if what == "removed":
            connection.execute(delete(t).where(t.c.kind == "text", t.c.subject_id == first["subject_id"]))
        elif what == "altered":
            connection.execute(update(t).where(t.c.subject_id == first["subject_id"]).values(digest="0" * 64))
        elif what == "erasure":
            connection.execute(update(s.erasure).where(s.erasure.c.id == first["erasure_id"]).values(rule="paper"))
        elif what == "words":
            v = s.listing_version
            connection.execute(update(v).where(v.c.id == first["subject_id"]).values(text="又来了"))
        else:
            digest = kept.world.rows(t, kind="attachment")[0]["digest"]
            there = kept.office.home / "attachments" / digest[:2] / digest
            there.write_text("x")
    problems = [each for each in evidence.verify(kept.office)["problems"] if "a.warc.gz" not in each]
    assert problems
    assert all("erasure" in each or "tombstone" in each for each in problems)


def test_what_is_deleted_is_in_no_file_of_the_office(kept: Erasable) -> None:
    searching.push(kept.office)
    kept.after(30 * CONFIRMED)
    kept.apply()
    kept.office.__exit__(None, None, None)
    said = b"".join(file.read_bytes() for file in kept.office.home.rglob("*") if file.is_file())
    for story, mark in MARKS.items():
        assert (mark.encode() in said) == (story in NEVER), story
        assert (f"shop-{story}".encode() in said) == (story in ("sampled", "unjudged"))
    assert CARD.encode() not in said


def test_a_listing_that_comes_back_has_its_words_anew_and_its_old_row_stays_empty(kept: Erasable) -> None:
    kept.after(TEXT + 11)
    kept.apply()
    assert "online" not in kept.worded()
    wiped = [row for row in kept.world.rows(s.listing_version) if row["text"] is None]
    see_again(kept.world, TEXT + 12)
    searching.push(kept.office)
    assert {"online"} <= kept.worded() & kept.found()
    versions = [
        row for row in kept.world.rows(s.listing_version) if row["content_sha256"] == lone("online").content_sha256
    ]
    assert [row["text"] is None for row in versions] == [True, False]
    assert [row for row in kept.world.rows(s.listing_version) if row["text"] is None] == wiped
    see_again(kept.world, TEXT + 13)
    assert len(kept.world.rows(s.listing_version)) == len(MARKS) + 1, "seen once more it is no further version"
    kept.after(2 * TEXT + 15)
    kept.apply()
    assert "online" not in kept.worded()
    sound(kept.office)


def test_a_new_classifier_leaves_alone_what_has_no_words(kept: Erasable) -> None:
    kept.after(30 * CONFIRMED)
    kept.apply()
    wiped = {row["subject_id"] for row in kept.world.rows(s.tombstone, kind="text")}
    newer = classifier_id(kept.office.engine, "2", "k")
    todo = backlog(kept.office.engine, newer)
    assert not wiped & {each.id for each in todo}
    kept.world.judge(*(clear() for _ in todo), version="2")
    mark_classified(kept.office.engine, newer)
    assert backlog(kept.office.engine, newer) == []
    states = {row["id"]: row["state"] for row in kept.world.rows(s.case)}
    assert states[kept.cases["closed"]] == "closed", "nothing was re-opened for want of words"


def test_a_file_that_is_handed_in_again_is_kept_again(kept: Erasable) -> None:
    kept.after(30 * CONFIRMED)
    kept.apply()
    case = kept.cases["closed"]
    with reading(kept.office.engine) as connection:
        rows = attachments_of(connection, "case", [case])[case]
        [gone] = [row for row in rows if row["size"] == len("file of closed")]
        assert "按保存期限“属实并办结的案件”删除" in gone["erased"]
        with pytest.raises(UsageError, match="按保存期限"):
            attachment_bytes(connection, kept.office.home, gone["sha256"])
    attach(kept.office, "case", case, "file of closed")
    with reading(kept.office.engine) as connection:
        assert attachment_bytes(connection, kept.office.home, gone["sha256"]) == b"file of closed"
        rows = attachments_of(connection, "case", [case])[case]
        assert [row["erased"] is None for row in rows if row["sha256"] == gone["sha256"]] == [False, True]
    sound(kept.office)


def test_a_picture_shown_again_is_read_again(kept: Erasable) -> None:
    from adwatch.store import picture_rows as store

    kept.after(TEXT + 1)
    kept.apply()
    [row] = [row for row in kept.world.rows(s.picture) if row["word"] == "erased"]
    assert (row["text"], row["spans"], row["codes"]) == (None, None, None)
    with writing(kept.office.engine) as connection:
        assert store.address(connection, "https://plaza.example/lone.jpg") is None
        assert store.by_digest(connection, row["sha256"]) is None
        again = store.add_picture(connection, row["sha256"], "read", capture_id=2, text="再读", spans=[], codes=[])
        assert again == row["id"]
        found = store.by_digest(connection, row["sha256"])
        assert found is not None and found.text == "再读"


def test_a_weekly_list_loses_its_quotations_and_keeps_its_counts(kept: Erasable, tmp_path: Path) -> None:
    kept.after(8)
    before = casework.export(kept.office, "2026-W47", "jsonl", None, None, False)
    lines = before[0].read_text("utf-8")
    assert MARKS["closed"] in lines
    statistics = kept.world.rows(s.export_issue)[0]["rows"]["statistics"]
    kept.after(PAPER + 10)
    kept.apply()
    assert MARKS["closed"] in str(kept.world.rows(s.export_issue)[0]["rows"]), "an open case is in it"
    with writing(kept.office.engine) as connection:
        connection.execute(
            update(s.case).where(s.case.c.id.in_([kept.cases["open"], kept.cases["busy"]])).values(state="excluded")
        )
        connection.execute(update(s.track).values(closed_at=NOON))
    kept.apply()
    [issue] = kept.world.rows(s.export_issue)
    assert issue["rows"]["statistics"] == statistics
    assert {row["title"] for row in issue["rows"]["rows"]} == {"（已按保存期限删除）"}
    assert not any(mark in str(issue["rows"]) for mark in MARKS.values())
    assert not before[0].exists(), "the file that was written for it goes too"
    after = casework.export(kept.office, "2026-W47", "jsonl", tmp_path, None, False)
    assert len(after[0].read_text("utf-8").splitlines()) == len(lines.splitlines())
    sound(kept.office)
