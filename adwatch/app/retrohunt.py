"""Retro-hunt: a new word, or a list's new version, over everything stored; the index says where, the classifier what.

The index is asked for the word and its other writings, and only the listings found are judged. A listing that has a
verdict of this classifier with these lists is not judged again: that is how a hunt that was killed is continued. A word
that stands in no list yet is judged as if it stood in one; its verdicts carry the digest of the lists with it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from adwatch.app.keyword_store import remember
from adwatch.app.linking import link_now
from adwatch.app.office import Office
from adwatch.errors import SearchError, UsageError
from adwatch.failpoints import failpoint
from adwatch.ports import Judge, Progress
from adwatch.search import push
from adwatch.stages.classify import Classifier
from adwatch.store.keyword_lists import text_of
from adwatch.store.locks import run_lock
from adwatch.store.parts import Part, keys_in, parts_of
from adwatch.store.verdicts import current_versions
from adwatch.text import normal, one_line
from classifiers.lexicon import KINDS, SHIPPED, Entry, KeywordList, Lexicon, read, read_text
from classifiers.lists.trial import TRIAL, Writings, difference, judge_with, single

BATCH = 500
"""Listings judged in one transaction."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """What is hunted, and where it may be."""

    label: str
    """The word, or the file's name."""
    lexicon: Lexicon
    """Lists that the candidates are judged with."""
    judge: Judge
    """The classifier over them."""
    in_force: bool
    """Whether these are the lists in force."""
    phrases: list[str]
    """What the index was asked for."""
    candidates: list[bytes]
    """Stable keys of the listings found."""


def plan(
    office: Office, what: str, day: str, kind: str, weight: int, speaks_for: str | None, *, bring_up: bool = True
) -> Hunt:
    """Find the candidates; the index is brought up to date first, unless that was done for all parts of a hunt."""
    file = Path(what)
    lexicon = office.lexicon_on(day)
    if file.suffix == ".txt":
        trial, entries = _of_list(office, lexicon, file)
    else:
        trial, entries = _of_word(office, lexicon, what, kind, weight, speaks_for)
    if "all" not in office.index.parts():
        raise SearchError("the index holds hits only: set ADWATCH_SEARCH_ALL=true and run adwatch index rebuild")
    if bring_up:
        push(office.engine, office.index)
    writings = Writings()
    phrases = list(dict.fromkeys(writing for entry in entries for writing in writings.of(entry)))
    found = [bytes.fromhex(listing_id) for listing_id in office.index.holding(phrases)]
    in_force = trial.versions == lexicon.versions
    judge = office.judge_on(day) if in_force else judge_with(trial, office.settings.data, office.model)
    return Hunt(file.name if file.suffix == ".txt" else what, trial, judge, in_force, phrases, sorted(found))


def _of_word(
    office: Office, lexicon: Lexicon, word: str, kind: str, weight: int, speaks_for: str | None
) -> tuple[Lexicon, list[Entry]]:
    if not normal(word):
        raise UsageError(f"{one_line(word)!r}: hunt for what? give a word, or the file of a keyword list (.txt)")
    if kind not in KINDS:
        raise UsageError(f"--kind {kind}: none of {', '.join(KINDS)}")
    check_speaks_for(office, kind, speaks_for)
    known = [entry for entry in lexicon.entries if normal(entry.word) == normal(word)]
    if known:
        return lexicon, known
    item = single("".join(word.split()), kind, weight, speaks_for or TRIAL, Path(TRIAL))
    return lexicon.replaced(item), list(item.entries)


def check_speaks_for(office: Office, kind: str, speaks_for: str | None) -> None:
    """A promise speaks for an offer class, a certificate for a family; UsageError names those there are."""
    tables: dict[str, Mapping[str, object]] = {"promise": office.classes, "certificate": office.families}
    known = tables.get(kind)
    if speaks_for is not None and known is not None and speaks_for not in known:
        raise UsageError(f"--for {one_line(speaks_for)}: a {kind} speaks for one of {', '.join(known)}")


def _of_list(office: Office, lexicon: Lexicon, file: Path) -> tuple[Lexicon, list[Entry]]:
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    new = read(file)
    old = lexicon.lists.get(new.name)
    if old is not None and old.sha256 == new.sha256:
        return lexicon, difference(before(office, old), new).entries
    return lexicon.replaced(new), difference(old, new).entries


def before(office: Office, item: KeywordList) -> KeywordList | None:
    """The list as verdicts were last made with before its present version, else the shipped one that it replaced."""
    text = text_of(office.engine, item.name, item.sha256)
    if text is not None:
        return read_text(text, item.path)
    shipped = SHIPPED / item.path.name
    return read(shipped) if shipped.is_file() and item.path.parent != SHIPPED else None


def run(office: Office, hunt: Hunt, day: str, progress: Progress | None = None) -> dict[str, Any]:
    """Judge the candidates, open cases marked as found late, tell the index; what it came to."""
    with run_lock(office.home, "retrohunt"):
        done = judge(office, hunt, day, progress)
        link_now(office)
        push(office.engine, office.index)
    return done


def judge(office: Office, hunt: Hunt, day: str, progress: Progress | None = None) -> dict[str, Any]:
    """Judge the candidates and open cases marked as found late; the index is not told yet."""
    started = time.monotonic()
    counts: Counter[str] = Counter()
    remember(office.engine, hunt.lexicon)
    classifier = Classifier(office.engine, hunt.judge, office.clock, counts)
    keys = iter(hunt.candidates)
    while batch := list(islice(keys, BATCH)):
        versions, have = current_versions(office.engine, batch, classifier.id)
        classifier.classify(versions, day, f"retrohunt {hunt.label}")
        counts["already"] += have
        counts["judged"] += len(versions)
        failpoint("retrohunt.after_batch")
        if progress:
            progress(len(batch))
    return {
        "what": hunt.label,
        "keyword_versions": hunt.judge.keyword_versions,
        "in_force": hunt.in_force,
        "phrases": len(hunt.phrases),
        "candidates": len(hunt.candidates),
        **{name: counts[name] for name in ("already", "judged", "flagged", "review", "clear", "opened", "reopened")},
        "seconds": round(time.monotonic() - started, 2),
    }


def in_parts(office: Office, hunt: Hunt) -> list[dict[str, Any]]:
    """The candidates by platform and month, each part with the digest of the lists that it is to be judged with."""
    found = parts_of(office.engine, hunt.candidates, office.settings.zone)
    return [{**asdict(part), "lists": hunt.judge.keyword_versions} for part in found]


def only_part(office: Office, hunt: Hunt, part: Mapping[str, Any]) -> Hunt:
    """The hunt over the candidates of one part."""
    where = Part(*(part[name] for name in ("platform", "month", "first", "last", "listings")))
    return replace(hunt, candidates=keys_in(office.engine, hunt.candidates, where, office.settings.zone))
