"""The figures of the tables by plain Python over whole rows, one after another: what the quick ones must equal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import Engine, select

from adwatch.store import schema as s
from adwatch.store.corrections import held
from adwatch.store.engine import reading
from adwatch.store.report_figures import Counted
from adwatch.store.verified import UNDOES
from adwatch.tables.rechecks import far_apart

Row = dict[str, Any]


class Store:
    """Every row that figures rest on."""

    def __init__(self, engine: Engine) -> None:
        with reading(engine) as connection:
            self.rows = {
                table.name: [
                    dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))
                ]
                for table in (
                    *(s.case, s.case_listing, s.decision, s.listing, s.platform, s.capture, s.site),
                    *(s.takedown, s.takedown_check, s.report_lead),
                )
            }
        self.links = {row["listing_id"]: row for row in self.rows["case_listing"]}
        self.last = {row["case_id"]: row for row in self.rows["decision"]}
        self.by_id = {name: {row["id"]: row for row in self.rows[name]} for name in self.rows if name in TABLES}

    def decided(self, days: dict[int, str]) -> list[Counted]:
        """Of listings and the days on which they count those whose case's last finding is 属实."""
        found = []
        for listing_id in sorted(days, key=lambda each: (self.links[each]["case_id"], each)):
            link, item = self.links[listing_id], self.by_id["listing"][listing_id]
            last = self.last.get(link["case_id"])
            if last is None or last["result"] != "confirm":
                continue
            holds = held(last["corrected"], link["decided_scope"], link["decided_types"])
            platform = self.by_id["platform"][item["platform_id"]]["name"]
            lead = self.by_id["case"][link["case_id"]]["lead_number"]
            key = item["key"].hex()
            found.append(Counted(key, platform, lead, holds.scope, holds.types, link["case_id"], days[listing_id]))
        return found

    def of_cases(self, days: dict[int, str]) -> list[Counted]:
        """The same of cases."""
        return self.decided({each: days[row["case_id"]] for each, row in self.links.items() if row["case_id"] in days})


TABLES = ("listing", "platform", "case", "capture", "takedown")


def confirmed_days(store: Store, first: date, last: date, zone: tzinfo) -> dict[int, str]:
    """Cases found 属实 in the period."""
    found: dict[int, Any] = {}
    for row in store.rows["decision"]:
        if row["result"] != "confirm":
            found.pop(row["case_id"], None)
        else:
            found.setdefault(row["case_id"], row["at"])
    days = {case_id: at.astimezone(zone).date() for case_id, at in found.items()}
    return {case_id: day.isoformat() for case_id, day in days.items() if first <= day <= last}


def confirmed(store: Store, first: date, last: date, zone: tzinfo) -> list[Counted]:
    """``report_figures.confirmed``."""
    return store.of_cases(confirmed_days(store, first, last, zone))


def sites(store: Store, first: date, last: date, zone: tzinfo) -> list[Counted]:
    """``report_figures.sites``."""
    days = confirmed_days(store, first, last, zone)
    entries = {row["listing_id"] for row in store.rows["site"]}
    cases = {each: store.links[each]["case_id"] for each in entries if each in store.links}
    return store.decided({each: days[case_id] for each, case_id in cases.items() if case_id in days})


def transferred(store: Store, column: str, first: date, last: date) -> list[Counted]:
    """``report_figures.transferred``."""
    newest = {row["case_id"]: row for row in store.rows["report_lead"]}
    fits = (row for row in newest.values() if row["column"] == column)
    return store.of_cases(
        {row["case_id"]: row["day"] for row in fits if first.isoformat() <= row["day"] <= last.isoformat()}
    )


def removed(
    store: Store, first: date, last: date, zone: tzinfo, apart_days: int, apart_hours: int = 20
) -> list[Counted]:
    """``report_figures.removed``: look by look."""
    since: dict[int, Any] = {}
    done: set[int] = set()
    wanted: dict[int, str] = {}
    for row in store.rows["takedown_check"]:
        if store.by_id["takedown"][row["takedown_id"]]["sent_at"] is None:
            continue
        listing_id, word, capture = row["listing_id"], row["word"], store.by_id["capture"].get(row["capture_id"])
        day = date.fromisoformat(capture["day"]) if capture else row["at"].astimezone(zone).date()
        if word in UNDOES:
            since.pop(listing_id, None)
            done.discard(listing_id)
        elif word == "gone" and listing_id not in done:
            look = (row["at"], day.isoformat())
            if far_apart(since.setdefault(listing_id, look), look, apart_days, apart_hours, zone):
                done.add(listing_id)
                if first <= day <= last:
                    wanted.setdefault(listing_id, day.isoformat())
    return store.decided(wanted)


def fitting(found: Iterable[Counted], scope: str | None, types: set[str]) -> list[Counted]:
    """Those of a scope and one of some classes."""
    return [each for each in found if scope in (None, each.scope) and (not types or types & set(each.types))]
