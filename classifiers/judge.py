"""The judge: texts in, verdicts out, the same for a text whatever batch it came in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice, pairwise
from pathlib import Path

import numpy as np

from adwatch.models import Contact, Evidence, Tier, Verdict
from adwatch.tables import families
from classifiers import codebook, offers
from classifiers.analysis import JOINED, Reading, read
from classifiers.contact_signs import Candidates
from classifiers.contacts import ACCOUNTS, find, with_later
from classifiers.crowd import KEYWORDS_ONLY, Crowds, Word, babble
from classifiers.features import Vector, vectors
from classifiers.folds import EXACT
from classifiers.lexicon import Entry, Lexicon
from classifiers.model import Model
from classifiers.naming import name_families, name_types
from classifiers.reasons import reason_not
from classifiers.scan import Hit, Scanner, within

HERE = Path(__file__).parent
CODE = "2"
CHUNK = 400_000
REMEMBERED = 1 << 10
"""Combinations of classes whose legal bases are kept at hand."""
DISCOUNT = 0.5
"""Share of what a window of a short text has over the whole that is taken off: the whole knows better who speaks. What
sells by itself (``passages.live``) pays nothing, nor does what stands among mere padding.
"""
SILENT = ("negation", "question")
"""Kinds of words that also stand in any poem."""


class OfferJudge:
    """Implements ``adwatch.ports.Judge``."""

    def __init__(self, lexicon: Lexicon, model: Model, rules: list[codebook.Rule]) -> None:
        self.scanner = Scanner(lexicon)
        self.model = model
        self.rules = rules
        self.classes = offers.by_id()
        self.scopes = {row.id: row.scope for row in families().values()}
        self.candidates = Candidates()
        self.crowds = Crowds(self.scanner.folds, lexicon)
        self._basis = lru_cache(REMEMBERED)(self._laws)
        self.version = _version(model)
        self.keyword_versions = lexicon.versions
        self.clear = Verdict("clear", 0.0, classifier_version=self.version, keyword_versions=self.keyword_versions)

    @classmethod
    def load(cls, data: Path | None = None) -> OfferJudge:
        """With the shipped lists, codebook and model, the office's own laid over."""
        return cls(Lexicon.load(data), Model.load(), codebook.load(data))

    def judge(self, texts: Sequence[tuple[str | None, str | None]]) -> list[Verdict]:
        """Verdicts in order; offsets in characters of title + newline + text."""
        raws = [(title or "") + JOINED + (text or "") for title, text in texts]
        result: list[Verdict] = []
        for start, end in pairwise(_cuts(raws)):
            result += self._chunk(raws[start:end], texts[start:end])
        return result

    def _chunk(self, raws: list[str], texts: Sequence[tuple[str | None, str | None]]) -> list[Verdict]:
        scanner = self.scanner
        batch = scanner.folds.batch(raws)
        telling = scanner.gate.places(batch)
        keep = self.model.prefilter.passing(batch, scanner.folds.heavy, telling)
        untold = keep.copy()
        untold[np.searchsorted(batch.ends, telling)] = False
        keep[babble(batch, np.flatnonzero(untold))] = False
        keep[scanner.fresh.texts(batch)] = True
        crowds = self.crowds.find(batch, np.flatnonzero(keep))
        keep[list(crowds)] = False
        kept = np.flatnonzero(keep)
        found = scanner.scan(batch, kept, raws, [len(texts[number][0] or "") for number in kept.tolist()])
        groups = self.candidates.groups(batch)
        result = [self.clear] * len(raws)
        readings: dict[int, Reading] = {}
        looked = np.flatnonzero(keep | (groups > 0))
        for number, flat in zip(looked.tolist(), batch.wholes(looked), strict=True):
            text = found.get(number)
            group = int(groups[number])
            known = find(raws[number], flat, group | (ACCOUNTS if text else 0))
            contacts = with_later(raws[number], flat, group, known)
            if text is not None:
                readings[number] = read(text, known)
                readings[number].contacts = contacts
            elif contacts:
                result[number] = self._plain(contacts)
        for number, verdict in zip(readings, self._verdicts(list(readings.values())), strict=True):
            result[number] = verdict
        for number, words in crowds.items():
            result[number] = self._crowd(raws[number], words, result[number].contacts)
        return result

    def _plain(self, contacts: Sequence[Contact]) -> Verdict:
        return Verdict(
            "clear",
            0.0,
            contacts=tuple(contacts),
            classifier_version=self.version,
            keyword_versions=self.keyword_versions,
        )

    def _crowd(self, raw: str, words: list[Word], contacts: tuple[Contact, ...]) -> Verdict:
        """What is nothing but keywords: for a person, where promises and papers are among them; its score is where that
        band begins.
        """
        said = dict.fromkeys([entry.list for entry, _, _ in words])
        types = tuple([name for name in said if name in self.classes])
        kinds = tuple([name for name in said if name in self.scopes])
        if not types or not kinds:
            return self._plain(contacts)
        evidence = [self._named(raw, *word) for word in words]
        return Verdict(
            "review",
            self.model.review,
            max([self.scopes[name] for name in kinds]),
            types,
            kinds,
            KEYWORDS_ONLY,
            "exact" if _exact(evidence) else "folded",
            tuple(evidence),
            contacts,
            self._basis(types),
            self.version,
            self.keyword_versions,
        )

    def _named(self, raw: str, entry: Entry, start: int, end: int) -> Evidence:
        """A word of a crowd."""
        surface, word = raw[start:end], entry.word
        if surface == word:
            return Evidence(start, end, surface, word, entry.list, "none")
        folds = self.scanner.folds.kinds(surface) + ["separators"] * (len(surface) > len(word))
        return Evidence(start, end, surface, word, entry.list, "+".join(folds) or "none")

    def _laws(self, types: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(law for name in types for law in self.classes[name].basis))

    def _verdicts(self, readings: Sequence[Reading]) -> Iterator[Verdict]:
        found = vectors([(reading.text, reading.spans, reading.facts) for reading in readings])
        margins = iter(self.model.margins(list(chain.from_iterable(found))))
        for reading, passages in zip(readings, found, strict=True):
            yield self._verdict(reading, passages, list(islice(margins, len(passages))))

    def margin(self, reading: Reading, passages: list[Vector], pairs: list[tuple[float, float]]) -> tuple[float, int]:
        """Margin of the text, and which of its passages says most; ``pairs`` are their margins."""
        scores = [score for score, _ in pairs]
        if reading.spans[0] == (0, len(reading.text.raw)):
            for number in range(1, len(scores) - reading.live):
                if _speaks_outside(reading, number):
                    scores[number] -= DISCOUNT * max(0.0, scores[number] - scores[0])
        best = max(range(len(scores)), key=scores.__getitem__)
        topic = max(topic for _, topic in pairs)  # padding around what sells is no reason to think that nothing does
        about = passages[best].facts.get("about", 0.0)
        return scores[best] - self.model.aside(topic, about), best

    def _verdict(self, reading: Reading, passages: list[Vector], pairs: list[tuple[float, float]]) -> Verdict:
        margin, best = self.margin(reading, passages, pairs)
        vector = passages[best]
        conditions = codebook.conditions(reading)
        rules = [rule for rule in self.rules if rule.holds(conditions)]
        score = self.model.probability(margin + sum(rule.push for rule in rules))
        doubt = any(rule.label == "review" for rule in rules)
        if score >= self.model.flag and not doubt:
            return self._offer(reading, score, vector, best, rules, flagged=True)
        if score >= self.model.review or (doubt and score >= self.model.review / 4):
            return self._offer(reading, score, vector, best, rules, flagged=False)
        return Verdict(
            "clear",
            round(score, 4),
            reason=reason_not(conditions, rules),
            contacts=tuple(reading.contacts),
            classifier_version=self.version,
            keyword_versions=self.keyword_versions,
        )

    def _offer(
        self, reading: Reading, score: float, vector: Vector, best: int, rules: list[codebook.Rule], flagged: bool
    ) -> Verdict:
        hits = reading.text.hits
        margins = self.model.names(vector)
        types = name_types(hits, margins, self.classes)
        kinds = name_families(hits, margins, self.scopes)
        scope = max(self.scopes[name] for name in kinds)  # safety_production before other_credential
        evidence = _evidence(reading, best)
        folded = any(not hit.exact for hit in hits if hit.entry.kind in ("promise", "certificate", "contact"))
        tier: Tier = "folded" if folded else "exact"
        reasons = [rule.reason for rule in rules if rule.label == "offer"] or [types[0]]
        doubts = [rule.reason for rule in rules if rule.label == "review"]
        return Verdict(
            "flagged" if flagged else "review",
            round(score, 4),
            scope,
            types,
            kinds,
            reasons[0] if flagged else (doubts or ["uncertain"])[0],
            tier,
            evidence,
            tuple(reading.contacts),
            self._basis(types),
            self.version,
            self.keyword_versions,
        )


def _cuts(raws: Sequence[str]) -> list[int]:
    """Where chunks begin and the last ends: of CHUNK characters at most, or of one text."""
    ends = np.fromiter(map(len, raws), dtype=np.int64, count=len(raws)).cumsum()
    cuts, size = [0], 0
    while cuts[-1] < len(raws):
        cuts.append(max(cuts[-1] + 1, int(np.searchsorted(ends, size + CHUNK, side="right"))))
        size = int(ends[cuts[-1] - 1])
    return cuts


def _speaks_outside(reading: Reading, number: int) -> bool:
    """Whether a word that matters stands outside a passage: mere padding says nothing of who speaks."""
    start, end = reading.spans[number]
    return any(not start <= hit.start < end and hit.entry.kind not in SILENT for hit in reading.text.hits)


def _evidence(reading: Reading, best: int) -> tuple[Evidence, ...]:
    """Promises and certificates of the best passage, and the other words of the offer beside them; at most forty."""
    raw = reading.text.raw
    kinds = ("promise", "certificate", "material", "result", "absent", "contact", "order")
    chosen = [hit for hit in within(reading.text, reading.spans[best]) if hit.entry.kind in kinds]
    chosen.sort(key=lambda hit: (kinds.index(hit.entry.kind), -hit.entry.weight, hit.start))
    return _shown(raw, chosen[:40])


def _exact(evidence: Sequence[Evidence]) -> bool:
    """Whether nothing but width and traditional forms was undone."""
    folds = {each.fold for each in evidence}
    return folds == {"none"} or all(EXACT.issuperset(each.split("+")) for each in folds)


def _shown(raw: str, hits: list[Hit]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            hit.start, hit.end, raw[hit.start : hit.end], hit.entry.word, hit.entry.list, "+".join(hit.folds) or "none"
        )
        for hit in sorted(hits, key=lambda hit: hit.start)
    )


def _version(model: Model) -> str:
    digest = hashlib.sha256()
    for file in sorted((*HERE.glob("*.py"), *HERE.glob("*.csv"), HERE / "folds.npz", HERE / "fold_parts.json")):
        digest.update(file.read_bytes())
    return f"{CODE}-{digest.hexdigest()[:8]}-{model.digest}"
