"""An invented office: two articles of law (one renumbered within the week), two classes, two platforms."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from docx import Document

from adwatch.casework import review
from adwatch.casework.platform_info import PlatformInfo
from adwatch.casework.takedown import draft as draft_requests
from adwatch.models import StageReport
from adwatch.tables import Family, Law, OfferClass
from tests.store.world import World, listing, verdict

ZONE = ZoneInfo("Asia/Shanghai")
UNIT = "某市应急管理局"

LAW = """id,law,article,element,valid_from,valid_to,note
law_one,某某法,第一条,不得承诺,2020-01-01,2026-11-18,
law_one,某某法,第二条,不得承诺,2026-11-19,,
law_two,另一法,第九条,不得伪造,2020-01-01,,
"""

CLASSES = {
    "sure_thing": OfferClass("sure_thing", "承诺通过", (), ("law_one",), "涉嫌承诺考试通过。", ("law_two",)),
    "paper_trade": OfferClass("paper_trade", "买卖证件", (), ("law_two",), "涉嫌买卖证件"),
}
FAMILIES = {"electric": Family("electric", "电工类证书", "safety_production", "某部门", "")}
PLATFORMS = {
    "plaza": PlatformInfo("广场网", "广场（某市）网络科技有限公司", "某省某市", 24, "平台规则第3条"),
    "bazaar": PlatformInfo("集市网"),
}


def law(folder: Path) -> Law:
    """The invented articles."""
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / "law.csv").write_text(LAW, encoding="utf-8")
    return Law(folder)


def listed(world: World, **filters: Any) -> list[dict[str, Any]]:
    """The list of cases with the invented labels."""
    return review.list_cases(world.engine, classes=CLASSES, families=FAMILIES, **filters)


def decide(
    world: World, ids: Any, result: str = "confirm", reason: str = "看过", by: str = "张三", at: datetime | None = None
) -> tuple[Any, list[dict[str, Any]]]:
    """A decision of one reviewer of the invented unit."""
    listed_ids = [ids] if isinstance(ids, int) else ids
    return review.decide(world.engine, listed_ids, result, by, UNIT, reason, now=at or world.now, zone=ZONE)


def register(world: World, ids: list[Any]) -> tuple[Any, list[dict[str, Any]]]:
    """线索登记 by an officer of the invented unit."""
    return review.register(world.engine, ids, "李四", UNIT, now=world.now, zone=ZONE)


def drafted(world: World, folder: Path) -> tuple[StageReport, list[dict[str, Any]]]:
    """The report and the rows of a draft with the invented tables."""
    tables = {"law": law(folder), "classes": CLASSES, "platforms": PLATFORMS}
    return draft_requests(world.engine, folder / "out", unit=UNIT, now=world.now, zone=ZONE, **tables)


def draft(world: World, folder: Path) -> list[dict[str, Any]]:
    """The rows of a draft."""
    return drafted(world, folder)[1]


def confirmed(world: World, *names: str, platform: str = "plaza") -> None:
    """Flagged and confirmed listings with a contact."""
    for name in names:
        item = listing(name, platform=platform)
        decide(world, world.flag(item, verdict(item, contact="abc13800138000")))


def words(file: str) -> str:
    """All that a letter says."""
    document = Document(file)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])
