"""Offers whose words stand only in the picture, harmless pictures with certificate words, and codes: by another's hand.

The rows of ``world/`` were written by a writer who had seen neither lists nor classifier; ``bench pictures`` draws and
reads all of them. Here a share of them is, so that a change that reads worse is seen.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adwatch.pictures.reading import Reader
from classifiers.judge import OfferJudge
from classifiers.sites.codes import CodeJudge
from tests.pictures.drawing import draw

WORLD = Path(__file__).parent / "world"
EVERY = 6
"""Each sixth row is drawn and read here."""


def world(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (WORLD / name).read_text(encoding="utf-8").splitlines()]


def test_the_world_is_what_was_asked_for() -> None:
    rows, codes = world("pictures.jsonl"), world("codes.jsonl")
    assert Counter(row["offer"] for row in rows) == {True: 60, False: 60}
    assert Counter(row["finding"] for row in codes) == {True: 24, False: 24}
    assert len({row["id"] for row in (*rows, *codes)}) == len(rows) + len(codes)
    assert min(Counter(wish for row in rows for wish in row["wishes"]).values()) >= 6


@pytest.mark.slow
def test_offers_in_pictures_are_found_and_harmless_ones_are_not(reader: Reader) -> None:
    rows = world("pictures.jsonl")[::EVERY]
    judge = OfferJudge.load()
    pictures = judge.judge([(None, reader.read(draw(row)).text) for row in rows])
    texts = judge.judge([(row["title"], row["text"]) for row in rows])
    found = [verdict.band == "flagged" for verdict in pictures]
    offers = [flagged for flagged, row in zip(found, rows, strict=True) if row["offer"]]
    harmless = [flagged for flagged, row in zip(found, rows, strict=True) if not row["offer"]]
    by_text = [v.band == "flagged" for v, row in zip(texts, rows, strict=True) if row["offer"]]
    assert len(offers) >= 8
    assert len(harmless) >= 8
    assert sum(offers) >= len(offers) - 1
    assert sum(harmless) <= 1
    assert sum(by_text) <= len(offers) // 3


@pytest.mark.slow
def test_codes_that_lead_to_false_look_ups_are_findings_and_ordinary_ones_are_not(reader: Reader) -> None:
    rows, judge = world("codes.jsonl")[::EVERY], CodeJudge()
    missed = []
    for row in rows:
        found = reader.read(draw(row))
        said = [judge.judge(code.how, code.content, found.text, date(2026, 11, 20)).verdict for code in found.codes]
        assert row["finding"] or "finding" not in said, (row["id"], said)
        missed += [row["id"]] if row["finding"] and "finding" not in said else []
    assert len(missed) <= 1, missed  # how well a printed address is read hangs on the system's font
