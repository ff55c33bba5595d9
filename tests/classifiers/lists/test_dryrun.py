"""A dry run says what judging everything twice would say; texts without a differing entry are judged as before."""

from __future__ import annotations

import json

import pytest

from adwatch.models import Verdict
from classifiers.judge import OfferJudge
from classifiers.lexicon import SHIPPED, Lexicon, read_text
from classifiers.lists.dryrun import Change, DryRun
from classifiers.lists.suggest import TRAINING

CHANGES = {
    "frame_goods": ("goods 3 身份证\n", ""),
    "guaranteed_pass": ("promise 3 咕本直送\npromise 3 人不用去\n", "包过"),
    "special_operations": ("", "电工证"),
    "contact": ("contact 3 拍下\n", "微信"),
}


@pytest.fixture(scope="module")
def corpus() -> list[tuple[str, str]]:
    """A part of the training text, offers and others, disguised ones among them."""
    rows = []
    for file in sorted(TRAINING.glob("*.jsonl"))[:3]:
        lines = file.read_text(encoding="utf-8").splitlines()
        rows += [(row["title"], row["text"]) for row in map(json.loads, lines[::7])]
    return [*rows, ("", "特种作业咕本直送，量大从优"), ("", "旧电扇八成新")]


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_it_says_what_judging_everything_twice_says(
    name: str, corpus: list[tuple[str, str]], judge: OfferJudge
) -> None:
    added, removed = CHANGES[name]
    lexicon = Lexicon.load()
    lines = lexicon.lists[name].path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not removed or removed not in line.split()]
    assert len(lines) - len(kept) == bool(removed)
    new = read_text("\n".join([*kept, added]), SHIPPED / f"{name}.txt")
    run = DryRun(lexicon, new)
    found = dict(run.compare(corpus))
    differing = 0
    for number, (old, now) in enumerate(zip(judge.judge(corpus), run.after.judge(corpus), strict=True)):
        same = (old.band, old.score, old.offer_types, old.evidence) == (
            *(now.band, now.score, now.offer_types, now.evidence),
        )
        differing += not same
        if number not in found:
            assert same, corpus[number]
        else:
            assert found[number].kind == Change(old, now).kind
    assert differing, "a change that changes nothing shows nothing"


def test_what_changes_no_meaning_touches_nothing(corpus: list[tuple[str, str]]) -> None:
    lexicon = Lexicon.load()
    text = lexicon.lists["fast_track"].path.read_text(encoding="utf-8")
    run = DryRun(lexicon, read_text(text + "# only a remark\n", SHIPPED / "fast_track.txt"))
    assert run.change.entries == []
    assert run.compare(corpus) == []
    assert run.before.keyword_versions != run.after.keyword_versions


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (Verdict("clear", 0.0), Verdict("flagged", 0.9), "gained"),
        (Verdict("review", 0.4), Verdict("flagged", 0.9), "gained"),
        (Verdict("flagged", 0.9), Verdict("review", 0.4), "lost"),
        (Verdict("flagged", 0.9), Verdict("clear", 0.0), "lost"),
        (Verdict("clear", 0.0), Verdict("review", 0.4), "review_gained"),
        (Verdict("review", 0.4), Verdict("clear", 0.0), "review_lost"),
        (Verdict("clear", 0.0), Verdict("clear", 0.1), "same"),
        (Verdict("flagged", 0.8), Verdict("flagged", 0.9), "same"),
        (Verdict("flagged", 0.8, offer_types=("a", "b")), Verdict("flagged", 0.9, offer_types=("b", "a")), "same"),
        (Verdict("flagged", 0.8, offer_types=("a",)), Verdict("flagged", 0.9, offer_types=("b",)), "changed"),
        (Verdict("flagged", 0.8, scope="x"), Verdict("flagged", 0.9, scope="y"), "changed"),
    ],
)
def test_kinds_of_change(before: Verdict, after: Verdict, kind: str) -> None:
    assert Change(before, after).kind == kind
