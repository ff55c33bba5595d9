"""Answers that came by letter become Decisions: the same as in the console, naming person and unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Engine

from adwatch.casework import review
from adwatch.casework.confirmation import LABELS, SUBJECT
from adwatch.casework.routing_table import Routing
from adwatch.casework.transaction import work
from adwatch.models import Actor, StageReport
from adwatch.store import confirmations as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import decisions_of
from adwatch.store.engine import reading
from adwatch.store.opening import add_event

Row = dict[str, Any]
FINAL = ("confirm", "dismiss")
"""Findings that cannot both stand: where two authorities differ in them, a person decides."""


def settle(engine: Engine, routing: Routing, actor: Actor, *, now: datetime, zone: tzinfo) -> StageReport:
    """Make a decision of every answer that has none.

    Where several authorities own a lead: 非本部门 of one waits for the others, and is the finding only when all have
    said so; 属实 beside 不属实 decides nothing and is shown as a conflict.
    """
    report = StageReport("review letter settle")
    with reading(engine) as connection:
        rows = store.unsettled(connection)
        answers = store.answers_on(connection, [row["case_id"] for row in rows])
    for row in rows:
        its = answers[row["case_id"]]
        mine = next(each for each in its if each["id"] == row["id"])
        word = _word(mine, its)
        if word != "decided":
            if word != row["settled"]:
                _note(engine, mine, word, None, actor, now)
            if word == "conflict":
                said = f"线索 {row['lead_number']}: 各部门结论不一致，请人工认定（adwatch review confirm / dismiss）"
                report.drop("conflict", said)
            continue
        unit = routing.authorities[mine["authority"]].unit if mine["authority"] in routing.authorities else ""
        said = f"{mine['reason'] or LABELS['confirm']}（甄别函 {mine['number']}，{mine['day']} 甄别）"
        done, _ = review.decide(
            *(engine, [row["case_id"]], mine["answer"], mine["person"], unit or mine["authority"], said),
            now=now,
            zone=zone,
            by_letter=True,
        )
        if done.dropped:
            _note(engine, mine, "refused", None, actor, now)
            report.drop("refused", f"线索 {row['lead_number']}: {'；'.join(done.notes)}")
            continue
        with reading(engine) as connection:
            decisions = decisions_of(connection, [row["case_id"]]).get(row["case_id"], [])
        same = [each["id"] for each in decisions if each["result"] == mine["answer"]]
        _note(engine, mine, "decided", same[-1] if same else None, actor, now)
        mine["settled"] = "decided"
        report.kept += 1
    return report


def _word(mine: Row, its: Sequence[Row]) -> str:
    others = {each["authority"]: each for each in its if each["authority"] != mine["authority"]}
    if mine["answer"] == "refer":
        said = [each["answer"] for each in others.values()]
        return "decided" if all(each == "refer" for each in said) else "waits"
    if mine["answer"] in FINAL:
        for other in others.values():
            if other["settled"] == "decided" and other["answer"] in FINAL and other["answer"] != mine["answer"]:
                return "conflict"
    return "decided"


def _note(engine: Engine, row: Row, word: str, decision: int | None, actor: Actor, now: datetime) -> None:
    said = {"lead_number": row["lead_number"], "answer": row["answer"], "settled": word, "decision": decision}
    with work(engine) as connection:
        store.set_row(connection, row["id"], settled=word, decision_id=decision)
        if word == "conflict":
            told = {"number": row["number"], "authority": row["authority"], "answer": row["answer"]}
            add_event(connection, "case", row["case_id"], "answers_differ", actor.person, now, told)
        entry = Entry.of(actor, "confirmation.settled", SUBJECT, row["number"], now, said)
        append_entries(connection, [entry])
