"""A process of its own that links or says something of subjects."""

from __future__ import annotations

from datetime import UTC, datetime

from adwatch.casework import subjects
from adwatch.casework.clusters import forget, link_due, settle
from adwatch.models import Actor
from adwatch.store.engine import open_engine
from adwatch.tables.links import Links
from tests.casework.clusters.measure import SECRET, no_picture

NOW = datetime(2026, 11, 18, 5, 0, tzinfo=UTC)
ACTOR = Actor("张三", "某市应急管理局")


def main(url: str, verb: str, *ids: str) -> None:
    """Do it as the command does."""
    engine, numbers = open_engine(url), [int(each) for each in ids]
    if verb == "rebuild":
        forget(engine)
    if verb in ("link", "rebuild"):
        link_due(engine, Links(), SECRET, no_picture, NOW)
    if verb == "rebuild":
        settle(engine, Links(), NOW)
    if verb == "merge":
        subjects.merge(engine, Links(), numbers, ACTOR, "同一人收款", NOW)
    if verb == "split":
        subjects.split(engine, Links(), numbers[0], numbers[1:], ACTOR, "盗图", NOW)
    if verb == "undo":
        subjects.undo(engine, Links(), numbers[0], ACTOR, "弄错了", NOW)
    engine.dispose()
