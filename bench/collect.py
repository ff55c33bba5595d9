"""Patrols a real program with the shipped template and compares every listing with the truth.

``python bench/collect.py TEMPLATE BASE_URL ITEMS.jsonl [--term 键盘] [--keep DIR]`` prints one JSON line: items in the
truth, found, fields that differ, requests, seconds in all and our own milliseconds a page (all but waiting for the
server). It exits 1 if anything is missing or differs. The items file is what the program was filled with:
``{"id","title","text","price"}`` in the order of the site's newest first.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from adwatch.archive import Archive, captures_from_archive, read_body
from adwatch.evidence import verify
from adwatch.http import SOFTWARE, Guard, Reply, Tools, UrllibTransport
from adwatch.models import Capture, Listing
from adwatch.ports import Refused
from adwatch.settings import SystemClock, load_settings
from collectors.registry import load_platforms
from collectors.source import make_refetch, make_source

SELLERS = ("林小满", "阿诚", "旧物社", "周末集市")
QUOTES = str.maketrans({"‘": "'", "’": "'", "′": "'", "“": '"', "”": '"', "″": '"', "—": "--"})
DAY = "2026-11-22"
INSTANCE = """\
name: bench_{template}
label: bench
extends: {template}
base_url: {base_url}
allow_hosts: ["{base_url}"]
access: public_page
basis: our own program on loopback
rate: {{per_second: 200, agreed: bench}}
{extra}
"""
EXTRA = {
    "wordpress": "items: {fields: {native_id: slug, price: meta.price, text: {drop: p.price}}}\n"
    "check: {url: '/wp-json/wp/v2/posts?slug={native_id}&_embed=author,wp:featuredmedia'}"
}


class NoLimiter:
    """The server is ours: no waiting."""

    def wait(self, _host: str, _interval: float) -> float:
        """At once."""
        return 0.0

    def hold(self, _host: str, _seconds: float) -> None:
        """Nothing."""


class TimedTransport(UrllibTransport):
    """Counts requests and the seconds spent waiting for the server."""

    waited = 0.0
    requests = 0

    def send(self, method: str, url: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Reply:
        """As the transport, timed."""
        start = time.perf_counter()
        try:
            return super().send(method, url, headers, body)
        finally:
            self.waited += time.perf_counter() - start
            self.requests += 1


def truth(items: Path) -> dict[str, dict[str, object]]:
    """What each listing must be, by id."""
    out: dict[str, dict[str, object]] = {}
    with items.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            item = json.loads(line)
            price = item.get("price")
            out[item["id"]] = {
                "title": item["title"],
                "text": item["text"],
                "price_fen": int(Decimal(str(price)) * 100) if price is not None else None,
                "seller_name": SELLERS[number % 4],
                "number": number,
            }
    return out


def differences(found: dict[str, Listing], expected: dict[str, dict[str, object]]) -> Counter[str]:
    """Fields that differ, counted; times must lie half an hour apart in the order of the file."""
    wrong: Counter[str] = Counter()
    newest = max((listing.posted_at for listing in found.values() if listing.posted_at), default=None)
    for native_id, item in expected.items():
        listing = found.get(native_id)
        if listing is None:
            wrong["missing"] += 1
            continue
        for name in ("title", "text", "price_fen", "seller_name"):
            wrong[name] += _plain(getattr(listing, name)) != _plain(item[name])
        number = item["number"]
        due = newest - timedelta(minutes=30 * number) if newest and isinstance(number, int) else None
        if listing.posted_at is None or due is None or abs(listing.posted_at - due) > timedelta(minutes=1):
            wrong["posted_at"] += 1
    wrong["unknown"] = len(set(found) - set(expected))
    return +wrong


def _plain(value: object) -> object:
    """Without the typographic quotes that the program puts in the place of straight ones."""
    return value.translate(QUOTES) if isinstance(value, str) else value


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("template")
    parser.add_argument("base_url")
    parser.add_argument("items", type=Path)
    parser.add_argument("--term", action="append", default=[])
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        platforms = folder / "data" / "platforms"
        platforms.mkdir(parents=True, exist_ok=True)
        name = f"bench_{arguments.template}"
        text = INSTANCE.format(
            template=arguments.template, base_url=arguments.base_url, extra=EXTRA.get(arguments.template, "")
        )
        (platforms / f"{name}.yml").write_text(text, encoding="utf-8")
        spec = load_platforms(load_settings(home=folder, data=folder / "data"))[name]
        root = folder / "archive"
        transport = TimedTransport(Guard(spec.allow_hosts, ""))
        tools = Tools(NoLimiter(), SystemClock())
        source = make_source(spec, tools, transport)
        start = time.perf_counter()
        events = []
        with Archive(root, "bench", SOFTWARE) as archive:
            for one in source.collect(DAY, arguments.term, archive.keep):
                if not isinstance(one, Capture):
                    events.append(f"{one.outcome}: {one.url}: {one.message}")
            collected = time.perf_counter() - start - transport.waited
            refetch = make_refetch(spec, tools, transport)
            read = time.perf_counter()
            captures = list(captures_from_archive(root, DAY))
            found: dict[str, Listing] = {}
            refused: Counter[str] = Counter()
            for capture in captures:
                for result in source.extract(capture, read_body(root, capture)):
                    if isinstance(result, Refused):
                        refused[result.reason] += 1
                    else:
                        found[result.native_id] = result
            extracted = time.perf_counter() - read
            words = Counter(refetch(listing, DAY, archive.keep).word for listing in list(found.values())[:20])
        expected = truth(arguments.items)
        wrong = differences(found, expected)
        report = {
            "template": arguments.template,
            "items": len(expected),
            "found": len(found),
            "differing": dict(wrong),
            "refused": dict(refused),
            "events": events,
            "captures": len(captures),
            "requests": transport.requests,
            "waited_seconds": round(transport.waited, 2),
            "own_ms_per_page_collect": round(collected / len(captures) * 1000, 2),
            "own_ms_per_page_extract": round(extracted / len(captures) * 1000, 2),
            "refetch_of_20": dict(words),
            "evidence_problems": len(verify(root, captures).problems),
        }
        source.close()
        print(json.dumps(report, ensure_ascii=False))
    return 0 if not wrong and not refused else 1


if __name__ == "__main__":
    sys.exit(main())
