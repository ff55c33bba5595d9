"""What a watcher (Prometheus) is told, as text: read from the store and the disk, never from a platform or the index.

Labels hold platform names, our own words and versions; never listing text or anything of a person.
"""

from __future__ import annotations

import os
import platform as machine
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from adwatch import __version__
from adwatch.app.office import Office
from adwatch.app.quiet import quiet
from adwatch.casework.states import STATES, WORDS
from adwatch.errors import SettingsError
from adwatch.models import OUTCOMES
from adwatch.store import figures
from adwatch.store.engine import newest_revision, reading
from collectors.registry import enabled_platforms, read_platforms

LOOK_BACK = timedelta(days=35)
"""Runs older than that are not looked at: the newest good run of a platform is then told as 0."""

HOUR = timedelta(hours=1)
CHECK_EVERY = 24 * HOUR
"""The takedown checks are made once a day."""

WAITING = ("screening", "registered", "doubtful", "reopened")
"""States in which a case waits for a person."""

COUNTED = {
    "pages": "Captures made by the platform's newest run",
    "seen": "Listings read by the platform's newest run",
    "new": "Listings never seen before the platform's newest run",
    "changed": "Known listings whose content had changed in the platform's newest run",
    "vanished": "Listings that vanished on the day of the platform's newest run",
    "flagged": "Listings seen on the day of the platform's newest run that are flagged",
    "seconds": "Seconds that the platform's newest run took",
}
"""Figures of a run that are told, with what they mean."""

NOON = 12
"""Hour from which today's patrols are expected to be done."""

KEEP_SECONDS = 300.0
"""How long the size of the archive is believed: it takes a look at every file."""


def _family(name: str, text: str, labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"adwatch_{name}", text, labels=labels)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"adwatch_{name}", text, value=value)


def _labelled(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = _family(name, text, (label,))
    for key, value in values:
        family.add_metric([key], value)
    return family


def _seconds(when: datetime | None) -> float:
    return 0.0 if when is None else when.timestamp()


class OfficeMetrics(Collector):
    """All figures of an office, read anew each time they are asked for."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._archive: tuple[float, int | None] | None = None

    def collect(self) -> Iterator[Metric]:
        """The families, each with its samples, out of one snapshot of the store."""
        begun = time.monotonic()
        office, now = self.office, self.office.clock.now()
        revision = newest_revision()
        versions = {"version": __version__, "schema": revision, "python": machine.python_version()}
        yield InfoMetricFamily("adwatch_build", "Version of AdWatch, its store's schema and Python", value=versions)
        since = (now.astimezone(office.settings.zone) - LOOK_BACK).date().isoformat()
        with reading(office.engine) as connection:
            yield from _patrols(figures.patrol_figures(connection, since))
            yield from _queues(connection, now)
            yield _gauge("store_bytes", "Size of the SQL store", figures.store_bytes(connection))
        yield from self._platforms()
        yield from self._disks()
        yield _gauge("collect_seconds", "Seconds that it took to gather these figures", time.monotonic() - begun)

    def _platforms(self) -> Iterator[Metric]:
        specs, errors = read_platforms(self.office.settings)
        names = sorted(enabled_platforms(self.office.settings, specs))
        yield _labelled(
            "platform_enabled", "1 for each platform whose file is in force", "platform", ((name, 1) for name in names)
        )
        today = self.office.clock.now().astimezone(self.office.settings.zone)
        told = {one.platform: one for one in quiet(self.office, _last_day(today), names)}
        silent = ((name, float(name in told)) for name in names)
        yield _labelled("platform_quiet", "1 where far less is seen of a platform than usual", "platform", silent)
        yield _gauge("platform_files_refused", "Platform files that could not be read", len(errors))

    def _disks(self) -> Iterator[Metric]:
        folders = {"home": self.office.home}
        with suppress(SettingsError):  # the archive may be no folder
            folders["archive"] = self.office.settings.archive_root
        free = _family("disk_free_bytes", "Free bytes where the folder lies", ("folder",))
        size = _family("disk_size_bytes", "Size of the disk where the folder lies", ("folder",))
        for name, folder in folders.items():
            if folder.is_dir():
                usage = shutil.disk_usage(folder)
                free.add_metric([name], usage.free)
                size.add_metric([name], usage.total)
        yield free
        yield size
        archive = _family("archive_bytes", "Bytes of all files in the archive; absent where it is no folder")
        if "archive" in folders:
            archive.add_metric([], self._archive_bytes(folders["archive"]))
        yield archive

    def _archive_bytes(self, root: Path) -> int:
        if self._archive is None or time.monotonic() - self._archive[0] > KEEP_SECONDS:
            self._archive = (time.monotonic(), folder_bytes(root))
        return self._archive[1] or 0


def _last_day(now: datetime) -> str:
    """The day whose patrols are over: today from noon on, else yesterday."""
    return (now.date() if now.hour >= NOON else now.date() - timedelta(1)).isoformat()


def folder_bytes(root: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile counts as nothing."""
    total, folders = 0, [os.fspath(root)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue
    return total


def _patrols(rows: list[figures.PatrolFigures]) -> Iterator[Metric]:
    """The newest run of each platform that was patrolled lately."""
    told = [row for row in rows if row.outcome is not None]
    ended = _family(
        "patrol_outcome", "1 for the word in which the platform's newest run ended, else 0", ("platform", "outcome")
    )
    met = _family(
        "patrol_occurrences", "How often each word occurred in the platform's newest run", ("platform", "outcome")
    )
    for row in told:
        for word in OUTCOMES:
            ended.add_metric([row.platform, word], row.outcome == word)
            met.add_metric([row.platform, word], (row.counts.get("outcomes") or {}).get(word, 0))
    yield ended
    yield met
    for name, meaning in COUNTED.items():
        counted = ((row.platform, float(row.counts.get(name) or 0)) for row in told)
        yield _labelled(f"patrol_{name}", meaning, "platform", counted)
    times = {
        "patrol_started_timestamp_seconds": ("When the platform's newest run was begun", "started_at"),
        "patrol_ended_timestamp_seconds": ("When it ended; 0 where our own side stopped it", "ended_at"),
        "patrol_last_ok_timestamp_seconds": (
            f"When the platform's newest good run ended; 0 where none was in {LOOK_BACK.days} days",
            "ok_at",
        ),
    }
    for name, (meaning, attribute) in times.items():
        chosen: list[Any] = rows if attribute == "ok_at" else told
        stamps = ((row.platform, _seconds(getattr(row, attribute))) for row in chosen)
        yield _labelled(name, meaning, "platform", stamps)
    unfinished = ((row.platform, float(row.unfinished)) for row in rows)
    yield _labelled("patrol_unfinished", "1 where the newest run is at work or was cut off", "platform", unfinished)


def _queues(connection: Connection, now: datetime) -> Iterator[Metric]:
    """What waits for the classifier, for people, for platforms and for the index."""
    yield _gauge("classify_backlog_versions", "Versions that no classifier has judged", figures.unjudged(connection))
    cases = {row.state: row for row in figures.case_figures(connection)}
    counts = ((state, cases[state].count if state in cases else 0) for state in STATES)
    yield _labelled("cases", "Cases by state", "state", counts)
    oldest = ((state, _seconds(cases[state].oldest_at)) for state in WAITING if state in cases)
    yield _labelled(
        "cases_oldest_timestamp_seconds", "When the longest known case of the state was opened", "state", oldest
    )
    waiting = figures.oldest_registered(connection)
    clock = _family("registered_oldest_timestamp_seconds", "When the longest waiting undecided lead was registered")
    if waiting is not None:
        clock.add_metric([], waiting.timestamp())
    yield clock
    down = figures.takedown_figures(connection, now, CHECK_EVERY)
    words = ((word, down.words.get(word, 0)) for word in (*WORDS, "unchecked"))
    yield _labelled("takedown_listings", "Listings in sent requests by the word of their last check", "word", words)
    yield _gauge("takedown_checks_due", f"Of those, not looked at for {CHECK_EVERY // HOUR} hours", down.due)
    yield _gauge("takedown_overdue", "Of those, past the deadline and not gone", down.overdue)
    missed = _family("takedown_oldest_deadline_timestamp_seconds", "The earliest deadline that was missed")
    if down.oldest_deadline is not None:
        missed.add_metric([], down.oldest_deadline.timestamp())
    yield missed
    requests = ((state, down.requests.get(state, 0)) for state in ("draft", "sent"))
    yield _labelled("takedown_requests", "Requests to platforms by state", "state", requests)
    box = figures.outbox_figures(connection)
    yield _gauge("outbox_depth", "Changes that the search index has not taken yet", box.depth)
    yield _gauge("outbox_oldest_sequence", "Number of the oldest of them, else of the next change", box.oldest)
    yield _gauge("outbox_newest_sequence", "Highest number given to a change so far", box.newest)
    since = _family("outbox_oldest_timestamp_seconds", "Since when the oldest of them waits; absent where none does")
    if box.oldest_at is not None:
        since.add_metric([], box.oldest_at.timestamp())
    yield since


def registry(office: Office) -> CollectorRegistry:
    """A registry that holds an office's figures and nothing of this process."""
    found = CollectorRegistry(auto_describe=False)
    found.register(OfficeMetrics(office))
    return found


def exposition(office: Office) -> bytes:
    """All figures in Prometheus' text format."""
    return generate_latest(registry(office))


def samples(office: Office) -> list[dict[str, Any]]:
    """All figures as rows: metric, labels, value."""
    return [
        {"metric": sample.name, "labels": sample.labels, "value": sample.value}
        for family in registry(office).collect()
        for sample in family.samples
    ]
