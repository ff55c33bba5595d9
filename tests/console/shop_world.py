"""An office that patrols the demo's shop on loopback, with its console, its people, and what its schedules do of a day.

A quarter of the shop stands as it does on a simulated day of the demo's world: what vanishes there is really taken away.
The offer of which the tests tell is put up on day 1, gone on day 4, and put up again under another number on day 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from adwatch.app import Office, schedule
from adwatch.casework import sign_in
from adwatch.settings import Settings
from adwatch_demo.server import ShopServer, goods_on
from adwatch_demo.world import FIRST_DATE
from tests.app.conftest import write_platform
from tests.conftest import FixedClock
from tests.console.site import UNIT, Site, running
from tests.threads import on_a_thread

OFFER, AGAIN = "p0003", "p0123"
"""Numbers of the offer, and of what its seller puts up after it was taken away."""
LAST_UP, GONE, BACK = 3, 4, 5
"""Simulated days: the last on which the offer stands, the first on which it does not, and that of the new one."""
PEOPLE = ("monitor", "reviewer", "head")
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class ShopWorld:
    """The office at work."""

    site: Site
    shop: ShopServer
    clock: FixedClock

    @property
    def office(self) -> Office:
        """Its store, to be asked what came of an act."""
        return self.site.office

    def at(self, number: int, hour: int, minute: int = 0) -> str:
        """Go to a time of a simulated day, in the office's zone; the day's date."""
        when = datetime.combine(FIRST_DATE + timedelta(days=number - 1), datetime.min.time(), ZONE)
        self.clock.time = when.replace(hour=hour, minute=minute)
        self.shop.goods = [
            row for row in goods_on(number) if row["id"] in (OFFER, AGAIN) or int(row["id"][1:]) % 4 == 0
        ]
        return when.date().isoformat()

    def patrol(self, number: int) -> dict[str, Any]:
        """The morning's patrol, as ``daily_patrol`` does it in a process of its own."""
        day = self.at(number, 9)
        with self._worker() as office:
            return schedule.patrol_platform(office, day, "demo_shop")

    def recheck(self, number: int) -> dict[str, int]:
        """What ``recheck_takedowns`` does at 14:40: how often each word was found."""
        day = self.at(number, 14, 40)
        with self._worker() as office:
            words: dict[str, int] = schedule.recheck(office, day)["words"]
            return words

    @contextmanager
    def _worker(self) -> Iterator[Office]:
        with Office(self.office.settings, self.clock) as office:
            yield office


@contextmanager
def shop_world(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[ShopWorld]:
    """The office before its first patrol; argon2 at its cheapest, so that a core is enough."""
    patch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    write_platform(folder)
    with on_a_thread(ShopServer(0, 1)) as shop:
        own: dict[str, Any] = {"home": folder / "home", "data": folder / "data", "demo": True, "demo_url": shop.url}
        settings, clock = Settings(unit=UNIT, _env_file=None, **own), FixedClock()
        with Office(settings, clock) as office, running(office) as site:
            world = ShopWorld(site, shop, clock)
            world.at(1, 8)
            for role in PEOPLE:
                site.account(role, role)
            yield world


def listed_in(content: bytes, lead_number: str) -> dict[str, str]:
    """The row of a lead in a weekly list (XLSX), by the headings that it has there."""
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    heads = next(row for row in rows if "线索编号" in row)
    found = [row for row in rows if lead_number in row]
    assert len(found) == 1, lead_number
    return {str(name): str(value) for name, value in zip(heads, found[0], strict=True)}
