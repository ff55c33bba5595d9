"""The codebook as data: rows that move a text towards offer, not-offer or review, which an office may change.

A row's ``when`` names conditions that must all hold (``!`` in front: must not). Conditions are offer classes with a
plain
promise (``:sure`` for words of weight 3), families, kinds of words, ``reach``, ``negated``, ``ascribed``, ``word:X``.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file
from classifiers.analysis import Reading
from classifiers.scan import Hit

COLUMNS = ["id", "when", "label", "reason", "weight", "note"]
LABELS = ("offer", "not_offer", "review")
PAPERS = frozenset(
    (
        "毕业证", "文凭", "身份证", "房产证", "结婚证", "离婚证", "户口本", "学历", "驾驶证", "行驶证",
        "资格证", "残疾证", "出生证", "职称", "上岗证", "营业执照", "学位证", "居住证", "驾行驶证", "毕业正",
    )
)  # fmt: skip
ALL_PAPERS = frozenset(
    f"word:{word}" for word in ("各种证件", "各类证件", "一切证件", "证件制作", "代办证件", "办理证件", "证件刻章")
)
"""Conditions, each of which says that whatever paper is wanted is made."""
SEALS = frozenset(("刻章", "刻戳", "刻公章"))


@dataclass(frozen=True, slots=True)
class Rule:
    """One row."""

    id: str
    """Named in reports."""
    needs: frozenset[str]
    """Conditions that must hold."""
    bars: frozenset[str]
    """Conditions that must not."""
    label: str
    """offer, not_offer or review."""
    reason: str
    """The verdict's reason where the row decides."""
    weight: float
    """Added to the margin (taken off for not_offer)."""

    def holds(self, conditions: set[str]) -> bool:
        """Whether the row speaks of a text with these conditions."""
        return self.needs <= conditions and self.bars.isdisjoint(conditions)

    @property
    def push(self) -> float:
        """What it adds to the margin."""
        return {"offer": self.weight, "not_offer": -self.weight}.get(self.label, 0.0)


def load(data: Path | None = None) -> list[Rule]:
    """The office's codebook (``tables/codebook.csv`` in the data directory), else the shipped one."""
    own = table_file("codebook.csv", data)
    file = own if own.is_file() else Path(__file__).with_name("codebook.csv")
    rules: list[Rule] = []
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            if row["label"] not in LABELS:
                raise SpecError(str(file), reader.line_num, "label", f"must be one of {', '.join(LABELS)}")
            try:
                weight = float(row["weight"])
            except ValueError as error:
                raise SpecError(str(file), reader.line_num, "weight", "must be a number") from error
            terms = row["when"].split()
            bars = frozenset(term[1:] for term in terms if term.startswith("!"))
            needs = frozenset(term for term in terms if not term.startswith("!"))
            rules.append(Rule(row["id"], needs, bars, row["label"], row["reason"], weight))
    return rules


def conditions(reading: Reading) -> set[str]:
    """What holds of a text."""
    hits: Sequence[Hit] = reading.text.hits
    result: set[str] = set()
    count: Counter[str] = Counter()
    papers: set[str] = set()
    forged: set[str] = set()
    for hit in hits:
        entry = hit.entry
        result.add(f"word:{entry.word}")
        if entry.word in PAPERS:
            papers.add(entry.word)
        if entry.kind == "promise":
            if hit.status != "plain":
                result.add(hit.status)
            elif entry.weight >= 2 and hit.cost < 2:
                result.add(entry.list)
                if entry.weight == 3:
                    result.add(f"{entry.list}:sure")
            if entry.list == "forged_or_traded" and entry.weight == 3:
                forged.add(entry.word)
        elif entry.kind == "certificate":
            if entry.weight == 3:
                result.add("certificate")
                result.add(entry.list)
        else:
            result.add(entry.kind)
            count[entry.kind] += 1
    if forged and forged <= SEALS:
        result.add("seal")
    result.update(f"{kind}:many" for kind, number in count.items() if number >= 3)
    if any(item.kind != "id_number" for item in reading.contacts):
        result.add("reach")
    if "contact" in result and "order" in result:
        result.add("reach")
    if len(papers) >= 2 or not ALL_PAPERS.isdisjoint(result):
        result.add("papers")
        if "contact" in result:
            result.add("reach")
    return result
