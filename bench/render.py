"""Rendered pages: ``python -m bench.render [--pages 2000]``: pages a second, processor time and memory over a long run.

With ``--at URL --platform misago_rendered`` those of a real program (bench/sites/) that was filled with so many items.

A shop on loopback whose pages are made by a script that fetches its data (a shell of 200 bytes, a script, 2 kB of JSON
a page), patrolled without a rate through the whole collector: client, browser, archive, store. Memory is our process,
the browser and the program between them; of what several share each has its part.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from adwatch.app import Office
from adwatch.archive import read_body
from adwatch.evidence.memory import memory_below
from adwatch.models import Capture, Listing
from adwatch.settings import load_settings
from adwatch.store.runs import open_run
from bench.real_sites import OFFICE_FILE
from collectors.source import make_source
from tests.app.script_site import ScriptSite
from tests.app.sites import PLATFORM, Good
from tests.threads import on_a_thread

DAY = "2026-11-18"
MARKS = 10
FIRST = 1000
"""Number of the first item: that site answers 404 for the item 404."""


def write(folder: Path, url: str, render: str) -> None:
    """The platform file."""
    text = PLATFORM.format(name="shop", url=url).replace("/market?page={page}", "/market")
    text = text.replace("paging: {by: next_link, max_pages: 100}", "paging: {by: scroll, max_pages: 1000}")
    file = folder / "data" / "platforms" / "shop.yml"
    file.parent.mkdir(parents=True)
    file.write_text(f"{text}render: {render}\n", encoding="utf-8")


def watch(sizes: list[tuple[float, float]], over: threading.Event) -> None:
    """Our own megabytes, and those with all below, twice a second."""
    own = os.getpid()
    while not over.wait(0.5):
        found = memory_below(own)
        sizes.append((found.get(own, 0) / 1e6, sum(found.values()) / 1e6))


def run(pages: int, render: str) -> None:
    """One patrol of the shop; its figures."""
    stock = [Good(number, Good.text * 40) for number in range(FIRST, FIRST + pages)]
    with tempfile.TemporaryDirectory() as name, on_a_thread(ScriptSite(stock, per_page=pages)) as site:
        write(Path(name), site.url, render)
        patrolled(Path(name), "shop", pages, f"render: {render}")
        print(f"  {len(site.asked):,} requests; processor is the site's too")


def run_at(url: str, template: str, pages: int, render: str) -> None:
    """The same of a program that runs already, by a platform file that is shipped."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "data" / "platforms" / "real_site.yml"
        file.parent.mkdir(parents=True)
        host = urlsplit(url).netloc
        text = OFFICE_FILE.format(name="real_site", template=template, base_url=url, host=host)
        file.write_text(f"{text}render: {render}\n", encoding="utf-8")
        patrolled(Path(name), "real_site", pages, f"{template}, render: {render}")


def patrolled(folder: Path, name: str, pages: int, title: str) -> None:
    """The platform ``name`` of the office in a folder patrolled once, as far as ``pages`` items go; its figures."""
    sizes: list[tuple[float, float]] = []
    counted: list[tuple[int, float]] = []
    over = threading.Event()
    settings = load_settings(home=folder / "home", data=folder / "data", _env_file=None)
    with Office(settings) as office:
        spec = office.platforms[name]
        task = open_run(office.engine, "patrol", DAY, spec.name, spec.kind, office.clock.now())
        source = make_source(spec, office.tools)
        watcher = threading.Thread(target=watch, args=(sizes, over))
        watcher.start()
        begun, spent = time.perf_counter(), os.times()
        found: list[Capture] = []
        for one in source.collect(DAY, [], partial(office.keep, spec.kind, task.id)):
            if not isinstance(one, Capture):
                print(f"  not read: {one}"[:300])
            elif one.role == "detail":
                found.append(one)
                if len(found) % max(1, pages // MARKS) == 0:
                    counted.append((len(sizes), time.perf_counter() - begun))
                    print(f"  {len(found)} pages, {counted[-1][1]:.0f} s", file=sys.stderr, flush=True)
        took, used = time.perf_counter() - begun, os.times()
        restarts = dict(office.browser.restarts)
        read = [item for each in found for item in source.extract(each, read_body(office.shelf, each))]
        source.close()
        archived = sum(file.stat().st_size for file in settings.archive_root.rglob("*.gz"))
    over.set()
    watcher.join()
    own, load = used.user + used.system - spent.user - spent.system, os.getloadavg()[0]
    listed = sum(isinstance(item, Listing) and not item.native_id.startswith("reply-") for item in read)
    print(f"{title}: {listed:,} of {pages:,} pages of items read, load {load:.1f}")
    print(f"  {len(found) / took:.2f} pages/s; processor of ours {1000 * own / len(found):.0f} ms a page")
    told(sizes, counted)
    print(f"  browsers ended: {restarts}; archived {archived / len(found) / 1000:.1f} kB a page")


def told(sizes: Sequence[tuple[float, float]], counted: Sequence[tuple[int, float]]) -> None:
    """Memory and speed, tenth by tenth."""
    last, before = 0, 0.0
    for number, (at, seconds) in enumerate(counted, 1):
        part = sizes[last:at] or sizes[-1:]
        ours, whole = (statistics.median(values) for values in zip(*part, strict=True))
        took = seconds - before
        print(f"  tenth {number:2}: {took:6.1f} s, memory ours {ours:4.0f} MB, with the browser {whole:5.0f} MB")
        last, before = at, seconds
    print(f"  at most {max(one for one, _ in sizes):.0f} MB ours, {max(both for _, both in sizes):.0f} MB together")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--render", action="append", help="render section, default with and without screenshots")
    parser.add_argument("--at", metavar="URL", help="a program that runs already, in the place of the shop")
    parser.add_argument("--platform", default="misago_rendered", help="the platform file that reads it")
    chosen = parser.parse_args()
    for render in chosen.render or ("true", "{screenshot: false}"):
        if chosen.at:
            run_at(chosen.at, chosen.platform, chosen.pages, render)
        else:
            run(chosen.pages, render)


if __name__ == "__main__":
    main()
