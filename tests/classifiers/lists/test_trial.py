"""Differences between versions, and the writings under which an index may hold a word."""

from __future__ import annotations

from pathlib import Path

from adwatch.text import normal
from classifiers.judge import OfferJudge
from classifiers.lexicon import Entry, Lexicon, read_text
from classifiers.lists.trial import Writings, difference, judge_with, single

HEAD = "owner: a\ndocument: b\nversion: 1\neffective_from: 2026-01-01\neffective_to:\n---\n"
FILE = Path("fast_track.txt")


def test_only_meaning_makes_a_difference() -> None:
    old = read_text(HEAD + "promise 3 三天\npromise 2 秒出\npromise 3 立等\n", FILE)
    new = read_text(HEAD + "# neu\npromise 3 立等 # note\npromise 3 秒出 by=张三\npromise 3 新词 search\n", FILE)
    change = difference(old, new)
    assert {(e.word, e.weight) for e in change.added} == {("秒出", 3), ("新词", 3)}
    assert {(e.word, e.weight) for e in change.removed} == {("三天", 3), ("秒出", 2)}
    assert len(difference(None, new).added) == 3


def test_writings_of_a_word() -> None:
    writings = Writings()
    found = writings.of(Entry("包过", "promise", 3, "x", False, 1))
    for writing in ("包过", "bao过", "baoguo", "苞过", "勹巳过"):
        assert writing in found, writing
    assert all(normal(writing) for writing in found)
    two = {normal(writing) for writing in writings.of(Entry("绿本直办", "promise", 3, "x", False, 1))}
    assert "绿本直" not in two, "a sign that the search fold drops would ask for the rest of the word alone"
    assert writings.of(Entry("社保挂靠", "lawful", 3, "x", False, 1)) == ["社保挂靠"], "frames must be as listed"


def test_what_the_index_is_asked_for_finds_what_the_classifier_finds() -> None:
    """A disguise with one homophone, or any enumerated writing, is a candidate; so is the word as written."""
    entry = Entry("包过", "promise", 3, "guaranteed_pass", False, 1)
    asked = {normal(writing) for writing in Writings().of(entry)}
    for text in ("特种作业包過，联系我", "特种作业 包~过", "特种作业苞过", "特种作业bao过", "ｂａｏｇｕｏ特种作业"):
        assert any(phrase in normal(text) for phrase in asked), text


def test_a_word_on_trial_is_recorded_with_the_verdict(judge: OfferJudge) -> None:
    lexicon = Lexicon.load()
    one = judge_with(lexicon.replaced(single("咕本直送", "promise", 3, "fast_track", Path("trial"))))
    two = judge_with(lexicon.replaced(single("咕本直送", "promise", 2, "fast_track", Path("trial"))))
    assert len({judge.keyword_versions, one.keyword_versions, two.keyword_versions}) == 3
    [verdict] = one.judge([(None, "特种作业咕本直送，量大从优")])
    assert verdict.keyword_versions == one.keyword_versions
    [other] = judge.judge([(None, "特种作业咕本直送，量大从优")])
    assert other.keyword_versions == lexicon.versions
