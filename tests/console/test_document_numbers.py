"""A 文号 that another paper of the office bears is told, before and after, on the screens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app import document_numbers
from adwatch.store import document_numbers as store
from adwatch.store import schema as s
from adwatch.store.filters import Filters
from tests.app.letters_world import Desk
from tests.casework.office import confirmed, decide
from tests.console.site import Site, running, text
from tests.store.world import listing, verdict

BATCH, LETTER, SECOND, TRANSFER = "ADW-ZB-2026-0001", "ADW-TD-2026-0001", "ADW-TD-2026-0002", "ADW-TR-2026-0001"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.office.__exit__(None, None, None)


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    with running(desk.office) as made:
        made.account("head", "head")
        yield made


def _said(site: Site, path: str, form: dict[str, str], page: str, sure: bool = False) -> str:
    """What the page says after a form was sent."""
    head = site.client("head")
    answer = (head.sure if sure else head.post)(path, form, page)
    assert answer.status == 303, text(answer)
    return text(head.get(answer.headers["location"]))


def test_each_paper_that_bears_it_is_named(desk: Desk, site: Site) -> None:
    desk.lead("1")
    head, mine, page = site.client("head"), {"document_number": "某函〔2026〕1号"}, f"/takedown/{LETTER}"
    assert head.post("/letters/draft", page="/letters").status == 303
    batch = {"document": "某函〔2026〕1号"}
    assert "已用于" not in _said(site, f"/letters/{BATCH}/sent", batch, f"/letters/{BATCH}", sure=True)
    confirmed(desk.world, "x", "y", platform="plaza")
    head.post("/takedown/draft")
    warned = f"文号 某函 [2026] 1号 已用于甄别函 {BATCH}，请核对是否重号。"
    assert warned in _said(site, f"{page}/enter", {"document_number": "某函 [2026] 1号"}, page), "a warning only"
    (letter,) = desk.world.rows(s.takedown_letter)
    assert letter["document_number"] == "某函 [2026] 1号"
    assert warned in text(head.post(f"{page}/mark-sent", page=page)), "again before it goes out"
    head.post(f"{page}/check", page=page)
    assert warned in _said(site, f"{page}/sign", {"document_number": "某函 [2026] 1号"}, page)
    case = str(desk.world.rows(s.case)[-1]["id"])
    form = {"cases": case, "kind": "clue", "receiver": "police", "addressee": "某市公安局", "reason": "涉嫌"}
    assert head.post("/transfer/draft", form, page="/transfer").status == 303
    said = _said(site, f"/transfer/{TRANSFER}/facts", mine, f"/transfer/{TRANSFER}")
    assert f"已用于函 {LETTER}、甄别函 {BATCH}，请核对是否重号" in said
    assert "已用于" not in _said(
        site, f"/transfer/{TRANSFER}/facts", {"document_number": "某函〔2026〕2号"}, f"/transfer/{TRANSFER}"
    )


def test_a_voided_paper_and_one_outside_are_told_so(desk: Desk, site: Site) -> None:
    item = listing("x", platform="plaza", seller_region="某省某市")
    decide(desk.world, desk.world.flag(item, verdict(item)))
    head = site.client("head")
    head.post("/takedown/draft")
    head.post(f"/takedown/{LETTER}/enter", {"document_number": "函1号"}, page=f"/takedown/{LETTER}")
    outside = document_numbers.taken(desk.office, "函1号", SECOND, Filters(only_regions=("山西运城",)))
    assert LETTER not in outside and "不在本账号范围内" in outside
    head.sure(f"/takedown/{LETTER}/void", {"reason": "误"}, page=f"/takedown/{LETTER}")
    assert (
        document_numbers.taken(desk.office, "函1号", SECOND)
        == f"文号 函1号 已用于函 {LETTER}（作废），请核对是否重号。"
    )
    assert document_numbers.taken(desk.office, "函1号", LETTER) == "", "not of itself"
    assert document_numbers.taken(desk.office, " ", SECOND) == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("某函〔2026〕1号", "某函［２０２６］１号", True),
        ("某函〔2026〕1号", "某函【2026】 1 号", True),
        ("某函〔2026〕1号", "某函(2026)1号", True),
        ("某函〔2026〕1号", "某函〔2026〕11号", False),
        ("某函〔2026〕1号", "某函〔2025〕1号", False),
    ],
)
def test_one_number_written_in_two_ways_is_one(one: str, other: str, same: bool) -> None:
    assert (store.folded(one) == store.folded(other)) == same
