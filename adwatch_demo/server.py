"""All sites of the demo in one process, a port each on loopback, as they stand on one simulated day.

It knows nothing of the patrol; the truth about what it serves lies beside it and is not served.

Run: ``python -m adwatch_demo.server --port 8790 --day 1``. The sites take this port and the next ones, port 0 takes
free ones. Prints their addresses on one line, in the order of ``adwatch_demo.SERVED``.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date

from adwatch_demo import SERVED
from adwatch_demo.forum import Forum
from adwatch_demo.market import Market
from adwatch_demo.moody import Moody
from adwatch_demo.school import School
from adwatch_demo.serving import Site, SiteServer
from adwatch_demo.shop import Shop
from adwatch_demo.world import FIRST_DATE, Row, standing


def make_site(name: str, day: int, first: date = FIRST_DATE) -> Site:
    """A site by name on a simulated day; ``first`` is the date of the first one."""
    sites: dict[str, type[Shop | Market | Forum | School | Moody]] = {
        "shop": Shop,
        "market": Market,
        "forum": Forum,
        "school": School,
        "moody": Moody,
    }
    return sites[name](day, first)


def goods_on(day: int) -> list[Row]:
    """Goods that stand in the shop on a simulated day, newest first."""
    return standing("shop", day)


class ShopServer(SiteServer):
    """The shop alone."""

    def __init__(self, port: int, day: int, verbose: bool = False) -> None:
        self.shop = Shop(day)
        super().__init__(self.shop, port, verbose)

    @property
    def goods(self) -> list[Row]:
        """What stands in it; may be replaced while it is served."""
        return self.shop.goods

    @goods.setter
    def goods(self, goods: list[Row]) -> None:
        self.shop.goods = goods


@contextmanager
def serve_world(
    port: int, day: int, verbose: bool = False, first: date = FIRST_DATE
) -> Iterator[dict[str, SiteServer]]:
    """Servers by name of site, answering until the block is left; OSError where a port is taken."""
    with ExitStack() as stack:
        servers: dict[str, SiteServer] = {}
        for number, name in enumerate(SERVED):
            server = SiteServer(make_site(name, day, first), port + number if port else 0, verbose)
            servers[name] = stack.enter_context(server)
        for server in servers.values():
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield servers


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--day", type=int, default=1)
    parser.add_argument("--first", type=date.fromisoformat, default=FIRST_DATE, help="date of the first simulated day")
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    with serve_world(given.port, given.day, given.verbose, given.first) as servers:
        sys.stdout.write(" ".join(server.url for server in servers.values()) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
