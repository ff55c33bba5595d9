"""The page of a case that was mended, of one that is 办结, and the steps of 涉刑 that only a transfer reaches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app import decisions
from adwatch.app.casework import show_case
from adwatch.casework import sign_in
from tests.casework.office import confirmed
from tests.console.site import Client, Site, opened, running, text
from tests.store.world import World, clear, listing


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Two cases that were found 属实; the listing of the first was mended since."""
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        world = World(office.engine)
        confirmed(world, "1", "2")
        world.store(listing("1", "信号旗，量大从优"))
        world.judge(clear())
        site.account("head", "head")
        yield site


def state(site: Site, case_id: int) -> str:
    return str(show_case(site.office, case_id)["state"])


def act(head: Client, case_id: int, verb: str, **more: str) -> None:
    head.post(f"/cases/{case_id}/act", {"verb": verb, **more}, page=f"/cases/{case_id}")


def test_what_was_mended_is_told_from_what_never_was(site: Site) -> None:
    head = site.client("head")
    assert state(site, 1) == "reopened"
    assert 'data-set-verb="rectified"' in text(head.get("/cases/1"))
    assert 'data-set-verb="rectified"' not in text(head.get("/cases/2")), "it stands as it was found"
    act(head, 1, "rectified", code="C08")
    assert state(site, 1) == "confirmed"
    (_, decision) = show_case(site.office, 1)["decisions"]
    assert (decision["result"], decision["code"]) == ("confirm", "C08")


def test_a_closed_case_offers_its_correction(site: Site) -> None:
    head = site.client("head")
    head.get("/cases/2")
    act(head, 2, "close", reason="办完")
    assert state(site, 2) == "closed"
    assert "属实并更正" in text(head.get("/cases/2"))
    act(head, 2, "confirm", scope="other_credential")
    assert (state(site, 2), show_case(site.office, 2)["decisions"][-1]["corrected"]) == (
        "closed",
        {"scope": "other_credential"},
    )


def test_nobody_approves_a_transfer_on_the_cases_page(site: Site) -> None:
    head = site.client("head")
    head.post("/cases/2/track", {"track": "crime"}, page="/cases/2")
    shown = text(head.get("/cases/2"))
    assert "涉刑" in shown and 'value="approved"' not in shown and "不批准移送" in shown
    answer = head.post("/cases/2/track", {"track": "crime", "to": "approved"}, page="/cases/2")
    assert answer.status == 400 and "由移送办理" in text(answer)
    (track,) = decisions.tracks_of(site.office, [2])[2]
    assert track["step"] == "preparing"
