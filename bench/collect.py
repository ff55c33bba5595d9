"""The collector's numbers in one run: ``python -m bench collect [--pages 20000] [--hosts 50] [--seconds 30]``.

Own processor time per page (robots, limiter, HTTP, archive, store row, reading it, extraction), the share of the
permitted rate over many hosts at once in one process, memory at a quarter and at the end of many pages, and beside
it Scrapy on the same site: rate at the same politeness, memory, lines of configuration. Both are measured by the
site's own log. Ours is the whole ``adwatch patrol``: it also archives, stores, classifies and indexes; Scrapy writes
JSON lines. Scrapy's interpreter is ADWATCH_BENCH_SCRAPY, else a virtual environment is made in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from adwatch.app import Office
from adwatch.archive import read_body
from adwatch.models import Capture
from adwatch.ports import Refused
from adwatch.settings import load_settings
from adwatch.store.runs import open_run
from bench.collect_files import DAY, FORMS, write
from bench.site import PER_PAGE
from collectors.source import make_source

SPIDER = Path(__file__).with_name("scrapy_spider.py")
FASTEST = 200
"""The highest rate that a platform file may declare."""
TARGETS = {"html detail": 15.0, "json list of 50": 5.0, "json detail": 5.0}


@contextmanager
def site(items: int) -> Iterator[int]:
    """The site in a process of its own; its port."""
    with subprocess.Popen([sys.executable, "-m", "bench.site", str(items)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def asked(port: int, what: str) -> object:
    """``log`` or ``count`` of the site."""
    with urlopen(f"http://127.0.0.1:{port}/{what}") as answer:
        return json.load(answer)


def own_cost(form: str, pages: int) -> None:
    """Milliseconds of processor time a page, of three runs: other work on the machine makes the same code slower."""
    runs = sorted((cost_of(form, pages) for _ in range(3)), key=sum)
    collect, extract = runs[0]
    fits = collect + extract <= TARGETS[form]
    print(
        f"  {form:16} {pages:6,} pages  collect {collect:5.2f}  extract {extract:5.2f}  together {sum(runs[0]):5.2f}"
        f" ms a page (at worst {sum(runs[-1]):.2f}; at most {TARGETS[form]:.0f} wanted: {'yes' if fits else 'NO'})",
        flush=True,
    )


def cost_of(form: str, pages: int) -> tuple[float, float]:
    """Milliseconds of processor time a page: collected and archived, and extracted from the archive."""
    items = pages * PER_PAGE if "list" in form else pages
    with site(items) as port, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "data", "market", form, f"http://127.0.0.1:{port}", FASTEST)
        settings = load_settings(home=folder / "home", data=folder / "data", _env_file=None)
        with Office(settings) as office:
            spec = office.platforms["market"]
            run = open_run(office.engine, "patrol", DAY, spec.name, spec.kind, office.clock.now())
            source = make_source(spec, office.tools)
            save = partial(office.keep, spec.kind, run.id)
            office.archive.note(spec.name, DAY, office.clock.now(), {})
            begun = time.process_time()
            found = [one for one in source.collect(DAY, [], save) if isinstance(one, Capture)]
            collected = time.process_time()
            read = [
                one for capture in found for one in source.extract(capture, read_body(settings.archive_root, capture))
            ]
            extracted = time.process_time()
            source.close()
        assert len(read) == items, f"{len(read)} of {items} read"
        assert not any(isinstance(one, Refused) for one in read)
    per = 1000 / len(found)
    return (collected - begun) * per, (extracted - collected) * per


@dataclass(slots=True)
class Watched:
    """What one process came to."""

    resident: dict[int, int] = field(default_factory=dict)
    """Resident bytes when so many pages were asked for."""
    peak: int = 0
    seconds: float = 0.0
    out: bytes = b""
    times: dict[str, list[float]] = field(default_factory=dict)
    """When each host was asked."""

    def share(self, rate: float) -> list[float]:
        """Of the permitted rate, host by host."""
        return [(len(t) - 1) / (max(t) - min(t)) / rate for t in self.times.values() if len(t) > 1]

    @property
    def per_second(self) -> float:
        """Requests a second from the first to the last."""
        every = [one for times in self.times.values() for one in times]
        return (len(every) - len(self.times)) / (max(every) - min(every))


def resident(pid: int) -> int:
    """Bytes that a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)


def watched(command: Sequence[str], environment: dict[str, str], port: int, marks: Sequence[int]) -> Watched:
    """Run a process to its end and look at it four times a second."""
    done = Watched()
    begun = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, cwd=SPIDER.parents[1]) as process:
        while process.poll() is None:
            try:
                now = resident(process.pid)
            except OSError:
                break
            count = int(str(asked(port, "count")))
            done.peak = max(done.peak, now)
            for mark in marks:
                if count >= mark:
                    done.resident.setdefault(mark, now)
            time.sleep(0.25)
        assert process.stdout is not None
        done.out = process.stdout.read()
    done.seconds = time.perf_counter() - begun
    assert process.returncode == 0, done.out.decode()[-1000:]
    log = asked(port, "log")
    assert isinstance(log, dict)
    for key, times in log.items():
        done.times.setdefault(key.split(" ")[0], []).extend(times)
    return done


def ours(urls: Sequence[str], port: int, rate: float, marks: Sequence[int], folder: Path) -> tuple[Watched, int]:
    """``adwatch patrol`` of all hosts at once; and the lines of one platform file."""
    lines = 0
    for number, url in enumerate(urls):
        lines = write(folder / "data", f"market{number}", "html detail", url, rate)
    environment = {**os.environ, "ADWATCH_HOME": str(folder / "home"), "ADWATCH_DATA": str(folder / "data")}
    command = [sys.executable, "-m", "adwatch", "patrol", "--day", DAY, "--at-once", str(len(urls)), "--json"]
    done = watched(command, environment, port, marks)
    rows = [json.loads(line) for line in done.out.splitlines()]
    wrong = [row for row in rows if row["outcome"] != "ok"]
    assert not wrong, f"{len(wrong)} platforms did not end well, such as {wrong[0]['notes'][:1]}"
    return done, lines


def scrapys(urls: Sequence[str], port: int, rate: float, marks: Sequence[int], out: Path, python: Path) -> Watched:
    """The spider over all hosts."""
    done = watched([str(python), str(SPIDER), f"{rate:g}", str(out), *urls], dict(os.environ), port, marks)
    assert out.stat().st_size > 0
    return done


def compare(title: str, hosts: int, items: int, rate: float, python: Path | None) -> None:
    """Both on the same site, one after the other."""
    pages = items + -(-items // PER_PAGE) + 1
    marks = (pages * hosts // 4, pages * hosts)
    print(f"{title}: {hosts} hosts, {pages:,} pages each, {rate:g} a second and host", flush=True)
    with tempfile.TemporaryDirectory() as name:
        for who in ("adwatch", "scrapy") if python else ("adwatch",):
            with site(items) as port:
                urls = [f"http://127.0.0.{number + 1}:{port}" for number in range(hosts)]
                if who == "adwatch":
                    done, lines = ours(urls, port, rate, marks, Path(name))
                else:
                    assert python is not None
                    done, lines = scrapys(urls, port, rate, marks, Path(name) / "out.jsonl", python), code_lines()
            shares = done.share(rate)
            quarter, whole = (done.resident.get(mark, 0) / 1e6 for mark in marks)
            print(
                f"  {who:8}{sum(shares) / len(shares):6.1%} of the permitted rate (worst host {min(shares):.1%}),"
                f" {done.per_second:6.1f} pages/s, {done.seconds:.0f} s in all\n"
                f"          memory at {marks[0]:,} pages {quarter:.0f} MB, at {marks[1]:,} {whole:.0f} MB"
                f" ({whole / quarter - 1:+.0%}), peak {done.peak / 1e6:.0f} MB; {lines} lines of configuration",
                flush=True,
            )


def code_lines() -> int:
    """Lines of the spider that say something."""
    text = SPIDER.read_text(encoding="utf-8").partition('"""\n\n')[2]
    return sum(bool(line.strip()) for line in text.splitlines())


@contextmanager
def scrapy_python() -> Iterator[Path | None]:
    """An interpreter with Scrapy; None, said, where there is none."""
    given = os.environ.get("ADWATCH_BENCH_SCRAPY")
    if given:
        yield Path(given)
        return
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "venv" / "bin" / "python"
        uv = Path(sys.executable).with_name("uv")
        for command in (
            ["venv", "-q", "--python", sys.executable, folder + "/venv"],
            ["pip", "install", "-q", "--python", str(python), "scrapy>=2.19"],
        ):
            done = subprocess.run([str(uv), *command], capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"Scrapy is not measured, since it cannot be installed: {done.stderr.strip()[:300]}")
                yield None
                return
        yield python


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000, help="pages of the run that shows memory")
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=30, help="how long the hosts are asked, at one page a second")
    parser.add_argument("--cost-pages", type=int, default=1000)
    chosen = parser.parse_args()
    print("own processor time a page, all of it: robots, limiter, HTTP, archive, store row, reading, extraction")
    for form in FORMS:
        own_cost(form, chosen.cost_pages // 5 if "list" in form else chosen.cost_pages)
    with scrapy_python() as python:
        compare("many hosts in one process", chosen.hosts, chosen.seconds - 2, 1, python)
        compare("memory over many pages", 1, chosen.pages, FASTEST, python)


if __name__ == "__main__":
    main()
