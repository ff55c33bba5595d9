"""What the console shows of sites: a page of them, one with its surroundings, what waits, and what to do next."""

from __future__ import annotations

from typing import Any

from adwatch.app import page_views, transfer
from adwatch.app import sites as work
from adwatch.app.decisions import tracks_of
from adwatch.app.office import Office
from adwatch.casework.shown import masked, printable
from adwatch.casework.site_graph import LABELS
from adwatch.errors import Unknown, UsageError
from adwatch.store import site_pages as pages
from adwatch.store import sites as store
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.queue import within
from adwatch.tables.site_rules import KINDS, site_rules

Row = dict[str, Any]
SHOWN = {
    "suspected": "疑似假冒（有案件）",
    "waiting": "等人甄别",
    "standing": "属实，未办结",
    "doubtful": "存疑",
    "unseen": "还没有查看",
    "clear": "没有发现仿冒或由人排除",
    "all": "全部",
}
"""What may be chosen in the list."""
KIND_LABELS = KINDS
WAITING = ("waiting", "standing", "unseen")
"""Of these, what waits for a person or for a look."""
MOST = 1000
"""So far sites are counted."""
SEEN, LOOKS, TOGETHER = 200, 20, 50
"""Sightings, looks, and sites with the same mark that one page shows."""


def listed(
    office: Office,
    shown: str,
    limits: Filters | None,
    kind: str | None = None,
    name: str | None = None,
    before: int | None = None,
    most: int = 50,
) -> list[Row]:
    """A page, newest first; UsageError where the choice is none."""
    if shown not in SHOWN or (kind is not None and kind not in KINDS):
        raise UsageError("所选的状态或种类没有")
    with reading(office.engine) as connection:
        rows = pages.page(connection, shown, limits, kind=kind, name=name, before=before, most=most)
    return [work.shown(office, row) for row in rows]


def waiting(office: Office, limits: Filters | None) -> list[Row]:
    """(shown, label, count) of what waits for a person or for a look; what is none is left out."""
    with reading(office.engine) as connection:
        counts = pages.counts(connection, WAITING, limits, MOST)
    found = zip(WAITING, counts, strict=True)
    return [{"shown": each, "label": SHOWN[each], "count": count} for each, count in found if count]


def one(office: Office, number: int, limits: Filters | None) -> Row:
    """A site as ``sites.show`` gives it, with its captures, letters, what it shares with which, and ``next``.

    Within a person's limits: Unknown for one outside, and what is met in or shared with others is left out.
    """
    with reading(office.engine) as connection:
        if not pages.visible(connection, [number], limits):
            raise Unknown(f"网站 {number}: 没有这个编号，或者不在本账号的范围内")
    row = work.show(office, str(number))
    row["looks"] = row["looks"][-LOOKS:][::-1]
    for look in row["looks"]:
        look["points"] = [{**each, "why": printable(masked(each["why"], ()))} for each in look["points"]]
    case = row["case_id"]
    with reading(office.engine) as connection:
        if limits is not None:
            mine = within(connection, limits, [each["case_id"] for each in row["sightings"] if each["case_id"]])
            row["sightings"] = [
                each for each in row["sightings"] if each["listing_id"] is None or each["case_id"] in mine
            ]
        row["together"] = _together(office, connection, number, limits)
    row["more_sightings"] = max(0, len(row["sightings"]) - SEEN)
    row["sightings"] = row["sightings"][:SEEN]
    row["captures"] = page_views.captures_of_case(office, case)[:LOOKS] if case else []
    row["transfers"] = transfer.of_case(office, case, limits) if case else []
    tracks = tracks_of(office, [case]).get(case, []) if case else []
    row["track"] = next((each for each in tracks if each["track"] == "site"), None)
    row["next"] = _next(row)
    return row


def _together(office: Office, connection: Any, number: int, limits: Filters | None) -> list[Row]:
    """Marks with the other sites that show the same; one that too many show joins nobody."""
    most, found = site_rules(office.settings.data).most_together, []
    for mark in store.marks_of(connection, [number]):
        ids = sorted(store.sites_with(connection, [mark], most) - {number})
        ids = sorted(pages.visible(connection, ids, limits))[:TOGETHER]
        others = [
            {"id": each["id"], "name": printable(each["name"]), "case_id": each["case_id"]}
            for each in (store.sites(connection, ids=ids) if ids else [])
        ]
        found.append({"label": LABELS[mark["kind"]], "shown": printable(mark["shown"]), "others": others})
    return found


def _next(row: Row) -> str:
    """What to do with it now, in a sentence."""
    state = row["state"]
    if state in ("screening", "reopened") and not row["captures"] and row["kind"] == "site":
        return "还没有随案取证：再看一次，然后线索登记或者排除。"
    if state in ("screening", "reopened"):
        return "看过依据和取证后，线索登记或者排除。"
    if state in ("registered", "doubtful"):
        return "由被仿冒的机关甄别：有账号的在此认定，没有的出甄别函。"
    if state == "confirmed" and not row["transfers"]:
        return "已认定属实：按分派表拟函（网信、通信管理、公安、接入商）。"
    if state == "confirmed" and row["kind"] != "site":
        return (
            f"函件审批、发出后，由人查看：系统不看{KINDS[row['kind']]}。隔日两次查看都已关停的，"
            "在案件页的“网站”分线先后登记“首次核验已关停”“两次核验已关停”。"
        )
    if state == "confirmed":
        return "函件审批、发出后，系统每日核验，两次打不开才算关停。"
    if row["case_id"] is not None:
        return "本案已了结，不再自动查看。"
    if row["band"] == "dismissed":
        return "已由人排除，不再自动查看；内容有变化的再看一次，像仿冒的会立案。"
    if row["kind"] != "site":
        return "名称没有认定为仿冒；应用、小程序、公众号没有采集接口，由人查看，确是仿冒的在此立案。"
    if row["looked_at"] is None:
        return "还没有查看：等每日的计划任务，或者现在查看。"
    if row["band"] == "review":
        return "存疑：由人看过，写明理由立案或者排除；没有人处理的系统每日再看，看满次数为止。"
    return "没有发现仿冒，不作处理；内容有变化的可以再看一次。"
