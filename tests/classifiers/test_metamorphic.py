"""What must not change when a text is changed: disguise, padding, quotation, live contact, halves, doublings, page.

A transformed offer is *kept* if it is not cleared (it stays flagged or comes to the review band). Expected failures
are strict: when the classifier is mended, the mark must go.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import product

import pytest

from classifiers.judge import OfferJudge
from tests.classifiers import disguises
from tests.classifiers.metamorphic_texts import (
    BOILERPLATE,
    CITIES,
    LIVE,
    OFFERS,
    ORDINARY,
    POEMS,
    QUOTED,
    REPORTS,
)

KEPT = 0.97
"""Share of the offers flagged plain that a disguise must not clear."""
STILL_FLAGGED = 0.90
"""Share of them that must even stay flagged."""
MOST_FLAGGED = 0.03
"""Share of what is no offer that one disguise may flag: hard neighbours (面包速成, 文件证件都可以寄) stand among it."""
MOST_FLAGGED_OVER_ALL = 0.005
"""The same over all disguises together."""
ROUNDS = 3
"""Times that each text is disguised, with other chances."""
ALL_REPORTS = tuple(
    report.format(city=CITIES[number % len(CITIES)], quote=quote)
    for (number, report), quote in product(enumerate(REPORTS), QUOTED)
)
NOT_OFFERS = ORDINARY + ALL_REPORTS


def bands(judge: OfferJudge, texts: Sequence[str]) -> list[str]:
    return [verdict.band for verdict in judge.judge([("", text) for text in texts])]


def disguised(way: Callable[[str, random.Random], str], texts: Sequence[str]) -> list[str]:
    chances = product(range(ROUNDS), enumerate(texts))
    return [way(text, random.Random(1000 * turn + number)) for turn, (number, text) in chances]


@pytest.fixture(scope="module")
def plain(judge: OfferJudge) -> list[str]:
    """The offers that are flagged as written: of the others nothing can be lost."""
    flagged = [text for text, band in zip(OFFERS, bands(judge, OFFERS), strict=True) if band == "flagged"]
    assert len(flagged) >= 40
    return flagged


def ways() -> list[object]:
    return [pytest.param(way, id=way.__name__) for way in disguises.WAYS]


def test_the_texts_are_plain_of_what_is_tested(judge: OfferJudge) -> None:
    assert (len(OFFERS), len(set(OFFERS))) == (42, 42)
    assert len(REPORTS) == 20
    assert set(bands(judge, ORDINARY)) == {"clear"}


@pytest.mark.parametrize("way", ways())
def test_disguising_an_offer_does_not_clear_it(
    judge: OfferJudge, plain: list[str], way: Callable[[str, random.Random], str]
) -> None:
    after = bands(judge, disguised(way, plain))
    kept = 1 - after.count("clear") / len(after)
    flagged = after.count("flagged") / len(after)
    assert (kept >= KEPT, flagged >= STILL_FLAGGED) == (True, True), f"kept {kept:.3f}, flagged {flagged:.3f}"


def flagged_share(judge: OfferJudge, texts: Sequence[str]) -> float:
    return bands(judge, texts).count("flagged") / len(texts)


@pytest.mark.parametrize("way", ways())
def test_disguising_what_is_no_offer_does_not_flag_it(
    judge: OfferJudge, way: Callable[[str, random.Random], str]
) -> None:
    assert flagged_share(judge, disguised(way, ORDINARY)) <= MOST_FLAGGED
    assert flagged_share(judge, disguised(way, ALL_REPORTS[::3])) <= MOST_FLAGGED


def test_all_disguises_together_flag_next_to_nothing(judge: OfferJudge) -> None:
    texts = [text for way in disguises.WAYS for text in disguised(way, NOT_OFFERS[::2])]
    assert len(texts) > 4000
    assert flagged_share(judge, texts) <= MOST_FLAGGED_OVER_ALL


def test_a_quotation_with_its_speaker_in_a_police_report_is_no_offer(judge: OfferJudge) -> None:
    sellers = [f"{quote}，加微信 bzz60201" for quote in QUOTED]
    assert bands(judge, [f"低压电工证，{text}" for text in sellers]).count("flagged") == len(QUOTED)
    after = bands(judge, ALL_REPORTS)
    assert [text for text, band in zip(ALL_REPORTS, after, strict=True) if band == "flagged"] == []


@pytest.mark.parametrize("line", LIVE, ids=("services", "same-here", "add-me"))
def test_a_live_contact_outside_the_quotation_brings_it_back(judge: OfferJudge, line: str) -> None:
    after = bands(judge, [text + line for text in ALL_REPORTS])
    assert after.count("flagged") / len(after) >= KEPT
    assert bands(judge, [line.strip()]) == ["flagged"]


@pytest.mark.parametrize("poem", POEMS)
def test_a_poem_behind_changes_nothing(judge: OfferJudge, plain: list[str], poem: str) -> None:
    assert bands(judge, [poem.strip()]) == ["clear"]
    after = bands(judge, [text + poem for text in plain])
    assert after.count("clear") == 0
    assert after.count("flagged") / len(after) >= STILL_FLAGGED
    assert "flagged" not in bands(judge, [text + poem for text in NOT_OFFERS])


def test_page_boilerplate_does_not_clear_an_offer(judge: OfferJudge, plain: list[str]) -> None:
    after = bands(judge, [BOILERPLATE[0] + text + BOILERPLATE[1] for text in plain])
    assert after.count("clear") == 0
    assert after.count("flagged") / len(after) >= KEPT


def test_page_boilerplate_does_not_flag_what_is_no_offer(judge: OfferJudge) -> None:
    texts = [BOILERPLATE[0] + text + BOILERPLATE[1] for text in NOT_OFFERS]
    assert [text for text, band in zip(texts, bands(judge, texts), strict=True) if band == "flagged"] == []


def test_doubling_changes_nothing(judge: OfferJudge, plain: list[str]) -> None:
    assert bands(judge, [f"{text}\n{text}" for text in plain]).count("flagged") >= KEPT * len(plain)
    assert "flagged" not in bands(judge, [f"{text}\n{text}" for text in NOT_OFFERS])


def test_upper_case_changes_nothing(judge: OfferJudge, plain: list[str]) -> None:
    assert bands(judge, [text.upper() for text in plain]) == ["flagged"] * len(plain)
    assert bands(judge, [text.upper() for text in ORDINARY]) == bands(judge, ORDINARY)


def test_one_half_of_an_offer_still_shows_it(judge: OfferJudge, plain: list[str]) -> None:
    """Cut in the middle of a sentence: at least one half must still come before a person, for nine offers of ten."""
    halves = [bands(judge, (text[: len(text) // 2], text[len(text) // 2 :])) for text in plain]
    assert sum(pair != ["clear", "clear"] for pair in halves) / len(halves) >= 0.90


def test_half_of_an_ordinary_text_is_no_offer(judge: OfferJudge) -> None:
    halves = [part for text in ORDINARY for part in (text[: len(text) // 2], text[len(text) // 2 :])]
    assert "flagged" not in bands(judge, halves)
