"""The daily patrol as verbs and tasks call it: collect, archive, extract, classify, index, platform by platform."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from adwatch.app.extract import extract_captures
from adwatch.app.ingest import ingest_folder
from adwatch.app.office import Office
from adwatch.app.results import PlatformResult
from adwatch.app.rows import flagged_on, lock_name
from adwatch.errors import AdWatchError, StageError, UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Capture
from adwatch.search import push
from adwatch.stages.classify import classify_backlog
from adwatch.store.captures import captures_of_run, end_run, runs_of_day, start_run
from adwatch.store.locks import run_lock
from collectors.registry import enabled_platforms
from collectors.source import make_source
from collectors.spec import PlatformSpec


def platform_names(office: Office, wanted: Sequence[str] | None = None) -> list[str]:
    """Enabled platforms by name, or those wanted; an unknown or disabled one is a usage error."""
    enabled = enabled_platforms(office.settings, office.platforms)
    for name in wanted or ():
        if name not in enabled:
            known = ", ".join(enabled) or "none"
            raise UsageError(f"--platform {name}: not an enabled platform; enabled: {known} (adwatch platforms list)")
    return list(wanted or enabled)


def platform_rows(office: Office) -> list[dict[str, Any]]:
    """Every platform file with what it is."""
    enabled = enabled_platforms(office.settings, office.platforms)
    return [
        {
            "name": name,
            "label": spec.label,
            "kind": spec.kind,
            "access": spec.access,
            "base_url": spec.base_url,
            "enabled": name in enabled,
            "template": spec.is_template,
        }
        for name, spec in office.platforms.items()
    ]


def patrol(office: Office, day: str, names: Sequence[str]) -> Iterator[PlatformResult]:
    """Patrol platforms one after another; a failed one stops no other. All locks are taken first."""
    with ExitStack() as locks:
        for name in names:
            locks.enter_context(run_lock(office.home, lock_name(name)))
        for name in names:
            yield _patrol(office, day, office.platforms[name])


def patrol_platform(office: Office, day: str, name: str) -> PlatformResult:
    """Patrol one platform, as a task of its own."""
    platform_names(office, [name])
    with run_lock(office.home, lock_name(name)):
        return _patrol(office, day, office.platforms[name])


def _patrol(office: Office, day: str, spec: PlatformSpec) -> PlatformResult:
    result = PlatformResult(spec.name, day)
    started = time.monotonic()
    run_id = start_run(office.engine, "patrol", day, spec.name, spec.kind, office.clock.now())
    try:
        if spec.kind == "handover":
            ingest_folder(office, spec, day, run_id, result)
        else:
            _collect(office, day, spec, run_id, result)
            extract_captures(office, spec, captures_of_run(office.engine, run_id), day, result)
        classify_backlog(office.classifier, day)
        push(office.engine, office.index)
    except AdWatchError as error:
        result.add(getattr(error, "outcome", "error"), str(error))
    except Exception as error:
        office.log.exception("platform failed", platform=spec.name)
        result.add("error", f"{type(error).__name__}: {error}; this is a defect, please report it")
    result.flagged = flagged_on(office.engine, spec.name, day)
    result.seconds = time.monotonic() - started
    failpoint("run.before_end")
    end_run(office.engine, run_id, result.outcome, result.as_dict(), office.clock.now())
    return result


def _collect(office: Office, day: str, spec: PlatformSpec, run_id: int, result: PlatformResult) -> None:
    source = make_source(spec, office.tools)
    try:
        for item in source.collect(day, office.search_terms(day), partial(office.keep, spec.kind, run_id)):
            if isinstance(item, Capture):
                result.pages += 1
            else:
                result.add(item.outcome, f"{item.outcome}: {item.url}: {item.message}")
    finally:
        source.close()


def day_rows(office: Office, day: str) -> list[dict[str, Any]]:
    """The newest result of each platform on a day."""
    newest: dict[str, dict[str, Any]] = {}
    for run in runs_of_day(office.engine, day):
        if run["kind"] == "patrol" and run["outcome"] is not None:
            newest[run["platform"]] = run["counts"]
    return [newest[name] for name in sorted(newest)]


def summary(office: Office, day: str) -> str:
    """The day in Markdown; a StageError when a platform has no result or ended in error: the run fails visibly."""
    rows = day_rows(office, day)
    have = {row["platform"] for row in rows}
    missing = [name for name in platform_names(office) if name not in have]
    columns = ("platform", "outcome", "seen", "new", "changed", "flagged", "seconds")
    lines = [f"# {day}", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    lines += ["| " + " | ".join(str(row[name]) for name in columns) + " |" for row in rows]
    failed = [row["platform"] for row in rows if row["outcome"] == "error"]
    if missing or failed:
        raise StageError(f"{day}: no result of {missing or 'none'}, error on {failed or 'none'}")
    return "\n".join(lines)
