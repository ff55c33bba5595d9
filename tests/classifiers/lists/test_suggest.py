"""Planted slang is found among confirmed texts, with its figures; what everybody says is not."""

from __future__ import annotations

import json

import pytest

from classifiers.lexicon import Lexicon
from classifiers.lists.nearby import Nearby
from classifiers.lists.suggest import TRAINING, Sample, Suggester, Suggestion, fingerprint, log_odds

LEXICON = Lexicon.load()
SLANG = "咕本直送"
"""Invented; planted in every eighth confirmed text."""
HABIT = "祥云小铺出品"
"""One shop's own."""
SAID = "咨询一下谢谢"
"""Stands in confirmed and in ordinary texts alike."""


@pytest.fixture(scope="module")
def found() -> dict[str, Suggestion]:
    confirmed: list[Sample] = []
    for file in sorted(TRAINING.glob("*.jsonl"))[:2]:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for row in [row for row in rows if row["label"] == "offer" and row["disguise"] is None][:48]:
            n = len(confirmed)
            more = f"。{SLANG}，老地方" if n % 8 == 0 else f"，苞拿证{n}" if n % 8 == 1 else ""
            more += f"。{HABIT}" if n % 8 == 2 else f"。{SAID}" if n % 8 == 3 else ""
            seller = "one" if n % 8 == 2 else f"shop{n}"
            confirmed.append(Sample(row["title"], row["text"] + more, seller))
    dismissed = [Sample(None, f"{SAID}，我校{n}班必须本人参加考试", f"school{n}") for n in range(30)]
    ordinary = [Sample(None, f"旧电扇{n}号，{SAID}", f"o{n}") for n in range(300)]
    suggestions = Suggester(LEXICON).suggest(confirmed, dismissed, ordinary)
    return {item.word: item for item in suggestions}


def test_planted_slang_is_found_with_its_figures(found: dict[str, Suggestion]) -> None:
    item = found[SLANG]
    assert item.texts == list(range(0, 8 * len(item.texts), 8))
    assert len(item.texts) >= 10
    many = len(item.texts)
    assert (item.source, item.confirmed, item.sellers, item.dismissed, item.ordinary) == ("words", many, many, 0, 0)
    assert list(found).index(SLANG) < 5, "it is among the strongest"
    assert item.z > 3


def test_of_a_word_and_its_parts_one_is_named(found: dict[str, Suggestion]) -> None:
    parts = {SLANG[at:to] for at in range(4) for to in range(at + 2, 5)} - {SLANG}
    assert not parts & found.keys()


def test_a_disguise_of_a_listed_word_is_named_with_it(found: dict[str, Suggestion]) -> None:
    assert (found["苞拿证"].source, found["苞拿证"].near) == ("folded", "包拿证")


def test_what_others_say_too_and_one_shops_habit_are_no_slang(found: dict[str, Suggestion]) -> None:
    assert SAID not in found
    assert not any(word in SAID for word in found)
    assert not any(word in HABIT for word in found)


def test_no_listed_word_and_no_number_is_suggested(found: dict[str, Suggestion]) -> None:
    known = {entry.word for entry in LEXICON.entries}
    assert not known & found.keys()
    assert all(any(char > "㐀" for char in word) for word in found)


def test_log_odds_by_hand() -> None:
    """Monroe et al. eq. 22, with 10 of 100 texts here, 5 of 1,000 there, a prior of 1,000 texts at the common rate."""
    prior = 1000 * 15 / 1100
    import math

    one, other = (10 + prior) / (1100 - 10 - prior), (5 + prior) / (2000 - 5 - prior)
    wanted = math.log(one / other) / math.sqrt(1 / (10 + prior) + 1 / (5 + prior))
    assert log_odds(10, 100, 5, 1000) == pytest.approx(wanted)
    assert log_odds(10, 100, 100, 1000) == pytest.approx(0.0)
    assert log_odds(1, 100, 100, 1000) < 0 < log_odds(3, 100, 0, 1000)


def test_near_words_cut_no_word_and_have_one_other_character() -> None:
    nearby = Nearby(LEXICON, Suggester(LEXICON).folds)
    word = next(e.word for (at, rest), e in nearby.open.items() if at == 1 and len(rest) == 3)
    other = word[:1] + "咕" + word[2:]
    assert (other, word) in {(piece, entry.word) for piece, entry in nearby.of(["就", *other, "吧"])}
    assert (word, word) not in {(piece, entry.word) for piece, entry in nearby.of(["就", *word, "吧"])}
    assert other not in {piece for piece, _ in nearby.of(["就" + other[:2], other[2:]])}


def test_a_text_counts_once_whatever_its_numbers() -> None:
    assert fingerprint("电工证", "包过，编号12") == fingerprint("电工证", "包过 编号 345")
    assert fingerprint("电工证", "包过") != fingerprint("电工证", "保过")


def test_without_confirmed_texts_nothing_is_suggested() -> None:
    assert Suggester(LEXICON).suggest([], [], [Sample(None, "旧电扇")]) == []
