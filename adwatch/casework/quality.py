"""Figures of the quality of review, each defined where it is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from statistics import median
from typing import Any

from sqlalchemy import Connection, Engine, select

from adwatch.casework.second_look import findings_of
from adwatch.casework.states import RESULTS, UNDO
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.opening import chunks
from adwatch.store.times import day_span

Row = dict[str, Any]


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of pairs of findings on the same things: (po - pe) / (1 - pe).

    po is the share of pairs that agree; pe the share that would by chance, the sum over findings of the product of the
    two raters' shares of it (J. Cohen, A Coefficient of Agreement for Nominal Scales, Educational and Psychological
    Measurement 20, 1960). The first of a pair is the first reviewer, whoever that was. None where there are no pairs,
    or where both only ever gave one and the same finding: chance then explains all.
    """
    if not pairs:
        return None
    count = len(pairs)
    agreed = sum(first == second for first, second in pairs) / count
    firsts, seconds = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    chance = sum(firsts[each] * seconds[each] for each in firsts) / count**2
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def overturned(findings: Sequence[str]) -> bool:
    """Whether of a case's findings, in order, one says other than an earlier one. What was taken back is no finding."""
    stood: list[str] = []
    for each in findings:
        if each == UNDO:
            stood = stood[:-1]
        else:
            stood.append(each)
    return len(set(stood)) > 1


def seconds_taken(opened_at: datetime | None, at: datetime) -> float | None:
    """Time per decision: seconds from opening the lead (the lease is taken) to the finding; None where nobody opened
    it (decided by the command or by letter)."""
    return None if opened_at is None else (at - opened_at).total_seconds()


def quality(engine: Engine, first: date, last: date, zone: tzinfo) -> Row:
    """Figures over the decisions and looks made on the days from first to last.

    ``overturn_rate``: of the cases decided in the period, the share whose findings so far contradict one another
    (``overturned``). ``seconds``: median and 90th percentile of ``seconds_taken``. ``agreement``: by kind, raw
    agreement of the first two findings; of a drawn dismissal the first is the dismissal itself, of an unflagged listing
    the machine's (dismiss). Kappa is given for ``two_person`` only: where all first findings are one word it is 0
    whatever the second say. ``withdrawn``: first findings that were taken back before there was a second; they are in
    no pair, and no time is taken of them. ``missed``: unflagged listings found to be offers. ``gold``: by person, the
    share right.
    """
    begin, end = day_span(first, last, zone)
    with reading(engine) as connection:
        decisions = _decisions(connection, begin, end)
        looks = [dict(row._mapping) for row in connection.execute(select(s.second_look).order_by(s.second_look.c.id))]
        findings = findings_of(connection, [look["id"] for look in looks])
        of_case = _findings_of_cases(connection, {row["case_id"] for row in decisions})
        missed = _missed(connection, begin, end)
    times = [
        span for row in decisions if (span := seconds_taken(row["opened_at"], row["at"])) is not None and span >= 0
    ]
    turned = sum(overturned(each) for each in of_case.values())
    undone = sum(row["result"] == UNDO for row in decisions)
    withdrawn = sum(look["stage"] == "withdrawn" and begin <= look["settled_at"] < end for look in looks)
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "decisions": len(decisions) - undone,
        "undone": undone,
        "withdrawn": withdrawn,
        "cases": len(of_case),
        "overturned": turned,
        "overturn_rate": _share(turned, len(of_case)),
        "seconds": {"measured": len(times), "median": median(times) if times else None, "p90": _p90(times)},
        "results": {result: sum(row["result"] == result for row in decisions) for result in RESULTS},
        "codes": dict(sorted(Counter(row["code"] for row in decisions if row["code"]).items())),
        "agreement": {
            kind: _agreement(kind, [look for look in looks if look["kind"] == kind], findings, begin, end)
            for kind in ("two_person", "dismissed", "unflagged")
        },
        "missed": missed,
        "gold": _gold([look for look in looks if look["kind"] == "gold"], findings, begin, end),
    }


def _decisions(connection: Connection, begin: datetime, end: datetime) -> list[Row]:
    d = s.decision
    query = select(d).where(d.c.at >= begin, d.c.at < end).order_by(d.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]


def _findings_of_cases(connection: Connection, case_ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    d = s.decision.c
    for ids in chunks(case_ids):
        for case_id, result in connection.execute(select(d.case_id, d.result).where(d.case_id.in_(ids)).order_by(d.id)):
            found.setdefault(case_id, []).append(result)
    return found


def _agreement(kind: str, looks: Sequence[Row], findings: dict[int, list[Row]], begin: datetime, end: datetime) -> Row:
    """Over looks whose second finding was made in the period; one that was withdrawn has none."""
    pairs: list[tuple[str, str]] = []
    turned = 0
    for look in looks:
        found = findings.get(look["id"], [])
        first = look["known"] if kind != "two_person" else found[0]["result"]
        second = found[kind == "two_person" :][:1]
        if second and begin <= second[0]["at"] < end:
            pairs.append((first, second[0]["result"]))
            turned += look["stage"] == "settled" and look["result"] != first
    agreed = sum(first == second for first, second in pairs)
    value = kappa(pairs) if kind == "two_person" else None
    return {
        "pairs": len(pairs),
        "agreed": agreed,
        "agreement": _share(agreed, len(pairs)),
        "kappa": None if value is None else round(value, 4),
        "first_overturned": turned,
    }


def _missed(connection: Connection, begin: datetime, end: datetime) -> list[str]:
    t = s.second_look.c
    query = select(s.listing.c.key).join(s.second_look, t.listing_id == s.listing.c.id)
    found = query.where(t.kind == "unflagged", t.result == "confirm", t.settled_at >= begin, t.settled_at < end)
    return sorted(key.hex() for key in connection.scalars(found))


def _gold(looks: Sequence[Row], findings: dict[int, list[Row]], begin: datetime, end: datetime) -> list[Row]:
    right: Counter[tuple[str, str]] = Counter()
    given: Counter[tuple[str, str]] = Counter()
    for look in looks:
        for each in findings.get(look["id"], []):
            if begin <= each["at"] < end:
                who = (each["person"], each["unit"])
                given[who] += 1
                right[who] += each["result"] == look["known"]
    rows = []
    for who in sorted(given):
        told = {"person": who[0], "unit": who[1], "answers": given[who], "right": right[who]}
        rows.append({**told, "share": _share(right[who], given[who])})
    return rows


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _p90(values: Sequence[float]) -> float | None:
    """The smallest value that nine in ten do not exceed."""
    return sorted(values)[-(-9 * len(values) // 10) - 1] if values else None
