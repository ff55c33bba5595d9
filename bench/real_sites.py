"""Patrols a real program through the whole house and compares each listing, and what changed, with the truth.

``python bench/real_sites.py BASE_URL PLATFORM ITEMS.jsonl [...]`` writes an office's platform file (``extends:
PLATFORM`` and what ``--with FILE.yml`` adds), patrols one day and prints found, missed and wrong by field, requests by
role and seconds. With ``--before EARLIER.jsonl`` and the ``--home`` of that day it compares what is new, changed and
vanished too; ``--again`` patrols the unchanged site once more and prints the share of requests; ``--rebuild`` makes a
fresh home from the archive alone and compares ``dump --canonical``. Exit 1 where anything is missed or wrong.

The items are those with which the program was filled: sites/items.py writes two days of them, sites/fill_* put them in.
A listing belongs to the item that its native id names, or what ``--id REGEX`` finds in its address. Truth and listing
are compared without the typographic signs that programs put in the place of plain ones.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from adwatch.app import Office, open_office
from adwatch.app.extract import extract_day
from adwatch.app.patrol import patrol_platform
from adwatch.store import schema as s
from adwatch.store.engine import reading
from bench.plain_text import plain

NAME = "real_site"
OFFICE_FILE = """\
name: {name}
label: bench
extends: {template}
base_url: {base_url}
allow_hosts: ["{host}"]
access: public_page
basis: a program of our own
rate: {{per_second: 200, agreed: its owner runs the bench}}
"""
FIELDS = ("title", "text", "price", "seller", "posted", "image")

Item = dict[str, Any]


@dataclass
class Comparison:
    """What a patrol got right and wrong."""

    items: int
    found: int = 0
    missed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether nothing is missed, invented or wrong."""
        return not (self.missed or self.unknown or +self.wrong)

    def tell(self, name: str, key: str, ours: object, theirs: object) -> None:
        """Count a field that differs; the first of each is kept as an example."""
        self.wrong[name] += 1
        self.examples.setdefault(name, f"{key}: {str(ours)!r:.300} instead of {str(theirs)!r:.300}")


def read_items(path: Path) -> dict[str, Item]:
    """Items by id."""
    return {row["id"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def stored(office: Office, pattern: str | None) -> dict[str, Any]:
    """Listings that have not vanished, by the item they belong to; comments under ``comment`` and their address."""
    version, item = s.listing_version, s.listing
    query = (
        select(version, item.c.native_id, item.c.url, item.c.price_fen, item.c.vanished_day, item.c.reviews_count)
        .join(item, item.c.version_id == version.c.id)
        .join(s.platform, s.platform.c.id == item.c.platform_id)
        .where(s.platform.c.name == NAME)
    )
    found: dict[str, Any] = {}
    with reading(office.engine) as connection:
        for row in connection.execute(query):
            key = row.native_id
            if row.kind == "comment":
                key = f"comment {row.native_id}"
            elif pattern is not None:
                match = re.search(pattern, row.url or "")
                key = match[1] if match else key
            found[key] = row
    return found


def compare(found: dict[str, Any], items: dict[str, Item], without: set[str]) -> Comparison:
    """Each item with its listing, field by field."""
    out = Comparison(len(items))
    there = {key: row for key, row in found.items() if row.vanished_day is None and row.kind != "comment"}
    out.missed = sorted(set(items) - set(there))
    out.unknown = sorted(set(there) - set(items))
    out.found = len(items) - len(out.missed)
    for key in items.keys() & there.keys():
        item, row = items[key], there[key]
        fen = int(Decimal(str(item["price"])) * 100) if "price" in item else None
        pairs: dict[str, tuple[Any, Any]] = {
            "title": (plain(row.title), plain(item["title"])),
            "text": (plain(row.text), plain(item["text"])),
            "price": (row.price_fen, fen),
            "seller": (row.seller_name, item["seller"]),
            "image": (len(row.images or ()), int("image" in item)),
        }
        for name, (ours, theirs) in pairs.items():
            if name not in without and ours != theirs:
                out.tell(name, key, ours, theirs)
        due = datetime.fromisoformat(item["posted"])
        if "posted" not in without and (row.posted_at is None or abs(row.posted_at - due) > timedelta(minutes=1)):
            out.tell("posted", key, row.posted_at, due)
    return out


def comments_of(items: dict[str, Item], newest: int) -> list[tuple[str, str, str]]:
    """Author, text and time of the newest so many comments, or of all for -1."""
    rows = [
        (one["author"], plain(one["text"]), datetime.fromisoformat(one["posted"]).astimezone(UTC).isoformat())
        for item in items.values()
        for one in item["comments"]
    ]
    return sorted(rows, key=lambda row: row[2], reverse=True)[: newest if newest >= 0 else None]


def minute(when: str) -> str:
    """A time (ISO 8601) to the minute: forums show no seconds."""
    return when[:16]


def compare_comments(found: dict[str, Any], items: dict[str, Item], newest: int) -> Comparison:
    """Comments by author, text and time, of all or the newest so many; they have no id that the truth knows."""
    there: Counter[tuple[str | None, str, str | None]] = Counter(
        (row.seller_name, plain(row.text), minute(row.posted_at.astimezone(UTC).isoformat()) if row.posted_at else None)
        for row in found.values()
        if row.kind == "comment" and row.vanished_day is None
    )
    rows = comments_of(items, newest)
    truth: Counter[tuple[str | None, str, str | None]] = Counter(
        (author, text, minute(posted)) for author, text, posted in rows
    )
    out = Comparison(len(rows), (truth & there).total())
    out.missed = [" ".join(map(str, row)) for row in (truth - there).elements()]
    out.unknown = [" ".join(map(str, row)) for row in (there - truth).elements()]
    return out


def expected_changes(asked: argparse.Namespace) -> dict[str, int]:
    """What the second day must count: a new version is due for another title, text or picture."""
    before, after = read_items(asked.before), read_items(asked.items)
    due = Counter[str]()
    if not asked.no_items:
        content = {"title", "text", "image"} - set(asked.without)
        both = before.keys() & after.keys()
        due["changed"] = sum(any(before[key].get(n) != after[key].get(n) for n in content) for key in both)
        due += Counter(new=len(after.keys() - before.keys()), vanished=len(before.keys() - after.keys()))
    if asked.comments is not None:
        said, says = (Counter(comments_of(items, asked.comments)) for items in (before, after))
        due += Counter(new=(says - said).total(), vanished=(said - says).total())
    return {name: due[name] for name in ("new", "changed", "vanished")}


def roles(office: Office, day: str) -> Counter[str]:
    """Requests of the newest run by role."""
    with reading(office.engine) as connection:
        last = select(s.run.c.id).where(s.run.c.day == day, s.run.c.kind == "patrol").order_by(s.run.c.id.desc())
        number = connection.scalar(last.limit(1))
        return Counter(connection.scalars(select(s.capture.c.role).where(s.capture.c.run_id == number)))


def patrol(home: Path, data: Path, day: str, terms: bool) -> tuple[dict[str, Any], Counter[str]]:
    """One patrol: its row and its requests by role."""
    with open_office(home=home, data=data, _env_file=None) as office:
        if not terms:
            office.search_terms = lambda _day: []  # type: ignore[method-assign]
        started = time.monotonic()
        row = patrol_platform(office, day, NAME).as_dict()
        row["seconds"] = round(time.monotonic() - started, 1)
        return row, roles(office, day)


def rebuilt_equal(home: Path, data: Path) -> bool:
    """Whether a home made from the archive alone has the same canonical dump."""
    with open_office(home=home, data=data, _env_file=None) as office:
        wanted = list(office.dump())
        with reading(office.engine) as connection:
            days = sorted(set(connection.scalars(select(s.capture.c.day))))
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(home / "archive", Path(scratch) / "archive")
        shutil.copy(home / "contact.key", scratch) if (home / "contact.key").exists() else None
        with open_office(home=Path(scratch), data=data, _env_file=None) as office:
            for day in days:
                for row in extract_day(office, day):
                    print(f"rebuilt {day}: seen {row.seen}, new {row.new}, changed {row.changed}")
            have = list(office.dump())
    for line in [f"- {one}" for one in wanted if one not in set(have)][:3]:
        print(line[:600])
    for line in [f"+ {one}" for one in have if one not in set(wanted)][:3]:
        print(line[:600])
    return wanted == have


def show(title: str, found: Comparison) -> None:
    """One comparison for people."""
    missed, unknown = len(found.missed), len(found.unknown)
    print(f"{title}: {found.found} of {found.items} found, {missed} missed, {unknown} not in the truth")
    for name, keys in (("missed", found.missed), ("not in the truth", found.unknown)):
        if keys:
            print(f"  {name}: {', '.join(keys[:5])}{' ...' if len(keys) > 5 else ''}")
    for name in FIELDS:
        if found.wrong[name]:
            print(f"  {name}: {found.wrong[name]} wrong; {found.examples[name]}")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url")
    parser.add_argument("platform", help="a platform file to extend, such as django_oscar")
    parser.add_argument("items", type=Path)
    parser.add_argument("--before", type=Path, help="the items of the patrol before, in the same home")
    parser.add_argument("--with", dest="extra", type=Path, help="YAML that the office adds to the platform file")
    parser.add_argument("--home", type=Path, help="kept; else a temporary one")
    parser.add_argument("--day", default=date.today().isoformat())  # noqa: DTZ011 - the user's day
    parser.add_argument("--id", dest="pattern", help="regular expression for an item's id in a listing's address")
    parser.add_argument("--without", action="append", default=[], choices=FIELDS, help="a field the site does not show")
    parser.add_argument("--comments", type=int, nargs="?", const=-1, help="compare comments too, or the newest N")
    parser.add_argument("--no-items", action="store_true", help="compare comments only")
    parser.add_argument("--no-terms", action="store_true", help="no searches by the keyword lists' words")
    parser.add_argument("--again", action="store_true", help="patrol once more, nothing having changed")
    parser.add_argument("--rebuild", action="store_true", help="a fresh home from the archive must have the same dump")
    return parser.parse_args()


def main() -> int:
    """Patrol, compare, print."""
    asked = arguments()
    with ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data = home / "data"
        (data / "platforms").mkdir(parents=True, exist_ok=True)
        base = asked.base_url.rstrip("/")
        host = urlsplit(base).netloc
        text = OFFICE_FILE.format(name=NAME, template=asked.platform, base_url=base, host=host)
        text += asked.extra.read_text(encoding="utf-8") if asked.extra else ""
        (data / "platforms" / f"{NAME}.yml").write_text(text, encoding="utf-8")
        row, requests = patrol(home, data, asked.day, not asked.no_terms)
        items = read_items(asked.items)
        with open_office(home=home, data=data, _env_file=None) as office:
            found = stored(office, asked.pattern)
        compared = [] if asked.no_items else [("items", compare(found, items, set(asked.without)))]
        if asked.comments is not None:
            compared.append(("comments", compare_comments(found, items, asked.comments)))
        print(
            f"{asked.platform} {asked.day}: {row['outcome']}, {sum(requests.values())} requests {dict(requests)}, "
            f"{row['seconds']} s, {row['flagged']} flagged, complete {row['complete']}"
        )
        for note in row["notes"][:5]:
            print(f"  {note}")
        for title, one in compared:
            show(title, one)
        good = all(one.good for _, one in compared)
        if asked.before:
            due = expected_changes(asked)
            print("; ".join(f"{name} {row[name]} (truth {count})" for name, count in due.items()))
            good = good and all(row[name] == count for name, count in due.items())
        if asked.again:
            second, less = patrol(home, data, asked.day, not asked.no_terms)
            share = sum(less.values()) / sum(requests.values())
            print(
                f"again, unchanged: {sum(less.values())} requests {dict(less)}, {share:.1%}, {second['seconds']} s; "
                f"new {second['new']}, changed {second['changed']}, vanished {second['vanished']}"
            )
        if asked.rebuild:
            equal = rebuilt_equal(home, data)
            print(f"dump --canonical after a rebuild from the archive: {'equal' if equal else 'DIFFERENT'}")
            good = good and equal
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
