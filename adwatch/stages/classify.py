"""Classify: versions without a verdict of the current classifier get one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine

from adwatch.models import StageReport
from adwatch.ports import Clock, Judge, Progress
from adwatch.stages.pictures import with_pictures
from adwatch.store.claims import claimed_backlog
from adwatch.store.engine import reading
from adwatch.store.listings import StoredVersion
from adwatch.store.picture_rows import picture_texts
from adwatch.store.sites import verdicts_of_sites
from adwatch.store.verdicts import classifier_id, mark_classified, save_verdicts

BATCH = 2000


@dataclass(slots=True)
class Classifier:
    """A judge with its row in the store."""

    engine: Engine
    judge: Judge
    clock: Clock
    counts: Counter[str] = field(default_factory=Counter)
    """flagged | review | clear | opened | reopened."""
    judge_on: Callable[[str], Judge] | None = None
    """Gives the judge with the keyword lists in force on a day; without it the judge serves every day."""
    id: int = field(init=False)

    def __post_init__(self) -> None:
        self.id = classifier_id(self.engine, self.judge.version, self.judge.keyword_versions)

    def on(self, day: str) -> Classifier:
        """This classifier with the lists in force on a day; the counts are shared."""
        judge = self.judge_on(day) if self.judge_on else self.judge
        return self if judge is self.judge else Classifier(self.engine, judge, self.clock, self.counts)

    def classify(
        self, versions: Sequence[StoredVersion], day: str, found_by: str = "backlog", again: bool = False
    ) -> None:
        """Judge stored versions with the lists of the day and store what is thought of them and of what was read of
        their pictures (T3); ``again`` where more was read since.
        """
        if not versions:
            return
        if self.judge_on is not None and (chosen := self.on(day)) is not self:
            chosen.classify(versions, day, found_by, again)
            return
        with reading(self.engine) as connection:
            sites = verdicts_of_sites(connection, versions)
            texts = picture_texts(connection, [version.id for version in versions])
        judged = self.judge.judge([(version.title, version.text) for version in versions])
        judged = with_pictures(self.judge, versions, judged, texts)
        verdicts = [sites.get(version.id, verdict) for version, verdict in zip(versions, judged, strict=True)]
        saved = save_verdicts(self.engine, self.id, versions, verdicts, day, self.clock.now(), found_by, again)
        self.counts.update(verdict.band for verdict in verdicts)
        self.counts["opened"] += saved.opened
        self.counts["reopened"] += saved.reopened


def classify_backlog(classifier: Classifier, day: str, progress: Progress | None = None) -> StageReport:
    """Classify until nothing is left that no other worker has claimed; by ``day``, that of the work, first flags are
    counted.
    """
    report = StageReport("classify")
    classifier = classifier.on(day)
    while True:
        with claimed_backlog(classifier.engine, classifier.id, BATCH) as versions:
            classifier.classify(versions, day)
        if not versions:
            break
        report.kept += len(versions)
        if progress:
            progress(len(versions))
    mark_classified(classifier.engine, classifier.id)
    return report
