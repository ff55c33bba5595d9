"""A second patrol of what is known: ``python -m bench.repatrol [--items 100000] [--changed 0.01]``: its requests.

A shop in memory (lists of fifty, a page an item; its answers are handed to the client without a network or a rate, as
only their number is asked for), patrolled through client, archive, store and extraction; then so many items have
another price, which the list shows, and it is patrolled on the next day. Exit 1 above 15 %.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from adwatch.app import Office
from adwatch.app.extract import extract_captures
from adwatch.app.results import PlatformResult
from adwatch.http import Reply
from adwatch.http.transport import Headers
from adwatch.settings import load_settings
from adwatch.store.captures import captures_of_run, end_run
from adwatch.store.looks import RevisitPlan, due, seen_since
from adwatch.store.runs import open_run
from collectors.plan import Plan
from collectors.source import make_source

PER_PAGE = 50
DAYS = ("2026-11-22", "2026-11-23")
AT_MOST = 0.15
PLATFORM = """\
name: shop
label: 集市
kind: html
base_url: https://shop.example
access: public_page
basis: 测速
lists: [{latest: "/list?page={page}"}]
paging: {by: next_link, max_pages: 10000}
items: {select: li, link: a, fields: {title: a, price: b}}
detail: {fields: {native_id: {select: article, attr: data-id}, title: h1, text: p, price: b}}
"""


class Shop:
    """A transport that is the shop."""

    def __init__(self, items: int) -> None:
        self.items = items
        self.asked: Counter[str] = Counter()
        self.changed: set[int] = set()

    def send(self, _method: str, url: str, _headers: Headers, _body: bytes) -> Reply:
        """One answer."""
        parts = urlsplit(url)
        kind = parts.path.split("/")[1]
        self.asked[kind] += 1
        if kind == "robots.txt":
            return Reply(404, "Not Found", (), b"")
        if kind == "i":
            number = int(parts.path.split("/")[2])
            price = self.price(number)
            text = f'<article data-id="g{number}"><h1>{_title(number)}</h1><b>{price}</b><p>九成新 {number}</p>'
        else:
            text = self.list_page(int(parse_qs(parts.query)["page"][0]))
        return Reply(200, "OK", (("Content-Type", "text/html; charset=utf-8"),), text.encode())

    def list_page(self, page: int) -> str:
        """Fifty items, and where it goes on."""
        numbers = range((page - 1) * PER_PAGE, min(page * PER_PAGE, self.items))
        rows = (f'<li><a href="/i/{n}">{_title(n)}</a><b>{self.price(n)}</b></li>' for n in numbers)
        more = f'<a rel="next" href="/list?page={page + 1}">下页</a>' if page * PER_PAGE < self.items else ""
        return f"<ul>{''.join(rows)}</ul>{more}"

    def price(self, number: int) -> str:
        """In yuan."""
        return f"{number % 900 + (2 if number in self.changed else 1)}.00"

    def close(self) -> None:
        """Nothing is open."""


class _AtOnce:
    """A limiter that lets everything pass."""

    def wait(self, _host: str, _interval: float) -> float:
        return 0.0

    def hold(self, _host: str, _seconds: float) -> None:
        return None


def _title(number: int) -> str:
    return f"旧物 {number} 号"


def patrol(office: Office, shop: Shop, day: str) -> PlatformResult:
    """One day: collected and extracted; what is classified and indexed asks nobody."""
    spec, result = office.platforms["shop"], PlatformResult("shop", day)
    shop.asked.clear()
    begun = time.perf_counter()
    run = open_run(office.engine, "patrol", day, spec.name, spec.kind, office.clock.now())
    revisits = RevisitPlan(spec.revisit.every_days, spec.revisit.flagged_days)
    plan = Plan(due=partial(due, office.engine, spec.name, day=day, plan=revisits))
    source = make_source(spec, replace(office.tools, limiter=_AtOnce()), shop, plan)
    events = [
        one for one in source.collect(day, [], partial(office.keep, spec.kind, run.id)) if hasattr(one, "outcome")
    ]
    assert not events, events[:3]
    extract_captures(office, spec, captures_of_run(office.engine, run.id), day, result)
    result.seen = seen_since(office.engine, spec.name, run.started_at, day).listings
    end_run(office.engine, run.id, "ok", {}, office.clock.now())
    requests = sum(shop.asked.values())
    said = ", ".join(f"{kind} {count:,}" for kind, count in sorted(shop.asked.items()))
    print(
        f"  {day}: {requests:,} requests ({said}), {result.seen:,} seen, {time.perf_counter() - begun:.0f} s",
        flush=True,
    )
    return result


def main() -> int:
    """Both days."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--changed", type=float, default=0.01)
    chosen = parser.parse_args()
    shop = Shop(chosen.items)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "data" / "platforms" / "shop.yml"
        file.parent.mkdir(parents=True)
        file.write_text(PLATFORM, encoding="utf-8")
        with Office(load_settings(home=Path(name) / "home", data=Path(name) / "data", _env_file=None)) as office:
            assert patrol(office, shop, DAYS[0]).seen == chosen.items
            first = sum(shop.asked.values())
            step = round(1 / chosen.changed)
            shop.changed = set(range(0, chosen.items, step))
            assert patrol(office, shop, DAYS[1]).seen == chosen.items
            again = sum(shop.asked.values())
    print(f"{chosen.items:,} items, {len(shop.changed):,} changed: {again / first:.1%} of the first patrol's requests")
    return int(again / first > AT_MOST)


if __name__ == "__main__":
    sys.exit(main())
