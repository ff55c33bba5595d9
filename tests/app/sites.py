"""Sites for patrols of the command: the demo shop's pages with goods of the test's own, every request remembered."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adwatch_demo.server import Shop, ShopServer
from tests.app.conftest import SHOP

DAYS = ("2026-11-18", "2026-11-19", "2026-11-20")


@dataclass
class Asked:
    """One request."""

    path: str
    at: float


class LoggedShop(ShopServer):
    """A shop that remembers what it was asked for; ``broken`` answers stand in for pages by path."""

    def __init__(self, goods: list[dict[str, Any]]) -> None:
        super().__init__(0, 1)
        self.RequestHandlerClass = _Logged
        self.goods = goods
        self.asked: list[Asked] = []
        self.broken: dict[str, tuple[int, str]] = {}

    def paths(self, since: int = 0) -> list[str]:
        """Paths asked for from the n-th request on, robots.txt too."""
        return [one.path for one in self.asked[since:]]

    def twice(self) -> dict[str, int]:
        """Paths asked for more than once."""
        return {path: count for path, count in Counter(self.paths()).items() if count > 1}


class _Logged(Shop):
    server: LoggedShop

    def do_GET(self) -> None:
        self.server.asked.append(Asked(self.path, time.time()))
        broken = self.server.broken.get(self.path.partition("?")[0])
        if broken is not None:
            self._answer(*broken)
        else:
            super().do_GET()


def good(number: int, text: str = "正品手套，耐磨防滑，支持批发", **more: Any) -> dict[str, Any]:
    """An ordinary thing for sale."""
    return {
        "id": f"g{number:04}",
        "title": f"劳保手套 {number} 号",
        "text": f"{text}，货号{number}",
        "price": "9.90",
        "seller_id": "s1",
        "seller_name": "小店",
        "seller_region": "浙江杭州",
        "sales": None,
        "posted_at": "2026-11-17T10:00:00+08:00",
        **more,
    }


def offer(number: int) -> dict[str, Any]:
    """One that any keyword list flags."""
    return good(number, "低压电工证包过，免考直接拿证，不过退款，加微信 abc13800138000")


@contextmanager
def serving(goods: list[dict[str, Any]]) -> Iterator[LoggedShop]:
    """The shop, on a thread."""
    with LoggedShop(goods) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass
class Platforms:
    """A data folder with platform files made of the demo shop's."""

    folder: Path
    names: list[str] = field(default_factory=list)

    def write(self, name: str = "demo_shop", search: bool = False, **changes: str) -> Path:
        """The demo shop's file under a name, without its search, with lines put at its end or in the place of others."""
        lines = SHOP.read_text(encoding="utf-8").replace("name: demo_shop", f"name: {name}").splitlines()
        kept = [line for line in lines if search or "search:" not in line]
        text = "\n".join(kept).replace("per_second: 100", "per_second: 200").replace("  fewest: 20", "  fewest: 1")
        for old, new in changes.items():
            text = text.replace(f"{old}:", f"{new}", 1) if f"{old}:" in text else f"{text}\n{old}: {new}"
        path = self.folder / "platforms" / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
        self.names.append(name)
        return path
