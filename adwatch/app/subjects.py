"""Subjects (主体) as the command and the console call them: who is one seller, by what, and what persons say of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from adwatch.app.indexing import index_now
from adwatch.app.linking import link_now
from adwatch.app.office import Office
from adwatch.app.rows import platform_labels
from adwatch.casework import subject_graph, subject_show
from adwatch.casework import subjects as work
from adwatch.casework.clusters import forget, settle
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.ports import Progress
from adwatch.search.keys import contact_key, contact_secret, typed_contact
from adwatch.store.filters import Filters
from adwatch.tables.links import Links

Row = dict[str, Any]


def list_subjects(
    office: Office, limit: int = 100, offset: int = 0, contact: str | None = None, limits: Filters | None = None
) -> list[Row]:
    """Subjects with most cases first; with a contact as typed, those that show it on any platform.

    ``limits``, here and below: those of a person, ``accounts.limits``.
    """
    return subject_show.list_subjects(office.engine, limit, offset, _key(office, contact), limits)


def _key(office: Office, contact: str | None) -> str | None:
    if contact is None:
        return None
    typed = typed_contact(contact)
    if typed is None:
        raise UsageError("联系方式应为 6 位以上的号码、6 至 20 位的账号或邮箱")
    return contact_key(contact_secret(office.home), typed)


def show_subject(office: Office, number: int, limits: Filters | None = None) -> Row:
    """One seller across platforms: accounts, listings, what they share, persons' findings, who else it may be."""
    return subject_show.show_subject(office.engine, Links(office.settings.data), number, limits)


def graph(office: Office, subject: Row) -> Row:
    """Nodes and edges of ``show_subject``'s answer, and ``svg``, which names platforms by their labels."""
    drawn = subject_graph.graph(subject)
    labels = platform_labels(office)
    for node in drawn["nodes"]:
        if node["kind"] == "account":
            node["platform_label"] = labels.get(node["platform"], node["platform"])
    return {**drawn, "svg": subject_graph.svg(drawn)}


def subject_of_case(office: Office, case_id: int) -> Row | None:
    """The subject of a case with its other cases, for the case's page; None where it has none yet."""
    number = work.subject_of_case(office.engine, case_id)
    return None if number is None else show_subject(office, number)


def merge(office: Office, subjects: Sequence[int], actor: Actor, reason: str) -> Row:
    """合并."""
    done = work.merge(office.engine, Links(office.settings.data), subjects, actor, reason, office.clock.now())
    index_now(office)
    return done


def split(office: Office, subject: int, accounts: Iterable[int], actor: Actor, reason: str) -> Row:
    """拆分."""
    rules = Links(office.settings.data)
    done = work.split(office.engine, rules, subject, accounts, actor, reason, office.clock.now())
    index_now(office)
    return done


def undo(office: Office, rule: int, actor: Actor, reason: str) -> Row:
    """撤销 of a merge or split."""
    done = work.undo(office.engine, Links(office.settings.data), rule, actor, reason, office.clock.now())
    index_now(office)
    return done


def rebuild(office: Office, progress: Progress | None = None) -> Row:
    """Everything linked anew from what is stored; what persons said holds. What was cut off is begun again."""
    due = forget(office.engine)
    report = link_now(office, progress)
    subjects = settle(office.engine, Links(office.settings.data), office.clock.now())
    return {"due": due, "linked": report.kept if report is not None else 0, "subjects": subjects}


def numbers(typed: str) -> list[int]:
    """Numbers of subjects as a person types them."""
    found = re.split(r"[\s,，、]+", typed.strip())
    wrong = [each for each in found if not (each.isascii() and each.isdecimal())]
    if wrong:
        raise UsageError(f"{wrong[0][:40]!r}: 编号应为数字，多个之间空一格")
    return [int(each) for each in found]
