"""A case is found by either of its numbers, wherever a person writes one, and pages call them by the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from adwatch.casework import sign_in
from adwatch.store import schema as s
from tests.casework.office import confirmed
from tests.console.browser import browsing
from tests.console.site import Site, opened, running, text
from tests.store.world import World, listing

LEAD = "ADW-2026-000001"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Case 1 is a fresh lead, case 2 has the first lead number, case 3 is outside a region."""
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        world = World(office.engine)
        world.flag(listing("fresh"))
        confirmed(world, "1", "2")
        with office.engine.begin() as connection:
            connection.execute(s.case.update().where(s.case.c.id == 3).values(region="山西太原"))
        site.account("head", "head")
        site.account("yuncheng", "head", regions=["山西运城"])
        yield site


@pytest.mark.parametrize(
    ("written", "case"),
    [("2", 2), (LEAD, 2), (" adw-2026-1 ", 2), ("ＡＤＷ－２０２６－０００００１", 2), ("1", 1), ("ADW2026000002", 3)],
)
def test_the_queue_opens_a_case_by_either_number(site: Site, written: str, case: int) -> None:
    answer = site.client("head").ask("GET", f"/cases/find?{urlencode({'number': written})}")
    assert (answer.status, answer.headers["location"]) == (303, f"/cases/{case}")


def test_what_is_no_number_or_nobodys_or_outside_is_told(site: Site) -> None:
    head, limited = site.client("head"), site.client("yuncheng")
    refused = head.get("/cases/find?number=abc")
    assert refused.status == 400
    assert "既不是案件号（数字），也不是线索编号" in text(refused)
    assert head.get("/cases/find?number=").headers["location"] == "/queue"
    told = []
    for client, number in ((head, "ADW-2026-000099"), (head, "99"), (limited, "ADW-2026-000002"), (limited, "3")):
        answer = client.get(f"/cases/find?number={number}")
        assert answer.status == 400
        told.append(re.findall(">([^<]*没有这个编号[^<]*)<", text(answer))[0].replace(number, "N"))
    assert told == ["N: 没有这个编号，或不在本账号的范围内"] * 4, "no more is told of it than of one that there is not"
    form = {"kind": "clue", "receiver": "police", "addressee": "某局", "cases": "ADW-2026-000002"}
    assert limited.post("/transfer/draft", form, page="/transfer").status == 400


def test_both_numbers_stand_where_a_case_is_shown_by_the_same_words(site: Site) -> None:
    head = site.client("head")
    listed, page, fresh = (text(head.get(path)) for path in ("/queue?state=all", "/cases/2", "/cases/1"))
    assert f'{LEAD}</a><div class="small muted">案件号 2</div>' in listed
    assert ">案件号 1</a>" in listed
    assert f"<dt>线索编号</dt><dd>{LEAD}</dd>" in page
    assert "<dt>案件号</dt><dd>2</dd>" in page
    assert "<dt>线索编号</dt><dd>未登记</dd>" in fresh
    assert "<h1>案件 案件号" not in fresh


def test_a_transfer_takes_the_lead_number_and_no_digits_of_it(site: Site) -> None:
    head, world = site.client("head"), World(site.office.engine)
    form = {"kind": "clue", "receiver": "police", "addressee": "某市公安局", "reason": "涉嫌"}
    made = head.post("/transfer/draft", {**form, "cases": f"{LEAD}，3"}, page="/transfer")
    assert made.status == 303
    assert sorted(row["case_id"] for row in world.rows(s.transfer_case)) == [2, 3]
    wrong = head.post("/transfer/draft", {**form, "cases": "ADW-TD-2026-0001"}, page="/transfer")
    assert wrong.status == 400
    assert len(world.rows(s.transfer)) == 1
    assert f'value="{LEAD}"' in text(head.get(f"/transfer?cases={LEAD}"))


@pytest.mark.slow
def test_by_typing_it_into_the_field_of_the_queue(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path) as seen:
        seen.sign_in("head")
        seen.go("/queue?state=all")
        seen.shoot("queue-numbers")
        seen.page.fill("input[name=number]", LEAD)
        seen.page.press("input[name=number]", "Enter")
        seen.page.wait_for_url("**/cases/2")
        seen.shoot("case-numbers")
        seen.go("/cases/1")
        seen.shoot("case-fresh")
        assert seen.alarms == []
