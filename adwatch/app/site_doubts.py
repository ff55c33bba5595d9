"""What a person makes of a doubtful site: a case, or nothing, with a reason; once, whoever comes first.

From the case on it goes the way of every suspected site. A site that was set aside is not looked at by itself any
more; if somebody looks at it again and finds a false look-up, it is suspected as any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.app.site_capture import Looked
from adwatch.app.site_looks import enter, entry
from adwatch.app.sites import known, show
from adwatch.casework.shown import printable
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import sites as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import reading
from adwatch.tables.site_rules import site_rules
from classifiers.sites.facts import Point

Row = dict[str, Any]
UNDER_WAY = timedelta(minutes=2)
"""How long whoever was first may take to make the case."""
LONGEST = 2000
"""Characters of a reason."""


def open_case(office: Office, name: str, actor: Actor, reason: str, families: Sequence[str] = ()) -> Row:
    """Make a case of a doubtful site, or of an app or account that no look can judge; the site as ``sites.show``.

    ``families``: certificate families that it imitates, where a person can tell and its page did not: by them the case
    is given to the authority that confirms it.
    """
    if unknown := [each for each in families if each not in office.families]:
        raise UsageError(f"证书类别 {unknown[0][:40]!r}: 可写 {'、'.join(office.families)}")
    site = known(office, name)
    if not _half_done(office, site):
        _settle(office, site, "flagged", actor, reason)
    with reading(office.engine) as connection:
        [site] = store.sites(connection, ids=[site["id"]])
        looks = store.looks_of(connection, [site["id"]]).get(site["id"], [])
    day = office.clock.now().astimezone(office.settings.zone).date().isoformat()
    told = entry(site, _looked(looks))
    enter(office, site_rules(office.settings.data), site, "flagged", families or site["families"], told, day)
    index_now(office)
    return show(office, str(site["id"]))


def dismiss(office: Office, name: str, actor: Actor, reason: str) -> Row:
    """Set a doubtful site aside."""
    site = known(office, name)
    _settle(office, site, "dismissed", actor, reason)
    return show(office, str(site["id"]))


def may_settle(site: Row) -> bool:
    """Whether a person may settle it now."""
    return site["case_id"] is None and (site["band"] == "review" or (site["kind"] != "site" and site["band"] is None))


def _half_done(office: Office, site: Row) -> bool:
    """A process died when the case was decided on, and before it was made: it is made now."""
    settled = site["about"].get("settled")
    if site["band"] != "flagged" or site["case_id"] is not None or not settled:
        return False
    return office.clock.now() - datetime.fromisoformat(settled["at"]) > UNDER_WAY


def _settle(office: Office, site: Row, to: str, actor: Actor, reason: str) -> None:
    reason = reason.strip()
    if not reason or len(reason) > LONGEST:
        raise UsageError(f"写明理由（不超过{LONGEST}字）")
    if not may_settle(site):
        raise UsageError(f"{printable(site['name'])}: {_why_not(site)}")
    now = office.clock.now()
    said = {"to": to, "reason": reason, "person": actor.person, "unit": actor.unit, "at": now.isoformat()}
    about = {**site["about"], "settled": said}
    action = "site.opened" if to == "flagged" else "site.dismissed"
    with work(office.engine) as connection:
        if not store.settle(connection, site["id"], site["band"], to, about):
            raise UsageError(f"{printable(site['name'])}: 已由他人处理，请重新查看")
        detail = {"name": site["name"], "score": site["score"], "word": site["word"], "reason": reason}
        append_entries(connection, [Entry.of(actor, action, "site", site["id"], now, detail)])


def _why_not(site: Row) -> str:
    if site["case_id"] is not None:
        return f"已有案件 {site['case_id']}，在案件中办理"
    if site["band"] == "flagged":
        return "正由他人立案，请稍后再看"
    if site["band"] == "dismissed":
        return "已由人排除；内容有变化的再看一次"
    return "只有存疑的可以由人立案或者排除；没有查看的先查看"


def _looked(looks: list[Row]) -> Looked | None:
    """What the look that told most came to, as it was kept."""
    told = [look for look in looks if look["points"]]
    if not told:
        return None
    best = max(told, key=lambda look: (look["score"], look["id"]))
    points = [Point(each["name"], each["points"], each["why"]) for each in best["points"]]
    return Looked(best["facts"].get("looked_url") or "", best["word"], None, points, dict(best["facts"]))
