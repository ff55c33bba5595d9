"""Ingest end to end (archive, parse, store, classify, index) of N mixed listings of ~200 characters.

``python -m bench.ingest [N]``, default 100,000. Prints listings/s, growth, the peak memory of both processes,
and beside them the rate of a bare load of the same file (orjson + one SQLite table, nothing else).
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from bench.goods import goods

TRAINING = Path(__file__).parent.parent / "classifiers" / "training"
OFFERS, HARD = 0.02, 0.08
LENGTH = 200


def sentences() -> tuple[list[str], list[str]]:
    """Training texts: offers, and texts that talk of certificates without offering any."""
    offers, hard = [], []
    for file in sorted(TRAINING.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["label"] == "offer" or (row["label"] == "not_offer" and row["families"]):
                (offers if row["label"] == "offer" else hard).append(f"{row['title']} {row['text']}".strip())
    return offers, hard


def write_listings(path: Path, count: int) -> None:
    """Mixed listings of about 200 characters: two in a hundred offers, eight talk of certificates, the rest goods."""
    chooser = random.Random(20261122)
    offers, hard = sentences()
    with path.open("wb") as out:
        for number in range(count):
            lot = chooser.random()
            text = chooser.choice(offers if lot < OFFERS else hard) if lot < OFFERS + HARD else ""
            text = (text + goods(chooser, LENGTH))[:LENGTH] + f"第{number // 1000}批{number % 1000}号"
            row = {
                "native_id": f"{chooser.getrandbits(48):x}",
                "url": f"https://shop.example/item/{number}",
                "title": text[:24],
                "text": text,
                "price": f"{chooser.randrange(1, 900)}.00",
                "seller_id": f"s{chooser.randrange(5000)}",
                "seller_name": f"店铺{chooser.randrange(5000)}",
                "posted_at": "2026-11-20T08:00:00+08:00",
            }
            out.write(orjson.dumps(row) + b"\n")


def bare_load(path: Path, database: Path) -> float:
    """Listings per second of the least that anyone could do: parse and insert into one table."""
    started = time.perf_counter()
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (id TEXT PRIMARY KEY, url TEXT, title TEXT, text TEXT)")
    count, batch = 0, []
    with path.open("rb") as file:
        for line in file:
            row = orjson.loads(line)
            batch.append((row["native_id"], row["url"], row["title"], row["text"]))
            count += 1
            if len(batch) == 1000:
                connection.executemany("INSERT OR IGNORE INTO t VALUES (?,?,?,?)", batch)
                connection.commit()
                batch.clear()
    connection.close()
    return count / (time.perf_counter() - started)


def peak_memory(pid: int) -> int:
    """Resident bytes of a process and its children now."""
    total = 0
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        total += peak_memory(int(child))
    status = Path(f"/proc/{pid}/status").read_text()
    return total + sum(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def watch(process: subprocess.Popen[bytes], home: Path, count: int) -> tuple[int, list[tuple[float, float]]]:
    """Peak memory in bytes, and (listings stored, seconds since start) while the ingest runs."""
    started, peak, marks = time.perf_counter(), 0, []
    while process.poll() is None:
        try:
            peak = max(peak, peak_memory(process.pid))
        except (OSError, ValueError):
            break
        database = home / "adwatch.db"
        if database.exists():
            try:
                connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1)
                stored = connection.execute("SELECT max(version_id) FROM verdict").fetchone()[0] or 0
                connection.close()
                marks.append((stored, time.perf_counter() - started))
            except sqlite3.OperationalError:
                pass
        time.sleep(0.5)
    return peak, marks


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        file, home = root / "listings.jsonl", root / "home"
        write_listings(file, count)
        bare = bare_load(file, root / "bare.db")
        environment = {**os.environ, "ADWATCH_HOME": str(home)}
        command = [sys.executable, "-m", "adwatch", "ingest", str(file), "--platform", "bench", "--day", "2026-11-22"]
        started = time.perf_counter()
        process = subprocess.Popen([*command, "--json"], env=environment, stdout=subprocess.PIPE)
        peak, marks = watch(process, home, count)
        out, _ = process.communicate()
        seconds = time.perf_counter() - started
        row = json.loads(out.splitlines()[0])
        print(f"{count:,} listings in {seconds:.1f} s: {count / seconds:,.0f} listings/s end to end, index included")
        print(f"  seen {row['seen']:,}, new {row['new']:,}, flagged {row['flagged']:,}")
        print(f"  bare load of the same file: {bare:,.0f} listings/s; ours is {count / seconds / bare:.2f} of it")
        print(f"  peak memory of both processes: {peak / 1e6:,.0f} MB")
        tenth = count / 10
        at = {part: next((t for n, t in marks if n >= part * tenth), None) for part in (1, 2, 9, 10)}
        if at[1] and at[2] and at[9] and at[10]:
            first, last = at[2] - at[1], at[10] - at[9]
            print(f"  second tenth {first:.1f} s, last tenth {last:.1f} s: growth {last / first:.2f}")


if __name__ == "__main__":
    main()
