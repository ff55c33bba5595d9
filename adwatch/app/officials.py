"""The register of official look-ups for the command: checked, added to, asked, and used as a filter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.files import write_whole
from adwatch.tables.officials import FILE, KINDS, NAMES, Officials, read_register
from adwatch.text.hosts import host_of
from classifiers.sites.lookalike import HostVerdict, Lookalikes
from classifiers.sites.page import LONGEST, WORDS, Facts, PageJudge
from collectors.charset import decode_text

Row = dict[str, Any]


def check(office: Office) -> Row:
    """Read the register; a SpecError names line and column of what is wrong."""
    register = Officials(office.settings.data)
    day = today(office)
    valid = sum(entry.valid(day) for entry in register.entries)
    return {"file": str(register.file), "entries": len(register.entries), "valid_today": valid}


def on(office: Office, day: date, host: str) -> Row:
    """What the register says of a host or URL as of a day."""
    name = host_of(host)
    if name is None:
        raise UsageError(f"{host[:80]}: no host name")
    word, entry = Officials(office.settings.data).host(name, day)
    about = {field: getattr(entry, field) for field in ("families", "region", "source", "note")} if entry else {}
    return {"host": name, "day": day.isoformat(), "verdict": word or "not_registered", **about}


def add(office: Office, row: dict[str, str]) -> Row:
    """Add a line to the office's own register, which begins as a copy of the shipped one; nothing where it is wrong."""
    data = office.settings.data
    if data is None:
        raise UsageError("ADWATCH_DATA is not set: the office's own register lies in its tables/ folder")
    own = data / "tables" / FILE
    text = Officials(data).file.read_text(encoding="utf-8-sig")
    line = io.StringIO(newline="")
    csv.DictWriter(line, NAMES, lineterminator="\n").writerow({**dict.fromkeys(NAMES, ""), **row})
    draft = own.with_name(f".{FILE}.draft")
    whole = (text if text.endswith("\n") else text + "\n") + line.getvalue()
    write_whole(draft, whole.encode())
    try:
        entries = read_register(draft)
    finally:
        draft.unlink(missing_ok=True)
    write_whole(own, whole.encode())
    return {"file": str(own), "entries": len(entries), "kind_label": KINDS[entries[-1].kind], "name": entries[-1].name}


def scores(data: Path | None, lines: Iterable[str], day: date) -> Iterator[Row]:
    """Hosts or URLs, one a line, scored in order; an empty line is a host of none."""
    return map(_row, Lookalikes(data).scores((line.strip() for line in lines), day))


def today(office: Office) -> date:
    """The day in the office's time zone."""
    return office.clock.now().astimezone(office.settings.zone).date()


def _row(found: HostVerdict) -> Row:
    return {"host": found.host, "verdict": found.verdict, "score": found.score, "why": list(found.why)}


def page(office: Office, file: Path, url: str, day: date) -> Row:
    """What is thought of a page that an officer saved: word, points with reasons, filings, contacts (masked)."""
    if host_of(url) is None:
        raise UsageError(f"--url {url[:80]}: no address of a site")
    try:
        html = file.read_bytes()[:LONGEST]
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    text = decode_text(html, None)
    found = PageJudge(office.settings.data).judge(Facts(url, text, 200, day))
    return {
        "url": url,
        "word": found.word,
        "word_label": WORDS[found.word],
        "score": found.score,
        "points": [{"name": each.name, "points": each.points, "why": each.why} for each in found.points],
        "filings": list(found.filings),
        "contacts": list(found.contacts),
    }
