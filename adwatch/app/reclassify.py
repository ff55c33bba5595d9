"""Reclassify: the classify backlog, divided by platform and month, so that several workers share it.

After new lists or a new model everything stored is backlog, and the next patrol would judge all of it by itself. A
version that has a verdict of this classifier is not judged again: that is how what was killed is continued.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from adwatch.app.linking import link_now
from adwatch.app.office import Office
from adwatch.app.rows import known_platform
from adwatch.errors import StageError, UsageError
from adwatch.failpoints import failpoint
from adwatch.ports import Progress
from adwatch.search import push
from adwatch.stages.classify import BATCH, Classifier
from adwatch.store.engine import reading
from adwatch.store.parts import Part, parts, without_verdict
from adwatch.store.verdicts import mark_classified

BANDS = ("flagged", "review", "clear", "opened", "reopened")


def month(text: str | None) -> str | None:
    """A month as YYYY-MM, or a UsageError."""
    if text is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise UsageError(f"month {text!r} is none; write YYYY-MM, such as 2026-11")
    return text


def plan(
    office: Office, day: str, platform: str | None = None, since: str | None = None, until: str | None = None
) -> list[dict[str, Any]]:
    """The parts to be judged, each with the digest of the lists that it is to be judged with."""
    known_platform(office, platform)
    since, until = month(since) or "", month(until) or "9999-12"
    if until < since:
        raise UsageError(f"last month {until} lies before {since}")
    lists = office.judge_on(day).keyword_versions
    with reading(office.engine) as connection:
        found = parts(connection, office.settings.zone, platform, since, until)
    return [{**asdict(part), "lists": lists} for part in found]


def the_part(row: Mapping[str, Any]) -> Part:
    """The part of a row of a plan."""
    return Part(*(row[name] for name in ("platform", "month", "first", "last", "listings")))


def same_lists(row: Mapping[str, Any], lists: str) -> None:
    """A StageError where other lists are in force than when the parts were named: two halves would not fit."""
    if row["lists"] != lists:
        raise StageError(f"the keyword lists have changed since the parts were named ({row['lists']}): begin anew")


def run_part(office: Office, day: str, row: Mapping[str, Any], progress: Progress | None = None) -> dict[str, Any]:
    """Judge what of a part has no verdict of the classifier; what it came to."""
    started = time.monotonic()
    judge = office.judge_on(day)
    same_lists(row, judge.keyword_versions)
    counts: Counter[str] = Counter()
    classifier = Classifier(office.engine, judge, office.clock, counts)
    batches = without_verdict(office.engine, the_part(row), classifier.id, office.settings.zone, BATCH)
    for listings, versions in batches:
        classifier.classify(versions, day)
        counts["judged"] += len(versions)
        failpoint("reclassify.after_batch")
        if progress:
            progress(listings)
    figures = {name: counts[name] for name in ("judged", *BANDS)}
    return {**row, **figures, "seconds": round(time.monotonic() - started, 2)}


def finish(office: Office, day: str) -> int:
    """Tell the index, and let the next patrol's backlog begin behind what is judged; documents that were pushed."""
    mark_classified(office.engine, office.classifier.on(day).id)
    link_now(office)
    return push(office.engine, office.index).kept
