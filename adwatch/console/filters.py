"""The queue's filters as they stand in an address: read with care, and put together with what the account may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from starlette.datastructures import QueryParams

from adwatch.app import accounts
from adwatch.app.queue import Cursor, Filters
from adwatch.app.words import STATES
from adwatch.console.desk import Desk
from adwatch.errors import UsageError

WAITING = ("screening", "registered", "reopened")
"""States that wait for a person: what the queue shows where none is chosen."""
EVERY = "all"
SCORES = {"90": (0.9, None), "70": (0.7, 0.9), "50": (0.5, 0.7), "0": (None, 0.5)}
SCORE_LABELS = {"90": "≥ 0.90", "70": "0.70–0.90", "50": "0.50–0.70", "0": "< 0.50"}
AGES = {"1": "今天", "3": "3 天内", "7": "7 天内", "30": "30 天内", "old7": "7 天以前", "old30": "30 天以前"}
PLAIN = ("scope", "platform", "family", "band", "tier", "region", "owner", "origin", "campaign", "contact")
NAMES = ("state", "class", "score", "age", "subject", "fold", *PLAIN)
"""Names in the address."""
FOLDED = {"state", "scope"}
"""Filters beside which the leads of one subject are folded into the first; beside others each stands by itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for."""

    given: Mapping[str, str]
    """Values by ``NAMES``, as they are written back into links and forms."""
    filters: Filters
    """The same for the store, within the account's limits."""
    after: Cursor | None
    """Where the page begins."""


def asked(desk: Desk, params: QueryParams | Mapping[str, str]) -> Asked:
    """Read an address; UsageError names what cannot be."""
    given = {name: str(params[name]).strip()[:120] for name in NAMES if str(params.get(name, "")).strip()}
    values: dict[str, Any] = {name: given[name] for name in PLAIN if name in given}
    if "class" in given:
        values["offer_class"] = given["class"]
    if "score" in given:
        if given["score"] not in SCORES:
            raise UsageError("分数段有误")
        values["score_from"], values["score_to"] = SCORES[given["score"]]
    values.update(_age(desk, given.get("age")))
    if "subject" in given:
        if not (given["subject"].isascii() and given["subject"].isdecimal() and len(given["subject"]) <= 18):
            raise UsageError("主体编号有误")
        values["subject"] = int(given["subject"])
    values["fold"] = given.keys() <= FOLDED and given.get("state") != EVERY and not desk.who.limited
    limits = accounts.limits(desk.who)
    return Asked(given, replace(limits, states=_states(given.get("state")), **values), _cursor(params.get("after")))


def _states(wanted: str | None) -> tuple[str, ...]:
    if wanted is None:
        return WAITING
    if wanted == EVERY:
        return ()
    states = tuple(wanted.split(","))
    if any(state not in STATES for state in states):
        raise UsageError("状态有误")
    return states


def _age(desk: Desk, age: str | None) -> dict[str, str]:
    if age is None:
        return {}
    if age not in AGES:
        try:
            day = date.fromisoformat(age).isoformat()
        except ValueError as error:
            raise UsageError("发现时间有误") from error
        return {"opened_from": day, "opened_to": day}
    today = desk.office.clock.now().astimezone(desk.office.settings.zone).date()
    if age.startswith("old"):
        return {"opened_to": (today - timedelta(int(age[3:]))).isoformat()}
    return {"opened_from": (today - timedelta(int(age) - 1)).isoformat()}


def written(cursor: Cursor | None) -> str:
    """A place in the order as an address carries it."""
    return "" if cursor is None else "~".join((cursor[0], repr(cursor[1]), str(cursor[2])))


def _cursor(text: str | None) -> Cursor | None:
    if not text:
        return None
    parts = str(text).split("~")
    try:
        scope, score, case_id = parts[0], float(parts[1]), int(parts[2])
    except (ValueError, IndexError) as error:
        raise UsageError("翻页的位置有误") from error
    if scope not in ("safety_production", "other_credential") or not 0 <= score <= 1 or not 0 <= case_id < 1 << 63:
        raise UsageError("翻页的位置有误")
    return scope, score, case_id
