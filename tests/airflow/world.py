"""Forty small shops for a patrol: the demo's shop multiplied, each with goods and a server of its own, and a gate.

The gate holds one request of each shop back, so that a test knows what was under way when it killed something.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adwatch_demo.serving import Answer, Asked, SiteServer
from adwatch_demo.shop import Shop
from adwatch_demo.world import standing
from tests.threads import on_a_thread

SHOPS = 40
GOODS = 8
"""Goods of a shop."""
HELD = 4
"""The good whose page the gate holds back, as a shop counts them."""
PATIENCE = 240.0
"""Seconds after which a request that is held back is answered anyway."""

PLATFORM = """\
name: {name}
label: {label}
kind: html
base_url: {url}
allow_hosts: ["{url}"]
access: public_page
basis: 测试，全部虚构
rate: {{per_second: {rate}, agreed: 测试}}
lists:
  - latest: /market?page={{page}}
paging: {{by: next_link, next: a.next, max_pages: 100}}
items:
  select: ul.goods > li.good
  link: a.good-link
  no_results: {{words: [没有找到相关宝贝]}}
  fields: {{title: a.good-link, price: span.price}}
detail:
  root: article.item
  fields:
    native_id: {{attr: data-id}}
    title: h1.item-title
    text: div.item-text
    price: span.price
    seller_id: {{select: a.shop, attr: data-shop-id}}
    seller_name: a.shop
    posted_at: {{select: time, attr: datetime}}
gone: {{words: [该宝贝已下架]}}
"""


@dataclass
class Gate:
    """Open but when a test closes it."""

    passing: threading.Event = field(default_factory=threading.Event)
    waiting: set[str] = field(default_factory=set)
    """Shops of which a request is held back or was."""

    def __post_init__(self) -> None:
        self.passing.set()

    def close(self) -> None:
        """From now on one request of each shop is held back."""
        self.waiting.clear()
        self.passing.clear()

    def open(self) -> None:
        """Nobody waits any more."""
        self.passing.set()


@dataclass
class SmallShop:
    """A shop with a few of the demo's goods that remembers when it was asked for what, and how much at once."""

    name: str
    shop: Shop
    gate: Gate
    slow: float = 0.0
    """Seconds that each answer takes."""
    asked: list[tuple[float, str]] = field(default_factory=list)
    """(seconds, path) of each request, in order of arrival."""
    under_way: int = 0
    at_once: int = 0
    """Most requests that were under way at the same time."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def held(self) -> str:
        """Path that the gate holds back."""
        return f"/item/{self.shop.goods[HELD]['id']}"

    def answer(self, asked: Asked) -> Answer:
        """As the demo's shop does."""
        with self.lock:
            self.asked.append((time.monotonic(), asked.path))
            self.under_way += 1
            self.at_once = max(self.at_once, self.under_way)
        try:
            if asked.path == self.held and not self.gate.passing.is_set():
                self.gate.waiting.add(self.name)
                self.gate.passing.wait(PATIENCE)
            if self.slow:
                time.sleep(self.slow)
            return self.shop.answer(asked)
        finally:
            with self.lock:
                self.under_way -= 1

    def twice(self) -> dict[str, int]:
        """Paths that were asked for more than once."""
        return {path: count for path, count in Counter(path for _, path in self.asked).items() if count > 1}


@dataclass
class World:
    """All shops as they are served, and their platform files."""

    data: Path
    gate: Gate
    shops: dict[str, SmallShop]
    servers: dict[str, SiteServer]

    def forget(self) -> None:
        """A new patrol is asked about."""
        for shop in self.shops.values():
            shop.asked.clear()
            shop.at_once = 0

    def twice(self) -> dict[str, dict[str, int]]:
        """What was asked for more than once, by shop."""
        return {name: twice for name, shop in self.shops.items() if (twice := shop.twice())}


def small_shop(number: int, gate: Gate) -> SmallShop:
    """A shop with some of the goods; those of two neighbours overlap, as the same seller stands on several sites."""
    goods = standing("shop", 1)
    shop = Shop(1)
    shop.goods = [goods[(5 * number + n) % len(goods)] for n in range(GOODS)]
    return SmallShop(f"small_{number:02}", shop, gate)


def write_platform(data: Path, name: str, url: str, rate: float) -> None:
    """A platform file of the office's own."""
    folder = data / "platforms"
    folder.mkdir(parents=True, exist_ok=True)
    text = PLATFORM.format(name=name, label=f"小店 {name}", url=url, rate=rate)
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")


@contextmanager
def served(data: Path, count: int = SHOPS) -> Iterator[World]:
    """Shops served on free ports until the block is left, and a platform file for each."""
    gate = Gate()
    with ExitStack() as stack:
        stack.callback(gate.open)
        world = World(data, gate, {}, {})
        for number in range(count):
            shop = small_shop(number, gate)
            server = stack.enter_context(on_a_thread(SiteServer(shop), poll=0.1))
            world.shops[shop.name], world.servers[shop.name] = shop, server
            write_platform(data, shop.name, server.url, 50)
        yield world


@contextmanager
def only(world: World, shop: SmallShop, names: Iterable[str], rate: float) -> Iterator[None]:
    """Meanwhile the office knows these platforms only, all of them on the host of one shop."""
    aside = world.data.rename(world.data.with_name("aside"))
    with on_a_thread(SiteServer(shop), poll=0.1) as server:
        for name in names:
            write_platform(world.data, name, server.url, rate)
        try:
            yield
        finally:
            shutil.rmtree(world.data)
            aside.rename(world.data)
