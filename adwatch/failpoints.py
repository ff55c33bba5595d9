"""Named points where a test may have the process killed: SIGKILL, as a power cut would.

``ADWATCH_FAILPOINT=name`` kills at the first passage, ``name@3`` at the third.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

FAILPOINTS = (
    "run.after_start",
    "collect.before_request",
    "archive.before_record",
    "archive.half_record",
    "archive.after_record",
    "capture.before_commit",
    "capture.after_commit",
    "extract.before_commit",
    "extract.after_commit",
    "looks.before_commit",
    "vanished.before_commit",
    "classify.before_commit",
    "classify.after_commit",
    "relisting.before_commit",
    "relisting.after_commit",
    "verify.before_commit",
    "verify.after_commit",
    "life_lines.before_commit",
    "life_lines.after_commit",
    "retrohunt.after_batch",
    "reclassify.after_batch",
    "index.before_commit",
    "index.before_ack",
    "rebuild.after_put",
    "rebuild.after_batch",
    "rebuild.before_switch",
    "rebuild.after_switch",
    "upload.begun",
    "upload.part",
    "upload.parts",
    "upload.sent",
    "upload.proven",
    "upload.removed",
    "run.before_end",
    "export.before_rename",
    "attachment.before_rename",
    "package.before_rename",
    "retention.before_delete",
    "retention.after_delete",
    "audit.before_commit",
    "audit.after_commit",
    "link.before_commit",
    "link.after_commit",
    "subject.before_forget",
    "subject.after_forget",
    "subject.before_settle",
    "subject.after_settle",
    "lease.before_commit",
    "lease.after_commit",
    "mail.before_send",
    "mail.after_send",
    "picture.fetched",
    "picture.before_commit",
    "picture.after_commit",
    "picture.version_done",
    "page.before_fetch",
    "page.rendered",
    "page.before_commit",
    "page.after_commit",
    "report.before_commit",
    "report.after_commit",
    "differing.before_commit",
)
"""Every failpoint there is; a test kills a patrol at each."""

_passed: Counter[str] = Counter()


def armed(name: str) -> bool:
    """Whether this process was told to die here, at some passage."""
    return os.environ.get("ADWATCH_FAILPOINT", "").partition("@")[0] == name


def failpoint(name: str) -> None:
    """Kill this process if it was told to die here."""
    wanted = os.environ.get("ADWATCH_FAILPOINT")
    if not wanted:
        return
    wanted_name, _, count = wanted.partition("@")
    if wanted_name != name:
        return
    _passed[name] += 1
    if _passed[name] >= int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
