"""A patrol that was killed is continued: what it archived is taken over, and nothing of it is fetched again."""

from __future__ import annotations

from adwatch.app.office import Office
from adwatch.archive import captures_in_file, file_name
from adwatch.http import ArchiveReplay
from adwatch.store.captures import captures_of_run, store_capture
from adwatch.store.runs import Run, last_offset
from collectors.spec import PlatformSpec

_OF_A_PATROL = ("robots", "probe", "list", "detail", "resource", "page", "screenshot")
"""Roles of captures that belong to a patrol's run; checks of takedowns do not."""


def adopt(office: Office, spec: PlatformSpec, day: str, run: Run) -> int:
    """Store the rows of captures that a dead process archived but did not come to store; how many."""
    prefix = file_name(spec.name, "").removesuffix(".warc.gz")
    adopted = 0
    for name in office.shelf.names(day):
        if not name.startswith(f"{day}/{prefix}"):
            continue
        start = last_offset(office.engine, name)
        for capture in captures_in_file(office.shelf, name, office.log.warning, start):
            ours = capture.platform == spec.name and capture.role in _OF_A_PATROL
            if ours and capture.offset > start - (start == 0) and capture.fetched_at >= run.started_at:
                store_capture(office.engine, capture, spec.kind, run.id)
                adopted += 1
    return adopted


def replay_of(office: Office, run: Run) -> ArchiveReplay | None:
    """What a continued run need not ask for; None for a new one."""
    if not run.resumed:
        return None
    return ArchiveReplay(office.shelf, captures_of_run(office.engine, run.id))
