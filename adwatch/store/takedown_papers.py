"""Letters of takedowns, who took their steps, mails with their outcomes, and what platforms answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, case, func, literal, select, update

from adwatch.models import Actor
from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store.engine import insert_id
from adwatch.store.filters import Filters
from adwatch.store.life_line_due import touched
from adwatch.store.one_of import one_of
from adwatch.store.opening import chunks

Row = dict[str, Any]


def add_letter(
    connection: Connection, number: str, kind: str, takedown_id: int, now: datetime, content: Row | None = None
) -> int:
    """A drafted letter; a request's own has no content here, since its takedown has it."""
    values = {"number": number, "kind": kind, "takedown_id": takedown_id, "step": "draft", "drafted_at": now}
    return insert_id(connection, s.takedown_letter, **values, content=content)


def letters(
    connection: Connection,
    number: str | None = None,
    takedown_ids: Iterable[int] | None = None,
    kinds: Sequence[str] = (),
    steps: Sequence[str] = (),
    platform: str | None = None,
) -> list[Row]:
    """Letters in the order they were drafted; ``about`` is the number of the request, ``content`` all that it says,
    ``request`` that of the request; ``request_sent_at`` and ``deadline_at`` are the request's.
    """
    letter, takedown = s.takedown_letter, s.takedown
    query = (
        select(
            letter,
            takedown.c.number.label("about"),
            takedown.c.content.label("request"),
            takedown.c.state.label("takedown_state"),
            takedown.c.sent_at.label("request_sent_at"),
            takedown.c.deadline_at,
            s.platform.c.name.label("platform"),
        )
        .join(takedown, takedown.c.id == letter.c.takedown_id)
        .join(s.platform, s.platform.c.id == takedown.c.platform_id)
        .order_by(letter.c.id)
    )
    if number is not None:
        query = query.where(letter.c.number == number)
    if kinds:
        query = query.where(letter.c.kind.in_(kinds))
    if steps:
        query = query.where(letter.c.step.in_(steps))
    if platform is not None:
        query = query.where(s.platform.c.name == platform)
    if takedown_ids is not None:
        query = query.where(letter.c.takedown_id.in_(list(takedown_ids)))
    found = [dict(row._mapping) for row in connection.execute(query)]
    for row in found:
        row["content"] = row["content"] if row["content"] is not None else row["request"]
    return found


def page(
    connection: Connection,
    platform: str | None = None,
    steps: Sequence[str] = (),
    kinds: Sequence[str] = (),
    before: int | None = None,
    limit: int | None = None,
    limits: Filters | None = None,
    takedown_ids: Iterable[int] | None = None,
    but: int | None = None,
) -> list[Row]:
    """Letters newest first, without their content but for ``addressee``, ``platform_label`` and the ``count`` of rows.

    ``before``: only letters older than that key, so that each page costs the same. ``limits``: only those of requests
    with a listing that is inside; ``but``: without that letter. Contents are read of the page alone: PostgreSQL would
    count the rows of each letter that it sorts.
    """
    letter, takedown = s.takedown_letter, s.takedown
    names = ("id", "number", "kind", "takedown_id", "step", "drafted_at", "sent_at", "due_provisional")

    def said(name: str) -> Any:
        return func.coalesce(letter.c.content[name].as_string(), takedown.c.content[name].as_string()).label(name)

    # of a content that is not here SQLite would count 0 rows
    own = func.json_array_length(letter.c.content["listings"])
    rows = case((letter.c.content.is_(None), func.json_array_length(takedown.c.content["listings"])), else_=own)
    query = (
        select(
            *(letter.c[name] for name in names),
            takedown.c.number.label("about"),
            takedown.c.deadline_at,
            takedown.c.sent_at.label("request_sent_at"),
            s.platform.c.name.label("platform"),
            said("addressee"),
            said("platform_label"),
            rows.label("count"),
        )
        .join(takedown, takedown.c.id == letter.c.takedown_id)
        .join(s.platform, s.platform.c.id == takedown.c.platform_id)
        .order_by(letter.c.id.desc())
    )
    where = [*inside.of_request(connection, takedown.c.id, limits)]
    where += [letter.c.step.in_(steps)] if steps else []
    where += [letter.c.kind.in_(kinds)] if kinds else []
    where += [] if platform is None else [s.platform.c.name == platform]
    where += [] if before is None else [letter.c.id < before]
    where += [] if takedown_ids is None else [takedown.c.id.in_(list(takedown_ids))]
    where += [] if but is None else [letter.c.id != but]
    if limit is not None:
        ids = query.with_only_columns(letter.c.id).where(*where).limit(limit)
        where = [letter.c.id.in_(list(connection.scalars(ids)))]
    return [dict(row._mapping) for row in connection.execute(query.where(*where))]


def keep_mended(connection: Connection, letter_id: int, kind: str, public_ids: Iterable[str]) -> None:
    """Which listings stand in a withdrawal or correction that was sent."""
    keys = sorted({bytes.fromhex(each) for each in public_ids})
    for at in range(0, len(keys), 500):
        named = select(literal(letter_id), s.listing.c.id, literal(kind)).where(
            s.listing.c.key.in_(keys[at : at + 500])
        )
        connection.execute(s.takedown_mended.insert().from_select(["letter_id", "listing_id", "kind"], named))


def count_mended(connection: Connection, limits: Filters | None = None) -> tuple[dict[str, int], int]:
    """(letters of each kind that mend something within limits, listings that they mend)."""
    row, where = s.takedown_mended.c, inside.among_asked(connection, s.takedown_mended.c.listing_id, limits)
    seen = select(row.kind, row.letter_id, row.listing_id).where(*where).cte("seen")  # what is inside is read once
    listings = select(func.count(seen.c.listing_id.distinct())).scalar_subquery()
    query = select(seen.c.kind, func.count(seen.c.letter_id.distinct()), listings).group_by(seen.c.kind)
    rows = connection.execute(query).all()
    return {kind: int(count) for kind, count, _ in rows}, int(rows[0][2]) if rows else 0


def own_listings(connection: Connection, letter_ids: Iterable[int]) -> dict[int, set[str]]:
    """Public ids of the listings of letters that have a content of their own; others have those of their request."""
    letter, found = s.takedown_letter, dict[int, set[str]]()
    for ids in chunks(letter_ids):
        query = select(letter.c.id, letter.c.content).where(one_of(connection, letter.c.id, ids))
        for key, content in connection.execute(query):
            if content is not None:
                found[key] = {row["listing_id"] for row in content["listings"]}
    return found


def word_counts(connection: Connection, takedown_ids: Iterable[int]) -> dict[int, dict[str | None, int]]:
    """By request how many listings have each word of a last check; None: not checked yet."""
    taken = s.takedown_listing
    found: dict[int, dict[str | None, int]] = {}
    for ids in chunks(takedown_ids):
        query = select(taken.c.takedown_id, taken.c.word, func.count()).where(
            one_of(connection, taken.c.takedown_id, ids)
        )
        for takedown_id, word, count in connection.execute(query.group_by(taken.c.takedown_id, taken.c.word)):
            found.setdefault(takedown_id, {})[word] = count
    return found


def set_letter(connection: Connection, letter_id: int, **values: Any) -> None:
    """Change its row; never its content."""
    connection.execute(update(s.takedown_letter).where(s.takedown_letter.c.id == letter_id).values(**values))


def set_request(connection: Connection, takedown_id: int, **values: Any) -> None:
    """Change the request's own row; never its content."""
    connection.execute(update(s.takedown).where(s.takedown.c.id == takedown_id).values(**values))


def add_step(
    connection: Connection,
    letter_id: int,
    step: str,
    actor: Actor,
    at: datetime,
    note: str = "",
    skipped: bool = False,
) -> None:
    """Append who took a step, or who went on without it."""
    values = {"letter_id": letter_id, "step": step, "person": actor.person, "unit": actor.unit}
    connection.execute(s.takedown_step.insert().values(**values, at=at, skipped=skipped, note=note))


def steps_of(connection: Connection, letter_ids: Iterable[int]) -> dict[int, list[Row]]:
    """Steps by letter, oldest first."""
    return _by(connection, s.takedown_step, "letter_id", letter_ids)


def add_mail(connection: Connection, letter_id: int, actor: Actor, at: datetime, **values: Any) -> int:
    """The intent to send: written and committed before the server hears of it."""
    about = {"letter_id": letter_id, "person": actor.person, "unit": actor.unit, "at": at}
    return insert_id(connection, s.takedown_mail, **about, **values)


def set_mail(connection: Connection, mail_id: int, outcome: str, answer: str, at: datetime) -> None:
    """What became of it."""
    values = {"outcome": outcome, "answer": answer, "answered_at": at}
    connection.execute(update(s.takedown_mail).where(s.takedown_mail.c.id == mail_id).values(**values))


def mails_of(connection: Connection, letter_ids: Iterable[int]) -> dict[int, list[Row]]:
    """Mails by letter, oldest first."""
    return _by(connection, s.takedown_mail, "letter_id", letter_ids)


def add_reply(connection: Connection, takedown_id: int, actor: Actor, **values: Any) -> int:
    """Append what a platform answered."""
    about = {"takedown_id": takedown_id, "person": actor.person, "unit": actor.unit}
    touched(connection, takedown_id)
    return insert_id(connection, s.takedown_reply, **about, **values)


def replies_of(connection: Connection, takedown_ids: Iterable[int]) -> dict[int, list[Row]]:
    """Replies by request, oldest first."""
    return _by(connection, s.takedown_reply, "takedown_id", takedown_ids)


def cases_of(connection: Connection, takedown_id: int, listings: Iterable[str] | None = None) -> dict[int, str]:
    """Cases of a request with their states; with ``listings`` (public ids) those of which no listing is left over."""
    link, taken = s.case_listing, s.takedown_listing
    query = (
        select(s.case.c.id, s.case.c.state, s.listing.c.key)
        .join(link, link.c.case_id == s.case.c.id)
        .join(taken, taken.c.listing_id == link.c.listing_id)
        .join(s.listing, s.listing.c.id == taken.c.listing_id)
        .where(taken.c.takedown_id == takedown_id)
    )
    wanted = None if listings is None else set(listings)
    found: dict[int, str] = {}
    left_over: set[int] = set()
    for row in connection.execute(query):
        found[row.id] = row.state
        if wanted is not None and row.key.hex() not in wanted:
            left_over.add(row.id)
    return {case_id: state for case_id, state in found.items() if case_id not in left_over}


def numbers_of_case(connection: Connection, case_id: int) -> list[str]:
    """Letters that a case's listings stand in, and those about them, in the order they were drafted."""
    link, taken, letter = s.case_listing, s.takedown_listing, s.takedown_letter
    query = (
        select(letter.c.id, letter.c.number)
        .join(taken, taken.c.takedown_id == letter.c.takedown_id)
        .join(link, link.c.listing_id == taken.c.listing_id)
        .where(link.c.case_id == case_id)
        .distinct()
        .order_by(letter.c.id)
    )
    return [row.number for row in connection.execute(query)]


def words_of(connection: Connection, takedown_ids: Iterable[int]) -> dict[int, list[tuple[str, str | None]]]:
    """By request the public id of each listing and the word of its last check."""
    taken = s.takedown_listing
    found: dict[int, list[tuple[str, str | None]]] = {}
    for ids in chunks(takedown_ids):
        query = select(taken.c.takedown_id, s.listing.c.key, taken.c.word)
        query = query.join(s.listing, s.listing.c.id == taken.c.listing_id).where(
            one_of(connection, taken.c.takedown_id, ids)
        )
        for row in connection.execute(query.order_by(taken.c.takedown_id, taken.c.listing_id)).all():
            found.setdefault(row.takedown_id, []).append((row.key.hex(), row.word))
    return found


def _by(connection: Connection, table: Table, column: str, ids: Iterable[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for part in chunks(ids):
        for row in connection.execute(
            select(table).where(one_of(connection, table.c[column], part)).order_by(table.c.id)
        ):
            found.setdefault(getattr(row, column), []).append(dict(row._mapping))
    return found
