"""Histories of an office's casework on takedowns, in an order that chance gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_replies as replies
from adwatch.casework.life_lines import bring_up_to_date
from adwatch.casework.takedown import mark_sent
from adwatch.casework.takedown_steps import Desk
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import removals
from adwatch.store import schema as s
from adwatch.store import takedown_papers as papers
from adwatch.store.engine import reading, writing
from adwatch.store.filters import Filters
from tests.casework.office import ZONE, decide, draft
from tests.casework.paperwork import WANG, desk
from tests.casework.reviewing import ZHANG, undone
from tests.casework.test_verification import look
from tests.store.world import World, listing, verdict

LIMITS = (
    None,
    Filters(),
    Filters(only_regions=("山西运城",)),
    Filters(only_families=("construction",)),
    Filters(only_regions=("山西", "某省"), only_families=("construction", "electric")),
)
REGIONS = (None, "山西运城盐湖区", "山西太原", "某省某市", "")
FAMILIES = ((), ("construction",), ("electric",), ("construction", "special_operations"))


@contextmanager
def refusable() -> Iterator[None]:
    """An act that may be refused as things stand, in words."""
    try:
        yield
    except UsageError as error:
        assert "函" in str(error) or "不能撤销" in str(error)


class History:
    """An office's work in an order that chance gives; every act that writes a moment, a region or a family."""

    def __init__(self, world: World, folder: Path, seed: int) -> None:
        self.world, self.folder, self.chance = world, folder, random.Random(seed)
        self.names: list[str] = []
        self.cases: dict[str, int] = {}

    def flag(self) -> None:
        """A new listing, somewhere."""
        name = f"n{len(self.names)}"
        platform = self.chance.choice(["plaza", "bazaar"])
        item = listing(name, platform=platform, seller_region=self.chance.choice(REGIONS), seller_id=name)
        found = verdict(item, certificate_kinds=self.chance.choice(FAMILIES))
        self.cases[name] = self.world.flag(item, found)
        self.names.append(name)

    def say_otherwise(self) -> None:
        """A listing has other words, another region, other families."""
        if self.names:
            with reading(self.world.engine) as connection:
                name = self.chance.choice(self.names)
                item = s.listing.c
                query = select(s.platform.c.name).join(s.listing, item.platform_id == s.platform.c.id)
                platform = str(connection.scalar(query.where(item.native_id == name)))
            words = f"电工证包过 {self.world.now}"
            fresh = listing(name, words, platform, seller_region=self.chance.choice(REGIONS), seller_id=name)
            self.world.flag(fresh, verdict(fresh, certificate_kinds=self.chance.choice(FAMILIES)))

    def find(self) -> None:
        """Find cases to be one or the other, some that are asked for already too."""
        for case in self.chance.sample(sorted(self.cases.values()), min(3, len(self.cases))):
            decide(self.world, case, self.chance.choice(["confirm", "confirm", "confirm", "dismiss", "exclude"]))

    def take_back(self) -> None:
        """Take a finding back, where that may be."""
        for case in sorted(self.cases.values())[-1:]:
            with refusable():
                undone(self.world, case, ZHANG, minutes=1e6)

    def ask(self) -> None:
        """Draft what is confirmed; some of it is sent."""
        for row in draft(self.world, self.folder):
            if self.chance.random() < 0.8:
                self.send(str(row["number"]))

    def send(self, number: str) -> None:
        """Send one."""
        mark_sent(self.world.engine, [number], "张三", self.world.now, zone=ZONE)

    def answer(self) -> None:
        """A platform answers, perhaps of a time before another answer."""
        for row in self.world.rows(s.takedown, state="sent")[:1]:
            at = row["sent_at"] + timedelta(hours=self.chance.randrange(50))
            said: dict[str, Any] = {"kind": "acknowledged", "reason": "", "at": at, "recorded_at": self.world.now}
            with writing(self.world.engine) as connection:
                papers.add_reply(connection, row["id"], Actor("王", "局"), listings=None, **said)

    def settle(self) -> None:
        """A platform handles one listing of a request, or all."""
        for row in self.world.rows(s.takedown_letter, step="sent")[-1:]:
            whole = self.chance.random() < 0.3
            with refusable():
                replies.reply(self.desk, row["number"], "accepted", WANG, listings=[] if whole else ["1"])

    def write(self) -> None:
        """A letter about a request: its reminder, or what takes some of it back; perhaps it is sent."""
        for row in self.world.rows(s.takedown, state="sent")[-2:]:
            with refusable():
                if self.chance.random() < 0.5:
                    self._sent(letters.remind(self.desk, row["number"], WANG))
                else:
                    self._sent(letters.withdraw(self.desk, row["number"], WANG, ["1"], "有误"))

    def _sent(self, number: str) -> None:
        if self.chance.random() < 0.6:
            self.send(number)

    @property
    def desk(self) -> Desk:
        """The office's, now."""
        return desk(self.world, self.folder)

    def look(self) -> None:
        """Look at all that is asked for."""
        words = {name: self.chance.choice(["gone", "gone", "gone", "up", "unknown", "moved"]) for name in self.names}
        look(self.world, words, everything=True)

    def be_back(self) -> None:
        """Something removed is back elsewhere."""
        with writing(self.world.engine) as connection:
            for row in self.world.rows(s.removal)[:4]:
                keys = (row["takedown_id"], row["listing_id"])
                day = self.world.now.astimezone(ZONE).date().isoformat()
                removals.relisted(connection, *keys, self.world.now, day, "seller")

    def refresh(self) -> None:
        """Make some, or all, anew."""
        bring_up_to_date(self.world.engine, ZONE, self.chance.choice([1, None]))

    def go_on(self) -> None:
        """One act, later."""
        self.world.tick(hours=self.chance.choice([0.3, 5, 30, 200]))
        acts: list[Callable[[], None]] = [
            *(self.flag, self.flag, self.find, self.ask, self.look, self.look, self.answer),
            *(self.say_otherwise, self.take_back, self.be_back, self.refresh, self.settle, self.write),
        ]
        self.chance.choice(acts)()
