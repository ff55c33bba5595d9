"""Examines an installation: each item ok, warn or error, with what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from adwatch.app import archive
from adwatch.app.demo_day import last_step, simulated
from adwatch.app.office import Office, open_office
from adwatch.app.search import waited
from adwatch.errors import AdWatchError, SettingsError
from adwatch.evidence.browser import find_browser, probe
from adwatch.pictures.reading import missing, reader_version
from adwatch.store.captures import count_captures
from adwatch.store.dead_letters import dead_letters
from adwatch.store.engine import vacuum_hint
from adwatch.store.outbox import pending_listings
from classifiers.in_use import ModelStore
from classifiers.lexicon import SHIPPED as SHIPPED_LISTS
from classifiers.lexicon import Lexicon
from classifiers.loops import compiled
from collectors.registry import enabled_platforms, read_platforms, replaced_files

Row = dict[str, Any]
LONG_WAIT = 1800
"""Seconds that a change may wait for the index before doctor warns, as the alert does."""
LITTLE_SPACE = 2_000_000_000
"""Free bytes below which doctor warns."""


_EXTRAS = {
    "airflow": "airflow",
    "elasticsearch": "elasticsearch",
    "postgresql": "psycopg",
    "s3": "s3fs",
    "browser": "playwright",
    "images": "imagehash",
    "ocr": "rapidocr_onnxruntime",
}
"""What may be installed besides the core, by the module that shows it."""


def row(item: str, word: str, message: str) -> Row:
    """One finding."""
    return {"item": item, "word": word, "message": message}


def examine() -> list[Row]:
    """All findings; a check that fails is a finding, not the end."""
    try:
        office = open_office()
    except SettingsError as error:
        return [row("settings", "error", str(error))]
    checks: list[tuple[str, Callable[[Office], list[Row]]]] = [
        ("home", _home),
        ("demo", _demo),
        ("store", _store),
        ("archive", _archive),
        ("keywords", _keywords),
        ("classifier", _classifier),
        ("platforms", _platforms),
        ("search", _search),
        ("contact", _contact),
        ("extras", _extras),
        ("browser", _browser),
        ("pictures", _pictures),
    ]
    rows: list[Row] = []
    with office:
        for name, check in checks:
            try:
                rows += check(office)
            except (AdWatchError, OSError) as error:
                rows.append(row(name, "error", str(error)))
    return rows


def _home(office: Office) -> list[Row]:
    free = shutil.disk_usage(office.home).free
    word = "ok" if free > LITTLE_SPACE else "warn"
    hint = "" if word == "ok" else "; free space or move ADWATCH_HOME"
    return [row("home", word, f"{office.home}, {free / 1e9:.1f} GB free{hint}")]


def _demo(office: Office) -> list[Row]:
    if last_step(office.home) is None:
        return []
    step = simulated(office.clock)
    day = office.clock.now().astimezone(office.settings.zone).date()
    said = f"a demo's home: today is its simulated day {day}, {step.ahead:+d} days; " if step else "a demo's home; "
    return [row("demo", "warn", f"{said}an office's own work needs an ADWATCH_HOME of its own")]


def _store(office: Office) -> list[Row]:
    return [row("store", "ok", f"{vacuum_hint(office.engine)}, {count_captures(office.engine):,} captures")]


def _archive(office: Office) -> list[Row]:
    root = office.settings.archive_root
    root.mkdir(parents=True, exist_ok=True)
    probe = root / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    rows = [row("archive", "ok", str(root))]
    if office.settings.archive_bucket is not None:
        rows.append(row("archive store", *archive.examine(office)))
    return rows


def _keywords(office: Office) -> list[Row]:
    lexicon = Lexicon.load(office.settings.data)
    entries = sum(len(item.entries) for item in lexicon.lists.values())
    rows = [row("keywords", "ok", f"{len(lexicon.lists)} lists, {entries:,} entries, versions {lexicon.versions}")]
    own = [item.path.name for item in lexicon.lists.values() if item.path.parent != SHIPPED_LISTS]
    if own:
        rows.append(row("keywords", "ok", f"ADWATCH_DATA lays over: {', '.join(own)}"))
    return rows


def _classifier(office: Office) -> list[Row]:
    loops = "compiled" if compiled else "by NumPy, a quarter slower: no C compiler where this was installed"
    rows = [row("classifier", "ok", f"version {office.judge.version}, loops over characters {loops}")]
    state = ModelStore(office.home).in_use()
    if state.stack:
        last = state.history[-1]
        message = f"{state.digest}, not the shipped one: {last['act']} on {last['at'][:10]} by {last['by']}"
        rows.append(row("model", "ok", message))
    return rows


def _platforms(office: Office) -> list[Row]:
    specs, errors = read_platforms(office.settings)
    enabled = enabled_platforms(office.settings, specs)
    rows = [row("platforms", "error", str(error)) for error in errors]
    names = ", ".join(enabled) or "none; write one (docs/adding-a-platform.md)"
    rows.append(row("platforms", "ok" if enabled else "warn", f"{len(specs)} files, enabled: {names}"))
    rows += [row("platforms", "ok", f"{file} replaces the shipped one") for file in replaced_files(office.settings)]
    return rows


def _search(office: Office) -> list[Row]:
    office.index.prepare()
    state = office.index.status()
    waiting = len(pending_listings(office.engine))
    word = "ok" if state.health == "ok" else "error"
    said = f"{state.name}: {state.health}, {state.documents:,} documents, {waiting:,} changes wait"
    oldest = round(waited(office))
    if oldest > LONG_WAIT and word == "ok":
        word = "warn"
    rows = [row("search", word, f"{said}, the oldest for {oldest:,} s" if waiting else said)]
    rows += [row(name, "ok", words) for name, words in state.care.items()]
    refused = dead_letters(office.engine)
    if refused:
        listing_id, reason = next(iter(refused.items()))
        hint = "mend the cause, then adwatch index rebuild"
        rows.append(row("search", "warn", f"{len(refused):,} listings refused, as {listing_id}: {reason}; {hint}"))
    return rows


def _contact(office: Office) -> list[Row]:
    rows = []
    if not office.settings.contact:
        message = "ADWATCH_CONTACT is not set: foreign sites are not patrolled without a contact in the User-Agent"
        rows.append(row("contact", "warn", message))
    if not office.settings.unit:
        rows.append(row("unit", "warn", "ADWATCH_UNIT is not set: decisions need --unit, letters have no sender"))
    return rows or [row("contact", "ok", f"{office.settings.contact}, {office.settings.unit}")]


def _extras(_office: Office) -> list[Row]:
    have = [name for name, module in _EXTRAS.items() if find_spec(module) is not None]
    return [row("extras", "ok", f"installed: {', '.join(have) or 'none (the core works without)'}")]


def _pictures(_office: Office) -> list[Row]:
    """Whether listings' pictures can be read: libraries, models, what OpenCV needs of the system."""
    lacking = missing()
    if lacking:
        return [row("pictures", "warn", f"pictures of listings are not read: {lacking}")]
    return [row("pictures", "ok", reader_version())]


def _browser(office: Office) -> list[Row]:
    """Whether pages can be captured in full: chromium, and glyphs for Chinese."""
    if find_spec("playwright") is None:
        return [row("browser", "warn", "no full captures of pages: pip install 'adwatch[browser]'")]
    program = find_browser(office.settings.chromium)
    if program is None:
        said = "no full captures of pages: no chromium; apt-get install chromium, or set ADWATCH_CHROMIUM"
        return [row("browser", "warn", said)]
    try:
        version, missing = probe(program)
    except RuntimeError as error:
        return [row("browser", "warn", f"{program}: {error}")]
    rows = [row("browser", "ok", f"{program}, Chromium {version}")]
    if missing:
        said = f"no glyphs for {missing}: no screenshots are taken; apt-get install fonts-wqy-microhei"
        rows.append(row("fonts", "warn", said))
    else:
        rows.append(row("fonts", "ok", "Chinese characters have glyphs"))
    if not office.settings.ntp_server:
        rows.append(row("clock", "warn", "ADWATCH_NTP_SERVER is not set: records cannot state the clock's offset"))
    return rows
