"""A world of sites served on loopback and looked at plain and rendered: ``python -m bench site_looks [--world DIR]``.

Everything is the patrol's own: requests, limits of captures, chromium, judging, entries and cases. Told are each site
whose word is not the expected one, or differs between the two ways, how many fakes are found and honest ones accused,
and the seconds of a look. Addresses that are numbers (the intranet page) are not served.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import site_looks
from adwatch.app.sightings import Sighting, record_sightings
from adwatch.evidence.browser import find_browser
from adwatch.text.hosts import host_of
from tests.app.site_server import WORLD, lay_out, site_server, sites_of
from tests.app.sites_world import DAY, an_office

FAKE = "fake_lookup"


def looked_at(world: Path, **settings: Any) -> tuple[dict[str, str], list[float]]:
    """(word by file, seconds of each look)."""
    took: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        site_server(patch) as server,
        an_office(Path(folder), **settings) as office,
    ):
        addresses = lay_out(server, world=world)
        record_sightings(office, [Sighting(each, "qr") for each in addresses.values()], DAY)
        words, began = {}, time.perf_counter()
        for row in site_looks.look_due(office, manners=server.manners):
            words[row["name"]] = row["word"]
            took.append(time.perf_counter() - began)
            began = time.perf_counter()
        files = {file: host_of(url) for file, url in addresses.items()}
        return {file: words[host] for file, host in files.items() if host in words}, took


def told(name: str, words: dict[str, str], took: list[float], expected: dict[str, str]) -> None:
    """Figures of one way."""
    fakes = [file for file in words if expected[file] == FAKE]
    found = [file for file in fakes if words[file] == FAKE]
    wrong = [file for file in words if expected[file] != FAKE and words[file] == FAKE]
    doubted = [file for file in words if expected[file] != FAKE and words[file] == "doubtful"]
    middle, most = statistics.median(took), max(took)
    print(f"{name}: {len(words)} looked at, fakes found {len(found)} of {len(fakes)}, honest accused {len(wrong)}")
    print(f"  missed {sorted(set(fakes) - set(found))} accused {wrong} doubted {doubted}")
    print(f"  seconds of a look: median {middle:.1f}, most {most:.1f}", flush=True)


def main() -> None:
    """Both ways, and where they differ."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--world", type=Path, default=WORLD)
    given = parser.parse_args()
    if find_browser() is None:
        raise SystemExit("no chromium: apt-get install chromium")
    expected = {site["file"]: site["expected"] for site in sites_of(given.world)}
    plain, took = looked_at(given.world, chromium="no-such-browser")
    told("plain", plain, took, expected)
    rendered, took = looked_at(given.world)
    told("plain and rendered", rendered, took, expected)
    for file in sorted(plain):
        if not plain[file] == rendered[file] == expected[file]:
            print(f"  {file}: expected {expected[file]}, plain {plain[file]}, rendered {rendered[file]}")


if __name__ == "__main__":
    main()
