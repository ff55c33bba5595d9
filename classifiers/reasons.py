"""Why a text that passed the gate is no offer, in one word that helps an office."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.codebook import Rule

ORDER = ("demand", "victim", "report", "notice", "question", "lawful", "textbook", "job", "school", "goods")
CLUES = ("速成班", "免培训", "不用上课", "无需上课", "不上课", "不用培训", "无需培训", "不培训")


def reason_not(conditions: set[str], rules: Sequence[Rule]) -> str | None:
    """school_clue, demand, report, notice, question, lawful, textbook, job, school, goods, negation; None for no
    frame.
    """
    if "school" in conditions and any(f"word:{word}" in conditions for word in CLUES):
        return "school_clue"
    for rule in rules:
        if rule.label == "not_offer":
            return rule.reason
    if "promise" not in conditions and "negated" in conditions:
        return "negation"
    for many in ("report", "notice"):
        if f"{many}:many" in conditions:
            return many
    return next((name for name in ORDER if name in conditions), None)
