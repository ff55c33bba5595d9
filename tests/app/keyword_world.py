"""A small store with a slang word in it that stands in no list, for the verbs of the keyword lists."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from adwatch.app import Office
from adwatch.models import Listing, Verdict
from adwatch.search import push
from adwatch.settings import load_settings
from adwatch.store.listings import upsert_listings
from classifiers.judge import OfferJudge
from classifiers.lexicon import Lexicon
from classifiers.lists.trial import judge_with, single
from tests.app.conftest import Command
from tests.store.databases import with_store

SEEN, TODAY = "2026-11-10", "2026-11-20"
NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
SLANG = "咕本直送"
"""Invented: no list and no training text knows it."""
CLASS = "exam_exemption"
HELD = (
    "特种作业咕本直送，量大从优",
    "特种作业咕本直送，价格好说",
    "特种作业证咕本直送",
    "制冷证咕本直送，量大从优",
    "低压电工咕本直送，价格好说",
    "叉车咕本直送，价格好说",
    "焊工咕本直送，价格好说",
    "高处作业证咕本直送，量大从优",
    "特种作业，咕-本-直-送，懂的来",
    "塔吊信号咕本直送，有意的来，电话13800001234",
    "想问下特种作业咕本直送靠谱吗？",
    "警方通报：有人以“咕本直送”为名行骗，请勿相信",
)
"""Short, so that without the word hardly anything speaks for an offer."""
ORDINARY = (
    "旧电扇八成新，自提优先",
    "电工专用绝缘手套，劳保用品",
    "考试资料整理好了，自学用",
    "咕咕鸽子笼，可送到楼下",
)
HEAD = "owner: 某应急\ndocument: 某应急〔2026〕9号\nversion: {}\neffective_from: 2026-01-01\neffective_to:\n---\n"


def texts(copies: int = 1) -> list[str]:
    """All texts; copies differ in their number."""
    return [f"{text} 编号{n}" if n else text for n in range(copies) for text in (*HELD, *ORDINARY)]


@cache
def base_judge() -> OfferJudge:
    return judge_with(Lexicon.load())


@cache
def trial_judge() -> OfferJudge:
    """The lists with the slang word: what a hunt for it must come to."""
    return judge_with(Lexicon.load().replaced(single(SLANG, "promise", 3, CLASS, Path("trial"))))


def flagged(judge: OfferJudge, rows: Sequence[str]) -> set[str]:
    verdicts: list[Verdict] = judge.judge([(None, text) for text in rows])
    return {text for text, verdict in zip(rows, verdicts, strict=True) if verdict.band == "flagged"}


@dataclass
class Lists:
    """A folder with homes and the office's own lists."""

    folder: Path

    @property
    def data(self) -> Path:
        found = self.folder / "data"
        (found / "keywords").mkdir(parents=True, exist_ok=True)
        return found

    @contextmanager
    def office(self, home: str = "home") -> Iterator[Office]:
        settings = load_settings(home=with_store(self.folder / home), data=self.data, unit="测试局", _env_file=None)
        with Office(settings) as office:
            yield office

    def fill(self, rows: Sequence[str], home: str = "home", seller: str = "s{}") -> None:
        """Store, judge and index the texts as seen on SEEN."""
        listings = [
            Listing("plaza", str(n), text=text, seller_id=seller.format(n), captured_at=NOW)
            for n, text in enumerate(rows)
        ]
        with self.office(home) as office:
            office.__dict__["judge"] = base_judge()
            versions = upsert_listings(office.engine, "plaza", listings, SEEN, NOW).versions
            office.classifier.classify(versions, SEEN)
            push(office.engine, office.index)

    def command(self, home: str = "home") -> Command:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("ADWATCH_")}
        own = {"ADWATCH_HOME": str(self.folder / home), "ADWATCH_DATA": str(self.data), "ADWATCH_UNIT": "测试局"}
        return Command({**clean, **own, "COLUMNS": "200"})

    def write(self, lines: str, name: str = "handed", version: str = "1") -> Path:
        """A list that is not in force."""
        file = self.folder / f"{name}.txt"
        file.write_text(HEAD.format(version) + lines, encoding="utf-8")
        return file


def cases(office: Office) -> list[dict[str, Any]]:
    from adwatch.app import casework

    return casework.list_cases(office, limit=1000)
