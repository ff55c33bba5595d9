"""Hosts that imitate official look-ups, beside dnstwist in the same run: ``python -m bench lookalike``.

``bench/hosts`` holds plausible fakes and innocent hosts by writers who saw neither words nor rules; ``tuned.txt`` and
``tuned3.txt`` name the halves of the second and third set of fakes that were looked at when the words were mended, so
that the other halves say more; the fourth was met once and never looked at.
dnstwist makes the permutations that it knows of each official host (its default fuzzers); a fake counts as found if it
is among them.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import dnstwist

from adwatch.text.hosts import host_of
from classifiers.sites.lookalike import Lookalikes

HOSTS = Path(__file__).parent / "hosts"
DAY = date(2026, 11, 28)
REPEAT = 200_000
"""Hosts of the measure of speed."""


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a set; none where it is not there."""
    file = HOSTS / name
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def main() -> int:
    """Print the figures."""
    judge = Lookalikes()
    fakes, innocent = rows("fakes.tsv"), rows("innocent.tsv")
    found = [judge.score(row["host"], DAY).verdict == "look_alike" for row in fakes]
    print(f"fakes: {sum(found)} of {len(fakes)} found ({sum(found) / len(fakes):.3f})")
    missed = Counter(row["pattern"] for row, ours in zip(fakes, found, strict=True) if not ours)
    print("  missed: " + ", ".join(f"{pattern} {count}" for pattern, count in missed.most_common()))
    every = fakes
    for title, file, seen in (("second", "fakes2.tsv", "tuned.txt"), ("third", "fakes3.tsv", "tuned3.txt")):
        more, tuned = rows(file), set((HOSTS / seen).read_text(encoding="utf-8").split())
        every = [*every, *more]
        for name, half in (("looked at", True), ("not looked at", False)):
            mine = [row["host"] for row in more if (row["host"] in tuned) is half]
            count = sum(judge.score(host, DAY).verdict == "look_alike" for host in mine)
            print(f"{title} set, half {name}: {count} of {len(mine)} found ({count / len(mine):.3f})")
    fourth = rows("fakes4.tsv")
    count = sum(judge.score(row["host"], DAY).verdict == "look_alike" for row in fourth)
    print(f"fourth set, never looked at: {count} of {len(fourth)} found ({count / len(fourth):.3f})")
    every = [*every, *fourth]
    officials = [entry.name for entry in judge.officials.entries if entry.kind == "host"]
    known: set[str] = set()
    for name in officials:
        fuzz = dnstwist.Fuzzer(name)
        fuzz.generate()
        known |= {str(each["domain"]) for each in fuzz.domains}
    theirs = sum((host_of(row["host"]) or "") in known for row in every)
    print(f"dnstwist: {theirs} of {len(every)} found among {len(known):,} permutations of {len(officials)} hosts")
    sets = (
        ("innocent", innocent),
        ("innocent, never looked at", rows("innocent2.tsv")),
        ("innocent, many with an official name's letters", rows("innocent4.tsv")),
    )
    for title, hosts in sets:
        wrong = [row["host"] for row in hosts if judge.score(row["host"], DAY).verdict == "look_alike"]
        share = len(wrong) / max(1, len(hosts))
        print(f"{title}: {len(wrong)} of {len(hosts)} called look-alikes ({share:.4f}): {', '.join(wrong[:20])}")
    pool = [row["host"] for row in (innocent or fakes)]
    many = (pool * (REPEAT // len(pool) + 1))[:REPEAT]
    begin = time.process_time()
    counted = sum(1 for _ in judge.scores(many, DAY))
    print(f"{counted / (time.process_time() - begin):,.0f} hosts a second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
