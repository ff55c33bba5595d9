"""What the office knows of the demo's world on a day, its score, and the lines that tell it to people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from adwatch.app import patrol
from adwatch.app.office import Office
from adwatch.app.rows import latest_texts
from adwatch.archive import read_body
from adwatch.errors import ArchiveError
from adwatch.store.captures import captures
from adwatch_demo import SITES
from adwatch_demo.score import PLAIN, DayScore, Figures, Found, Known, score
from adwatch_demo.traces import ids_in
from classifiers.keyword_judge import KeywordJudge

STAGES = {
    "served": "网站上有 served",
    "collected": "已采集 collected",
    "extracted": "已读出 extracted",
    "flagged": "已命中 flagged",
}
_SHOWN = 12
"""Ids named in a line; the rest are counted."""


def score_day(office: Office, number: int, day: str) -> DayScore:
    """Score the store and the archive as they are against the world of a simulated day."""
    rows = {row["platform"]: row for row in patrol.day_rows(office, day)}
    judge = KeywordJudge.load(office.settings.data)
    return score(number, {site: _known(office, site, name, day, rows, judge) for site, name in SITES.items()})


def _known(
    office: Office, site: str, platform: str, day: str, rows: dict[str, dict[str, Any]], judge: KeywordJudge
) -> Known:
    """What the office knows of one site."""
    row = rows.get(platform, {"outcome": "-", "outcomes": {}})
    listings = latest_texts(office.engine, platform, day)
    verdicts = judge.judge([(one.title, one.text) for one in listings])
    found = {
        one.native_id: Found(one.title, one.text, one.band == "flagged", verdict.band == "flagged")
        for one, verdict in zip(listings, verdicts, strict=True)
    }
    return Known(row["outcome"], frozenset(row["outcomes"]), _collected(office, site, platform, day), found)


def _collected(office: Office, site: str, platform: str, day: str) -> frozenset[str]:
    """Ids that stand in the archived answers of a day."""
    ids: set[str] = set()
    for capture in captures(office.engine, day, platform):
        if capture.role in ("list", "detail", "resource") and capture.status < 400:
            with suppress(ArchiveError):
                ids |= ids_in(site, read_body(office.shelf, capture))
    return frozenset(ids)


def short_lines(score: DayScore) -> Iterator[str]:
    """The score in a few lines."""
    ours, beside = score.total.ours, score.total.keyword_only
    came = score.stages["extracted"].flagged
    there = score.stages["served"].flagged
    yield f"对照真值：{there} 条信息已读出 {came} 条；违法信息 {ours.offers} 条，命中 {ours.found} 条"
    yield f"  证巡      {_figures(ours)}"
    yield f"  仅关键词  {_figures(beside)}"
    for name, site in score.sites.items():
        if site.as_expected and site.expected != "ok":
            yield f"  {SITES[name]}: {site.outcome}，正是这个网站当天该有的结果 as expected"
        elif not site.as_expected:
            seen = f"读出 {site.extracted}/{site.readable} 条"
            yield f"  {SITES[name]}: 结果 {site.outcome}，应为 {site.expected}；{seen}"


def long_lines(score: DayScore) -> Iterator[str]:
    """Where rows were lost and which were wrongly flagged."""
    yield f"  误报 wrong: {_ids(score.wrong)}"
    for stage, ids in score.lost.items():
        if stage != "served":
            yield f"  止步于{STAGES[stage].split()[0]}之前 missed before {stage}: {_ids(ids)}"
    for label, events in (
        ("内容变更 changed", score.changed),
        ("换号重上 relisted", score.relisted),
        ("已消失 vanished", score.vanished),
    ):
        yield f"  {label}: 发现 {events.noticed}/{events.total}"


def tables(score: DayScore) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """(title, headings, rows) of the tables by stage, by site and by disguise."""
    yield (
        "各环节 by stage",
        ("环节 stage", "信息 rows", "其中违法 offers", "漏 missed"),
        [
            (STAGES[stage], str(one.flagged), str(one.found), str(len(score.lost[stage])))
            for stage, one in score.stages.items()
        ],
    )
    yield (
        "各网站 by site",
        (
            "网站 site",
            "结果/应为 outcome",
            "读出/可读/在架 rows",
            "违法 offers",
            "查准 precision",
            "查全 recall",
            "仅关键词 keywords",
        ),
        [
            (
                SITES[name],
                f"{site.outcome}/{site.expected}",
                f"{site.extracted}/{site.readable}/{site.served}",
                str(site.figures.ours.offers),
                f"{site.figures.ours.precision:.3f}",
                f"{site.figures.ours.recall:.3f}",
                f"{site.figures.keyword_only.precision:.3f} {site.figures.keyword_only.recall:.3f}",
            )
            for name, site in score.sites.items()
        ],
    )
    yield (
        "各伪装方式 by disguise",
        ("伪装 disguise", "违法 offers", "命中 found", "仅关键词 keywords"),
        [
            (name, str(pair.ours.offers), str(pair.ours.found), str(pair.keyword_only.found))
            for name, pair in sorted(score.disguises.items(), key=lambda one: (one[0] != PLAIN, one[0]))
        ],
    )


def _figures(figures: Figures) -> str:
    return f"查准率 precision {figures.precision:.3f}  查全率 recall {figures.recall:.3f}"


def _ids(ids: list[str]) -> str:
    more = f" …（共 {len(ids)}）" if len(ids) > _SHOWN else ""
    return " ".join(ids[:_SHOWN]) + more if ids else "-"
