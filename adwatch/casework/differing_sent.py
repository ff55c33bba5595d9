"""Letters and transfers that went out, and a finding that makes wrong what they say: noticed, mended, set aside.

With each finding the papers are looked up that speak of the case: what of them holds no longer is a row of
``differing`` in the same transaction, until a 更正函 or 撤回函 about it was sent, another finding takes its place, or a
person sets it aside. Compared is what papers say: that the case is 属实, and its offer classes (the articles follow
from these); of a 甄别函 that nobody has found yet. A case that the machine re-opened waits: nobody has found otherwise.
Reminders say nothing of their own. Nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select

from adwatch.casework.differing_words import ABOUT, in_words
from adwatch.casework.takedown_kinds import BEFORE, KINDS
from adwatch.casework.takedown_mended import DIFFERING, corrects, mended, withdrawn
from adwatch.casework.transaction import work
from adwatch.errors import Unknown, UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import differing as store
from adwatch.store import schema as s
from adwatch.store import takedown_papers as papers
from adwatch.store.audit import Entry, append_entries
from adwatch.store.corrections import STANDING, state_found
from adwatch.store.differing import CONFIRMATION, TAKEDOWN, TRANSFER
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.opening import add_event, chunks
from adwatch.store.reports import keys_of
from adwatch.store.views import as_offered, versions_of

Row = dict[str, Any]
SAYING = (*(name for name, kind in KINDS.items() if kind.asks), "escalate")
"""Kinds of letters that say something of a case to somebody who has no other letter from us that says it."""
LEFT = (*BEFORE, "void", "withdrawn")
"""Steps on which a letter says nothing to anybody."""
WAITING = "尚未认定"
"""What a 甄别函 says of its leads."""
UNASKED = ("registered", "reopened", "screening")
"""States in which nothing was found that a 甄别函 would contradict."""
LONGEST = 500
SETTLED = ("mended", "aside")
"""How a row ends whose difference somebody knows of: the same is not noticed again."""


class Statement(NamedTuple):
    """What a paper says of a listing, or a 甄别函 of a lead."""

    paper: str
    paper_id: int
    number: str
    case_id: int
    listing_id: int | None
    seq: int | None
    said: Row
    """types and words; ``types`` None where the paper does not keep them. Of what a 更正函 says of a transfer or a
    甄别函 instead: what held then (``state``, ``types``)."""


class _Case(NamedTuple):
    state: str
    listings: dict[int, int | None]
    """The version that was decided on, by listing."""


def found_again(
    connection: Connection, case_ids: Iterable[int], now: datetime, actor: Actor | None = None, by_letter: bool = False
) -> None:
    """Something was found of some cases: note what papers that went out say of it that holds no longer.

    ``actor``, ``by_letter``: who found; an authority's own finding is the answer to what it was asked.
    """
    cases = _cases(connection, case_ids)
    if not cases:
        return
    said = [*_of_letters(connection, cases), *_of_transfers(connection, cases)]
    said += [] if by_letter else _of_batches(connection, cases, actor)
    last = store.last_of_cases(connection, cases) if said else {}
    told = store.told_of_cases(connection, cases) if any(_is_told(each) for each in said) else {}
    types = _types(connection, cases, said)
    fresh: list[Row] = []
    for stated in said:
        key = (stated.paper, stated.paper_id, stated.case_id, stated.listing_id)
        each = stated._replace(said=told[key]) if key in told else stated  # whoever has it was told so by a 更正函
        holds = _differs(each, cases[each.case_id].state, types.get((each.listing_id, each.paper)))
        known = last.get(key)
        if known is not None and known["ended_at"] is None:
            if known["holds"] == holds and (key not in told or known["said"] == each.said):
                continue
            store.end(connection, [known["id"]], "again", now, None, "")
        if holds is None or (known is not None and known["how"] in SETTLED and known["holds"] == holds):
            continue
        fresh.append({**each._asdict(), "holds": holds, "at": now})
    store.append(connection, fresh)


def _is_told(each: Statement) -> bool:
    """Whether a 更正函 about the paper is one to an office, of which what it says is held against findings."""
    return each.paper != TAKEDOWN or each.number.startswith(ABOUT)


def _cases(connection: Connection, case_ids: Iterable[int]) -> dict[int, _Case]:
    link, found = s.case_listing, dict[int, _Case]()
    for ids in chunks(case_ids):
        query = select(s.case.c.id, state_found(), link.c.listing_id, link.c.decided_version_id)
        query = query.join(link, link.c.case_id == s.case.c.id).where(s.case.c.id.in_(ids))
        for case_id, state, listing_id, version_id in connection.execute(query):
            found.setdefault(case_id, _Case(state, {})).listings[listing_id] = version_id
    return found


def _of_letters(connection: Connection, cases: Mapping[int, _Case]) -> list[Statement]:
    owners = {listing: case_id for case_id, case in cases.items() for listing in case.listings}
    requests, found = store.requests_of(connection, owners, SAYING, LEFT), list[Statement]()
    keys = store.public_ids(connection, set[int]().union(*requests.values()))
    for ids in chunks(requests):
        gone = withdrawn(connection, ids)
        for letter in papers.letters(connection, takedown_ids=ids, kinds=SAYING):
            if letter["step"] in LEFT:
                continue
            asks, request = KINDS[letter["kind"]].asks, letter["takedown_id"]
            rows = letter["content"]["listings"]
            wanted = [row for row in rows if keys.get(row["listing_id"]) in requests[request]]
            if asks:  # what it says has been mended, or taken back; an escalation tells another
                wanted = mended(connection, request, wanted, None)
                wanted = [row for row in wanted if row["listing_id"] not in gone.get(request, ())]
            for row in wanted:
                key = keys[row["listing_id"]]
                said = {"types": row["offer_types"], "words": "、".join(row["offer_labels"])}
                about = (TAKEDOWN, letter["id"], letter["number"], owners[key], key, row["seq"])
                found.append(Statement(*about, said))
    return found


def _of_transfers(connection: Connection, cases: Mapping[int, _Case]) -> list[Statement]:
    found, sent = [], store.transfers_of(connection, cases)
    contents = store.contents(connection, TRANSFER, {row.id for row in sent})
    for row in sent:
        stated = [case for case in contents[row.id].get("cases", ()) if case["case_id"] == row.case_id]
        rows = [each for case in stated for each in case["listings"]]
        keys = keys_of(connection, [each["listing_id"] for each in rows if "listing_id" in each])
        known = {keys[each["listing_id"]]: each for each in rows if each.get("listing_id") in keys}
        for listing in cases[row.case_id].listings:
            each = known.get(listing, {})
            said = {"types": each.get("offer_types"), "words": "、".join(each.get("offer_labels", ()))}
            found.append(Statement(TRANSFER, row.id, row.number, row.case_id, listing, None, said))
    return found


def _of_batches(connection: Connection, cases: Mapping[int, _Case], actor: Actor | None) -> list[Statement]:
    found, asked = [], store.asked_of(connection, cases)
    contents = store.contents(connection, CONFIRMATION, {row.id for row in asked})
    for row in asked:
        content = contents[row.id]
        mine: Row = next((each for each in content["rows"] if each["seq"] == row.seq), {})
        if mine.get("co_owners") or (actor is not None and actor.unit == content["addressee"]):
            continue  # of a lead that others own too each is asked for its own certificate
        said = {"types": None, "words": WAITING}
        found.append(Statement(CONFIRMATION, row.id, row.number, row.case_id, None, row.seq, said))
    return found


def _types(
    connection: Connection, cases: Mapping[int, _Case], said: Sequence[Statement]
) -> dict[tuple[int | None, str], list[str]]:
    """By (listing, kind of paper) the classes that hold: letters go by the version decided on, transfers by all."""
    wanted = {each.listing_id for each in said if each.listing_id is not None}
    views = versions_of(connection, wanted)
    decided = {listing: version for case in cases.values() for listing, version in case.listings.items()}
    found: dict[tuple[int | None, str], list[str]] = {}
    for listing, versions in views.items():
        for paper, version in ((TAKEDOWN, decided[listing]), (TRANSFER, None)):
            reading = as_offered(versions, version_id=version).reading
            found[listing, paper] = sorted(reading.offer_types) if reading else []
    return found


def _differs(each: Statement, state: str, types: list[str] | None) -> Row | None:
    """What holds instead; None where what is said holds."""
    if "state" in each.said:
        return None if state == "reopened" else _instead(each, state, types)
    if each.paper == CONFIRMATION:
        return None if state in UNASKED else {"state": state, "types": None}
    if state == "reopened":
        return None
    if state not in STANDING:
        return {"state": state, "types": None}
    said = each.said["types"]
    return None if said is None or types is None or set(said) == set(types) else {"state": state, "types": types}


def _instead(each: Statement, state: str, types: list[str] | None) -> Row | None:
    """The same where a 更正函 said it last."""
    types = types if each.paper != CONFIRMATION and state in STANDING else None
    same = state == each.said["state"] or {state, each.said["state"]} <= set(STANDING)
    if same and (types is None or each.said["types"] is None or set(types) == set(each.said["types"])):
        return None
    return {"state": state, "types": types}


def mended_by(
    connection: Connection,
    paper_id: int,
    listings: Iterable[Mapping[str, Any]],
    number: str,
    drafted: datetime | None,
    now: datetime,
) -> None:
    """A letter was sent about listings of a request (rows of its list): what it mends waits for nobody any more.

    ``drafted``: when a 更正函 was, which knows nothing of what was found after, nor takes back what is not 属实, and
    mends what its words correct; None for a 撤回函.
    """
    by_name = {row["listing_id"]: row for row in listings}
    named = {key: by_name[name] for name, key in keys_of(connection, sorted(by_name)).items()}
    rows = [row for row in store.open_of(connection, TAKEDOWN, [paper_id]) if row["listing_id"] in named]
    if drafted is not None:
        rows = [row for row in rows if row["at"] <= drafted and row["holds"]["state"] in STANDING]
        rows = [row for row in rows if _is_about(named[row["listing_id"]], row)]
    store.end(connection, [row["id"] for row in rows], "mended", now, None, number)


def _is_about(mending: Mapping[str, Any], row: Row) -> bool:
    """Whether a row of a 更正函 corrects what differs: it was drafted of just that, or its words say what holds."""
    if DIFFERING in mending:
        return bool(mending[DIFFERING] == row["id"])
    return corrects(mending, row["said"]["words"].split("、"))


def since_sent(
    connection: Connection, paper: str, paper_ids: Iterable[int], names: Mapping[str, str], limits: Filters | None
) -> dict[int, list[Row]]:
    """By key of a paper that went out what it says that holds no longer, in words; of cases within limits."""
    found: dict[int, list[Row]] = {}
    for row in store.open_of(connection, paper, paper_ids, limits):
        found.setdefault(row["paper_id"], []).append(in_words(row, names))
    return found


def set_aside(engine: Engine, number: str, actor: Actor, reason: str, now: datetime) -> int:
    """A person knows of what a paper says that holds no longer and leaves it so, with a reason; how many rows."""
    if not reason.strip() or len(reason) > LONGEST:
        raise UsageError(f"a reason is needed, of at most {LONGEST} characters; write --reason TEXT")
    with work(engine) as connection:
        rows = store.open_by_number(connection, [number])
        if not rows:
            raise Unknown(f"{number[:40]}: 没有与现认定不符之处；用 adwatch differing list 查看")
        store.end(connection, [row["id"] for row in rows], "aside", now, actor, reason.strip())
        paper, key = rows[0]["paper"], rows[0]["paper_id"]
        subject_id = int(store.kinds_of(connection, rows)[number].get("takedown_id") or key)
        holds = [{"case_id": row["case_id"], "holds": row["holds"]} for row in rows]
        detail = {"number": number, "reason": reason.strip(), "rows": holds}
        add_event(connection, paper, subject_id, "aside", actor.person, now, {"unit": actor.unit, **detail})
        append_entries(connection, [Entry.of(actor, "differing.aside", paper, number, now, detail)])
    return len(rows)


def look_back(engine: Engine, now: datetime) -> int:
    """Note what was found after papers went out that an earlier version sent; how many cases were looked at."""
    with reading(engine) as connection:
        wanted = store.found_after(connection)
    for ids in chunks(wanted):
        with work(engine) as connection:
            found_again(connection, ids, now)
            failpoint("differing.before_commit")
    return len(wanted)
