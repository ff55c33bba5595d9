"""A store of two platforms over two months, judged before a word was known; then its list comes into force."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adwatch.app import Office
from adwatch.models import Listing
from adwatch.search import push
from adwatch.settings import load_settings
from adwatch.store.listings import upsert_listings
from tests.app.conftest import Command
from tests.app.keyword_world import CLASS, SLANG, Lists, base_judge, flagged, texts, trial_judge

DAYS = ("2026-10-10", "2026-11-10")
PLATFORMS = ("plaza", "forum")
NAMES = [f"{platform} {day[:7]}" for day in DAYS for platform in sorted(PLATFORMS)]
TODAY = "2026-11-20"


def bodies(platform: str, copies: int = 1) -> list[str]:
    """The texts as they stand on a platform, in each of DAYS the same."""
    return [f"{text} {platform}" for text in texts(copies)]


def found_by_the_word() -> int:
    """How many listings the word alone has flagged, over all platforms and days."""
    rows = [body for platform in PLATFORMS for body in bodies(platform)]
    return len(DAYS) * len(flagged(trial_judge(), rows) - flagged(base_judge(), rows))


@dataclass
class Months(Lists):
    """Homes on one data folder, the store in a database that may be given."""

    url: str = ""

    @contextmanager
    def office(self, home: str = "home") -> Iterator[Office]:
        settings = load_settings(
            home=self.folder / home, data=self.data, unit="测试局", database_url=self.url, _env_file=None
        )
        with Office(settings) as office:
            yield office

    def fill_months(self, copies: int = 1) -> None:
        """Judged and indexed without the word."""
        with self.office() as office:
            office.__dict__["judge"] = base_judge()
            for day in DAYS:
                now = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
                for platform in PLATFORMS:
                    items = [
                        Listing(platform, f"{day} {n}", text=body, seller_id=f"s{n}", captured_at=now)
                        for n, body in enumerate(bodies(platform, copies))
                    ]
                    office.classifier.classify(upsert_listings(office.engine, platform, items, day, now).versions, day)
            push(office.engine, office.index)

    def learn(self) -> None:
        """The word's list is in force from now on."""
        file = self.write(f"promise 3 {SLANG} as={CLASS}\n")
        shutil.copy(file, self.data / "keywords" / file.name)

    def command(self, home: str = "home") -> Command:
        made = super().command(home)
        return Command({**made.environment, "ADWATCH_DATABASE_URL": self.url} if self.url else made.environment)


def months(folder: Path, url: str = "", copies: int = 1) -> Months:
    """A filled world."""
    made = Months(folder, url)
    made.fill_months(copies)
    return made
