"""Classify: versions without a verdict of the current classifier get one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine

from adwatch.models import StageReport
from adwatch.ports import Clock, Judge, Progress
from adwatch.store.listings import StoredVersion
from adwatch.store.verdicts import backlog, classifier_id, mark_classified, save_verdicts

BATCH = 2000


@dataclass(slots=True)
class Classifier:
    """A judge with its row in the store."""

    engine: Engine
    judge: Judge
    clock: Clock
    counts: Counter[str] = field(default_factory=Counter)
    """flagged | review | clear | opened | reopened."""
    id: int = field(init=False)

    def __post_init__(self) -> None:
        self.id = classifier_id(self.engine, self.judge.version, self.judge.keyword_versions)

    def classify(self, versions: Sequence[StoredVersion], day: str) -> None:
        """Judge stored versions and store what is thought of them (T3)."""
        if not versions:
            return
        verdicts = self.judge.judge([(version.title, version.text) for version in versions])
        saved = save_verdicts(self.engine, self.id, versions, verdicts, day, self.clock.now())
        self.counts.update(verdict.band for verdict in verdicts)
        self.counts["opened"] += saved.opened
        self.counts["reopened"] += saved.reopened


def classify_backlog(classifier: Classifier, day: str, progress: Progress | None = None) -> StageReport:
    """Classify until nothing is left; ``day`` is the day of the work, by which first flags are counted."""
    report = StageReport("classify")
    while versions := backlog(classifier.engine, classifier.id, BATCH):
        classifier.classify(versions, day)
        report.kept += len(versions)
        if progress:
            progress(len(versions))
    mark_classified(classifier.engine, classifier.id)
    return report
