"""Second opinions do not outlive the text that they quote."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from adwatch.app import evidence, retention
from adwatch.store import schema as s
from adwatch.store.engine import writing
from adwatch.store.listings import upsert_listings
from tests.app.erasing_world import ACTOR, MARKS, TEXT, Erasable, doubt, lone, sound
from tests.app.test_erasing import goes, kept, stays
from tests.store.world import NOON, clear

__all__ = ["kept"]


def test_an_opinion_goes_with_the_last_text_that_it_is_about(kept: Erasable) -> None:
    """Another listing with the same masked text keeps it; what was asked is forgotten, the model's word is not."""
    kept.after(TEXT - 1)
    at = NOON + timedelta(days=TEXT - 1)
    again = lone("lone", native_id="other", title="商品lone", captured_at=at)
    [before] = [row for row in kept.world.rows(s.opinion) if row["quote"] == f"引{MARKS['lone']}"]
    upsert_listings(kept.office.engine, "plaza", [again], at.date().isoformat(), at)
    kept.world.judge(clear(), doubt(again))
    kept.after(TEXT + 1)
    assert (goes(kept, "opinion"), stays(kept, "opinion")) == (0, {})
    assert "第二意见的引文和理由" not in kept.apply()["erased"]
    assert "lone" in kept.quoted()
    kept.after(3 * TEXT)
    kept.apply()
    assert kept.quoted() == {"closed", "open"}
    [after] = [row for row in kept.world.rows(s.opinion) if row["id"] == before["id"]]
    assert (after["quote"], after["reason"], after["word"], after["model"]) == (None, "", "offer", "m")
    assert after["digest"] != before["digest"]
    [log] = [row for row in kept.world.rows(s.audit_entry) if (row["detail"] or {}).get("kind") == "opinion"]
    assert log["detail"]["count"] == 2
    sound(kept.office)


def test_an_opinion_that_came_back_to_its_tombstone_is_named(kept: Erasable) -> None:
    kept.after(TEXT + 1)
    kept.apply()
    with writing(kept.office.engine) as connection:
        connection.execute(update(s.opinion).values(reason="又写上"))
    problems = [each for each in evidence.verify(kept.office)["problems"] if "opinion" in each]
    assert len(problems) == 1


def test_a_hold_on_everything_keeps_opinions(kept: Erasable) -> None:
    kept.after(3 * TEXT)
    retention.hold(kept.office, None, "复议", ACTOR)
    kept.apply()
    assert kept.quoted() == {"lone", "old", "closed", "open"}
