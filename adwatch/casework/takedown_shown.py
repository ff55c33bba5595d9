"""Letters as they are listed and shown: rows for tables, one letter with all that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from adwatch.casework.differing import told
from adwatch.casework.differing_sent import since_sent
from adwatch.casework.differing_words import told_since
from adwatch.casework.letter import deadline
from adwatch.casework.shown import local
from adwatch.casework.states import WORDS
from adwatch.casework.takedown_answers import Answers
from adwatch.casework.takedown_differing import of_drafts, remedy
from adwatch.casework.takedown_inside import narrowed
from adwatch.casework.takedown_inside import whole as rows_inside
from adwatch.casework.takedown_kinds import BEFORE, KINDS, MAIL_OUTCOMES, REPLIES, STEPS
from adwatch.casework.takedown_replies import SUBJECT as REPLY
from adwatch.casework.takedown_standing import STANDS, stand_still
from adwatch.casework.takedown_steps import SUBJECT, Desk, one
from adwatch.store import schema as s
from adwatch.store import takedown_papers as papers
from adwatch.store.asked_anew import asked_anew
from adwatch.store.attachments import attachments_of
from adwatch.store.differing import TAKEDOWN
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.last_looks import cleared

Row = dict[str, Any]
NEVER = "never"
"""Word of a listing that was not checked yet."""


def rows(
    desk: Desk,
    platform: str | None = None,
    step: str | None = None,
    kind: str | None = None,
    before: int | None = None,
    limit: int | None = None,
    limits: Filters | None = None,
) -> list[Row]:
    """Newest first; of each what is within a person's ``limits``."""
    found: list[Row] = []
    chosen = (platform, [step] if step else (), [kind] if kind else ())
    with reading(desk.engine) as connection:
        while True:
            some = papers.page(connection, *chosen, before, limit, limits)
            found += narrowed(connection, some, limits)
            if limit is None or len(some) < limit or len(found) >= limit:
                return _rows(desk, connection, found[:limit], limits)
            before = some[-1]["id"]


def short(desk: Desk, number: str) -> Row:
    """The row of one letter."""
    with reading(desk.engine) as connection:
        return _short(desk, connection, one(connection, number))


def of_case(desk: Desk, case_id: int, limits: Filters | None = None) -> list[Row]:
    """The letters of a case, oldest first; ``answer``: what was answered of its own listings, in words."""
    with reading(desk.engine) as connection:
        letters = [one(connection, number) for number in papers.numbers_of_case(connection, case_id)]
        found = _some(desk, connection, letters, limits) if letters else []
        replies = papers.replies_of(connection, {each["takedown_id"] for each in letters})
    said = {}
    for each in letters:
        own = [row["listing_id"] for row in each["content"]["listings"] if row["case_id"] == case_id]
        answers = Answers(replies.get(each["takedown_id"], ()))
        said[each["number"]] = "、".join(dict.fromkeys(filter(None, map(answers.label, own)))) or None
    return [{**row, "answer": said[row["number"]] if row["asks"] else None} for row in found]


def _short(desk: Desk, connection: Connection, letter: Row, limits: Filters | None = None) -> Row:
    (row,) = _some(desk, connection, [letter], limits)
    return row


def _some(desk: Desk, connection: Connection, letters: list[Row], limits: Filters | None) -> list[Row]:
    """Rows of letters whose content was read."""
    rows = []
    for each in letters:
        content = each["content"]
        light = {"addressee": content["addressee"], "platform_label": content["platform_label"]}
        rows.append({**each, **light, "count": len(content["listings"])})
    return _rows(desk, connection, narrowed(connection, rows, limits), limits)


def _rows(desk: Desk, connection: Connection, found: list[Row], limits: Filters | None) -> list[Row]:
    """``differs``: what a letter says that no longer holds, before it goes out and after; ``notice``: that in words."""
    differing = of_drafts(connection, found, desk.tables, limits)
    names = {each: row.label for each, row in desk.tables.classes.items()}
    gone = [each["id"] for each in found if each["step"] not in BEFORE]
    since = since_sent(connection, TAKEDOWN, gone, names, limits)
    requests = {row["takedown_id"] for row in found}
    words = papers.word_counts(connection, requests)
    replies, anew = papers.replies_of(connection, requests), asked_anew(connection, requests)
    harmless, standing = cleared(connection, requests), stand_still(connection, replies)
    rows = []
    for each in found:
        differs, sent = differing.get(each["number"], []), since.get(each["id"], [])
        notice = f"{told(differs)}。本函不能再往下办；{remedy(each)}" if differs else None
        notice = told_since(TAKEDOWN, sent) if sent else notice
        again = anew.get(each["takedown_id"], {}) if KINDS[each["kind"]].asks else {}
        again = {key: number for key, number in again.items() if key in each.get("inside", again)}
        named = _Named(again, *(_inside(each, some) for some in (harmless, standing)))
        row = _row(desk, each, each.get("words", words.get(each["takedown_id"], {})), replies, named)
        rows.append({**row, "differs": differs or sent, "notice": notice})
    return rows


def one_letter(desk: Desk, number: str, limits: Filters | None = None) -> Row:
    """One letter with steps, mails, replies, letters about it, attachments, and its listings with their words.

    ``limits`` leave the rows of its list that a person may see; ``whole`` says whether that is all of them.
    """
    with reading(desk.engine) as connection:
        letter = one(connection, number)
        inside, whole = rows_inside(connection, letter, limits)
        ids, letter_ids = [letter["takedown_id"]], [letter["id"]]
        replies = papers.replies_of(connection, ids)
        row = _short(desk, connection, letter, limits)
        by_key = dict(papers.words_of(connection, ids).get(ids[0], []))
        taken = papers.steps_of(connection, letter_ids).get(letter["id"], [])
        mails = papers.mails_of(connection, letter_ids).get(letter["id"], [])
        files = attachments_of(connection, SUBJECT, letter_ids).get(letter["id"], [])
        answered = attachments_of(connection, REPLY, [each["id"] for each in replies.get(ids[0], [])])
        others = papers.page(connection, takedown_ids=ids, but=letter["id"])[::-1]
        about = _rows(desk, connection, narrowed(connection, others, limits), limits)
        again = asked_anew(connection, ids, gone=True).get(ids[0], {})
        standing = stand_still(connection, replies).get(ids[0], set()) if row["asks"] else set()
    names = ("seq", "listing_id", "lead_number", "case_id", "url", "title", "seller_name", "offer_labels")
    answers = Answers(replies.get(ids[0], ()))
    listings = [
        {
            **{name: each[name] for name in names},
            **_word(by_key.get(each["listing_id"])),
            "answer": answers.label(each["listing_id"]) if row["asks"] else None,
            "again": again.get(each["listing_id"]) if row["asks"] else None,
            "stands": STANDS if each["listing_id"] in standing else None,
        }
        for each in inside
    ]
    seqs = {each["listing_id"]: each["seq"] for each in inside}
    if not whole:
        mails, files, replies = [], [], {}
        taken = [{**each, "note": ""} for each in taken]
        row["last_reply"] = None
    return {
        **row,
        "whole": whole,
        "document_number": letter["document_number"],
        "signatory": letter["signatory"],
        "document_date": letter["document_date"],
        "email": letter["content"].get("email"),
        "channel": letter["content"].get("channel"),
        "deadline_source": letter["content"].get("deadline_source"),
        "within": deadline(letter["content"], short=True) if row["asks"] else None,
        "steps": [
            {**_who(desk, each), "step_label": STEPS[each["step"]], "skipped": each["skipped"]} for each in taken
        ],
        "mails": [{**each, "outcome_label": MAIL_OUTCOMES[each["outcome"] or "unclear"]} for each in mails],
        "replies": [
            {
                **_who(desk, each),
                "kind": each["kind"],
                "kind_label": REPLIES[each["kind"]],
                "reason": each["reason"],
                "listings": None if each["listings"] is None else len(each["listings"]),
                "seqs": None if each["listings"] is None else [seqs[key] for key in each["listings"] if key in seqs],
                "files": [_file(file) for file in answered.get(each["id"], [])],
            }
            for each in replies.get(ids[0], [])
        ],
        "letters": about,
        "files": [_file(file) for file in files],
        "listings": listings,
    }


def _inside(letter: Row, named: Mapping[int, set[str]]) -> set[str]:
    """Public ids named of a letter's request, those within a person's limits; none of a letter about one."""
    found = named.get(letter["takedown_id"], set()) if KINDS[letter["kind"]].asks else set()
    return found & letter["inside"] if "inside" in letter else found


def counted(connection: Connection) -> list[Row]:
    """How many letters of each kind stand on each step."""
    letter = s.takedown_letter
    query = select(letter.c.kind, letter.c.step, func.count()).group_by(letter.c.kind, letter.c.step)
    found = [(kind, step, count) for kind, step, count in connection.execute(query)]
    found.sort(key=lambda each: (list(KINDS).index(each[0]), list(STEPS).index(each[1])))
    return [
        {"kind": kind, "kind_label": KINDS[kind].label, "step": step, "step_label": STEPS[step], "count": count}
        for kind, step, count in found
    ]


class _Named(NamedTuple):
    """Public ids of a request's listings of which something is to be said."""

    again: Mapping[str, str]
    """Those that a later request asks for anew, with its number."""
    harmless: set[str]
    """Those at which another text stands that is no offer."""
    standing: set[str]
    """Those that the platform says it handled and a later look found offered."""


def _row(desk: Desk, letter: Row, words: dict[str | None, int], replies: dict[int, list[Row]], named: _Named) -> Row:
    asks = KINDS[letter["kind"]].asks
    answers = replies.get(letter["takedown_id"], []) if asks else []
    deadline = letter["deadline_at"] if asks else None
    counts = {word or NEVER: count for word, count in words.items()} if asks else {}
    again, standing = named.again, named.standing
    left = letter["count"] - counts.get("gone", 0) - len(again.keys() | named.harmless)
    handled = letter["step"] == "withdrawn" or (letter["step"] == "handled" and not standing)
    return {
        "id": letter["id"],
        "number": letter["number"],
        "kind": letter["kind"],
        "kind_label": KINDS[letter["kind"]].label,
        "asks": asks,
        "about": None if asks else letter["about"],
        "platform": letter["platform"],
        "platform_label": letter["platform_label"],
        "addressee": letter["addressee"],
        "step": letter["step"],
        "step_label": STEPS[letter["step"]],
        "count": letter["count"],
        "words": counts,
        "words_label": "，".join(f"{WORDS.get(word, '未核验')} {count}" for word, count in sorted(counts.items())),
        "drafted_at": local(letter["drafted_at"], desk.zone),
        "sent_at": local(letter["sent_at"], desk.zone) or None,
        "deadline_at": local(deadline, desk.zone) or None,
        "provisional": letter["due_provisional"],
        "replaced": len(again),
        "replaced_by": sorted(set(again.values())),
        "stands": f"{STANDS} {len(standing)} 条" if standing else None,
        "overdue": bool(deadline and deadline < desk.now and left > 0 and not handled),
        "last_reply": None if letter.get("partly") else Answers(answers).told(letter["count"]),
    }


def _word(word: str | None) -> Row:
    return {"word": word, "word_label": WORDS[word] if word else "未核验"}


def _who(desk: Desk, row: Row) -> Row:
    at = local(row["at"], desk.zone)
    return {"person": row["person"], "unit": row["unit"], "at": at, **({"note": row["note"]} if "note" in row else {})}


def _file(row: Row) -> Row:
    return {name: row[name] for name in ("sha256", "name", "media_type", "size", "kind", "person", "erased")}
