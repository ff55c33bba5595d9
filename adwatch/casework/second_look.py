"""The two-person rule: a finding that needs two is held back until a second person, who sees no first, finds the same.

Where the two differ, in the finding or in what they correct with it, the third decides. What each found stands in
``second_finding`` and nowhere that a reviewer sees before: the event and the audit entry of a first look name the
person and a digest, not the result.

A first finding can be taken back by who made it, until the second has found or has the lead open. It stays where it is;
its look ends as ``withdrawn``, and whoever finds next is the first of another. The second is not shown that there was
one (``blind``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.audit import Entry, finding_digest
from adwatch.store.engine import insert_id
from adwatch.store.opening import add_event, chunks

STAGES = {"second": "待第二人", "third": "待第三人裁定", "settled": "已结", "withdrawn": "已撤回", "gold": "校准题"}
"""How far a second look is."""
LOOKED, WITHDRAWN = "looked", "look_withdrawn"
"""Events of a case: a finding that is held back, and that it was taken back."""
DECIDED = ("decided", "excluded")
"""Events in which a matter ends."""

Row = dict[str, Any]


def open_look(connection: Connection, case_id: int) -> Row | None:
    """The unsettled two-person look at a case."""
    t = s.second_look
    query = select(t).where(t.c.case_id == case_id, t.c.stage.in_(("second", "third")), t.c.kind == "two_person")
    found = connection.execute(query).first()
    return None if found is None else dict(found._mapping)


def findings_of(connection: Connection, look_ids: Iterable[int]) -> dict[int, list[Row]]:
    """What was found, by look, in the order in which it was."""
    found: dict[int, list[Row]] = {}
    f = s.second_finding
    for ids in chunks(look_ids):
        for row in connection.execute(select(f).where(f.c.second_look_id.in_(ids)).order_by(f.c.id)):
            found.setdefault(row.second_look_id, []).append(dict(row._mapping))
    return found


def has_looked(findings: Iterable[Mapping[str, Any]], actor: Actor) -> bool:
    """Whether the actor is one of those who looked."""
    return any((each["person"], each["unit"]) == (actor.person, actor.unit) for each in findings)


def stage_after(results: list[str]) -> str:
    """Two that agree settle it, and so does a third whatever was found."""
    if len(results) == 1:
        return "second"
    return "third" if len(results) == 2 and results[0] != results[1] else "settled"


def note(
    connection: Connection,
    case: Row,
    actor: Actor,
    finding: Mapping[str, Any],
    now: datetime,
) -> tuple[list[Entry], list[Row] | None]:
    """Note one person's finding (result, code, reason, opened_at, corrected) on a locked case.

    Gives the audit entries, and, where the matter is settled by it, everyone's findings: the last one's is to be
    carried out. The caller has made sure that the actor has not looked before (``has_looked``).
    """
    look = open_look(connection, case["id"])
    if look is None:
        values = {"kind": "two_person", "case_id": case["id"], "stage": "second", "made_at": now}
        look = {"id": insert_id(connection, s.second_look, **values)}
    add_finding(connection, look["id"], actor, finding, now)
    findings = findings_of(connection, [look["id"]])[look["id"]]
    stage = stage_after([f"{each['result']} {sorted((each['corrected'] or {}).items())}" for each in findings])
    settle(connection, look["id"], stage, finding["result"], now)
    if stage == "settled":
        return [], findings
    told = {"look": len(findings), **named(findings[-1])}
    add_event(connection, "case", case["id"], LOOKED, actor.person, now, {"unit": actor.unit, "stage": stage})
    return [Entry.of(actor, "review.look", "case", case["id"], now, told)], None


def add_finding(connection: Connection, look_id: int, actor: Actor, finding: Mapping[str, Any], now: datetime) -> None:
    """Append what somebody found."""
    names = ("result", "code", "reason", "opened_at", "corrected")
    values = {"second_look_id": look_id, "person": actor.person, "unit": actor.unit, "at": now}
    connection.execute(s.second_finding.insert().values(**values, **{name: finding.get(name) for name in names}))


def settle(connection: Connection, look_id: int, stage: str, result: str, now: datetime) -> None:
    """Set how far a look is; settled ones keep what stands."""
    values: dict[str, Any] = {"stage": stage}
    if stage == "settled":
        values |= {"result": result, "settled_at": now}
    connection.execute(update(s.second_look).where(s.second_look.c.id == look_id).values(**values))


def supersede(connection: Connection, case_id: int, result: str, now: datetime) -> None:
    """A decision that came otherwise (by letter, or of another kind) settles what was still open on the case."""
    t = s.second_look
    waiting = update(t).where(t.c.case_id == case_id, t.c.stage.in_(("second", "third")), t.c.kind == "two_person")
    connection.execute(waiting.values(stage="settled", result=result, settled_at=now))


def withdraw(connection: Connection, look: Row, finding: Row, actor: Actor, reason: str, now: datetime) -> Entry:
    """End a look whose one finding is taken back by who made it; gives what the audit log is to say.

    The caller has made sure that it may be (``adwatch.casework.undo``) and has locked the case.
    """
    ended = update(s.second_look).where(s.second_look.c.id == look["id"])
    connection.execute(ended.values(stage="withdrawn", settled_at=now))
    said = {"unit": actor.unit, "reason": reason}
    add_event(connection, "case", look["case_id"], WITHDRAWN, actor.person, now, said)
    return Entry.of(actor, "review.withdraw", "case", look["case_id"], now, named(finding))


def blind(events: Sequence[Row]) -> list[Row]:
    """Events of a case without the findings that were taken back since its last decision: the next sees nothing."""
    last = max((at for at, each in enumerate(events) if each["kind"] in DECIDED), default=-1)
    kept = list(events[: last + 1])
    for event in events[last + 1 :]:
        kept.append(event)
        if event["kind"] == WITHDRAWN:
            theirs = (LOOKED, event["actor"], event["detail"]["unit"])
            looks = [at for at, each in enumerate(kept) if (each["kind"], each["actor"], _unit(each)) == theirs]
            del kept[-1], kept[looks[-1]]
    return kept


def _unit(event: Row) -> object:
    return event["detail"].get("unit")


def named(finding: Mapping[str, Any]) -> dict[str, Any]:
    """By what an audit entry names a finding without telling it: one that is altered or removed later is found."""
    return {"finding_id": finding["id"], "finding_sha256": finding_digest(finding)}


def shown(findings: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Who found what, for the event of the decision in which it ended."""
    return [{name: each[name] for name in ("person", "unit", "result", "code")} for each in findings]
