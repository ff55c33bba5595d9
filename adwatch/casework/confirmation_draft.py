"""Batches of leads for authorities: what a 甄别函 and its 线索清单 say, frozen when drafted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from sqlalchemy import Connection, Engine

from adwatch.casework import routing as owners
from adwatch.casework.confirmation import SCHEMA, SUBJECT, Row
from adwatch.casework.confirmation_differing import Words, parts, strongest
from adwatch.casework.routing_table import Routing
from adwatch.casework.shown import evidence_number, local, printable, show
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import confirmations as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import lock_cases, next_number
from adwatch.store.opening import add_event
from adwatch.store.views import versions_of


def draft_batches(
    engine: Engine,
    routing: Routing,
    words: Words,
    actor: Actor,
    *,
    now: datetime,
    zone: tzinfo,
    only: str | None = None,
    letterhead: Mapping[str, str] | None = None,
) -> list[str]:
    """One batch for each authority with leads that it was not asked about; gives their numbers.

    ``letterhead``: how the office's letters look now; it is kept with the batch.

    Authorities that decide in the console (way ``account``) get none.
    """
    if only is not None and only not in routing.authorities:
        raise UsageError(f"没有单位 {only!r}；可用: {'、'.join(routing.authorities)}")
    made: list[str] = []
    entries = []
    with work(engine) as connection:
        cases = store.cases_awaiting(connection)
        confirms = owners.owners_of(connection, [case["id"] for case in cases])
        for authority, wanted in sorted(store.waiting(connection, confirms, cases).items()):
            known = routing.authorities.get(authority)
            if (known is not None and known.way != "letter") or only not in (None, authority):
                continue
            year = now.astimezone(zone).year
            number = f"ADW-ZB-{year}-{next_number(connection, f'confirmation:{year}'):04d}"
            content = {
                "schema": SCHEMA,
                "number": number,
                "unit": actor.unit,
                "authority": authority,
                "authority_label": routing.label(authority),
                "addressee": known.unit if known else authority,
                "days": known.days if known else None,
                "drafted_at": now.isoformat(),
                **({"letterhead": dict(letterhead)} if letterhead else {}),
                "rows": _content_rows(connection, wanted, confirms, routing, words, authority, zone),
            }
            values = {"number": number, "authority": authority, "state": "draft", "drafted_at": now}
            pairs = [(case["id"], case["lead_number"]) for case in wanted]
            key = store.add_batch(connection, pairs, **values, content=content)
            said = {"authority": authority, "leads": len(pairs)}
            add_event(connection, SUBJECT, key, "drafted", actor.person, now, said)
            entries.append(Entry.of(actor, "confirmation.draft", SUBJECT, number, now, said))
            made.append(number)
        append_entries(connection, entries)
    return made


def _content_rows(
    connection: Connection,
    cases: Sequence[Row],
    confirms: Mapping[int, Sequence[str]],
    routing: Routing,
    words: Words,
    authority: str,
    zone: tzinfo,
) -> list[Row]:
    listed = lock_cases(connection, [case["id"] for case in cases])
    views = versions_of(connection, [each for case in listed.values() for each in case["listings"]])
    rows = []
    for seq, case in enumerate(cases, 1):
        listings = listed[case["id"]]["listings"]
        view = strongest(views[each] for each in listings)
        shown, item = show(view), view.listing
        more = f"（本线索共{len(listings)}条信息）" if len(listings) > 1 else ""
        rows.append(
            {
                "seq": seq,
                "lead_number": case["lead_number"],
                "found": local(item.captured_at, zone)[:10] or view.day,
                "platform": words.platforms.get(item.platform, item.platform),
                "seller": shown.seller,
                "operator": printable(item.operator_name or ""),
                "title": shown.title + more,
                "url": printable(item.url or f"平台内编号：{item.native_id}"),
                "quotes": "\n".join(shown.quotes) or printable(shown.text)[:300],
                **parts(view, words),
                "evidence": evidence_number(view),
                "co_owners": [routing.label(each) for each in confirms[case["id"]] if each != authority],
            }
        )
    return rows
