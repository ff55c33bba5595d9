"""Lists handed over, approved and added to, as verbs call it; what was refused lies in a report beside."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from adwatch.app.office import Office
from adwatch.app.retrohunt import check_speaks_for
from adwatch.errors import UsageError
from adwatch.models import StageReport
from adwatch.text import clean
from classifiers.lexicon import KINDS, LONGEST, KeywordList, read_text
from classifiers.lists.edit import ACCEPTED, NewWord, accept, approve, head_text, write
from classifiers.lists.importing import Importer
from classifiers.lists.sheets import read_tables

DRAFTS = "keyword-drafts"
"""Folder in home of lists that nobody has approved yet."""


def file_name(name: str) -> str:
    """The name of a list, safe as a file's."""
    plain = "".join(char if char.isalnum() or char in "_-" else "_" for char in name.strip())
    if not plain.strip("_") or len(plain) > LONGEST:
        raise UsageError(f"--list {name!r}: give a name of 1 to {LONGEST} letters, digits, _ and -")
    return plain


def import_list(
    office: Office,
    file: Path,
    head: dict[str, str],
    name: str | None,
    defaults: tuple[str, int, str | None],
    out: Path | None,
    replace: bool,
) -> tuple[StageReport, dict[str, Any]]:
    """Make a list file of a table; a draft in home unless ``out`` says where. Refused rows go to a report."""
    kind, weight, speaks_for = defaults
    if kind not in KINDS:
        raise UsageError(f"--kind {kind}: none of {', '.join(KINDS)}")
    check_speaks_for(office, kind, speaks_for)
    name = file_name(name or (out or file).stem)
    target = out or office.home / DRAFTS / f"{name}.txt"
    if target.suffix != ".txt":
        raise UsageError(f"--out {target}: a list's file ends in .txt")
    if target.exists() and not replace:
        raise UsageError(f"{target}: is there already; approve it, or write --replace")
    known = office.lexicon.lists.get(name)
    if not head["version"]:
        head["version"] = str(int(known.version) + 1) if known and known.version.isdecimal() else "1"
    done = Importer(name, kind, weight, speaks_for, office.settings.data).read(read_tables(file))
    report = StageReport("import", kept=len(done.lines))
    for refused in done.rejects:
        place = f"{file.name}:{refused.sheet}:{refused.row}" if refused.row else f"{file.name}:{refused.sheet}"
        report.drop(refused.reason, f"{place}: {refused.message}")
    rejects = office.home / "rejects" / f"keywords-{name}.jsonl"
    if done.rejects:
        rows = [{"file": file.name, **asdict(refused)} for refused in done.rejects]
        write(rejects, "".join(orjson.dumps(_clean(row)).decode() + "\n" for row in rows))
    if done.lines:
        text = head_text(head) + "".join(line + "\n" for line in done.lines)
        read_text(text, target)
        write(target, text)
    return report, {
        "list": name,
        "file": str(target) if done.lines else None,
        "version": head["version"],
        "entries": len(done.lines),
        "refused": len(done.rejects),
        "rejects": str(rejects) if done.rejects else None,
    }


def _clean(row: dict[str, Any]) -> dict[str, Any]:
    return {name: clean(value) if isinstance(value, str) else value for name, value in row.items()}


def approve_list(office: Office, file: Path, by: str, day: str) -> dict[str, Any]:
    """Put a list in force."""
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    old = office.lexicon.lists.get(file.stem)
    return _row(office, approve(file, office.settings.data, by, date.fromisoformat(day)), old)


def accept_word(
    office: Office,
    word: str,
    day: str,
    by: str,
    values: tuple[str, int, str | None],
    search: bool,
    note: str,
    name: str,
) -> dict[str, Any]:
    """Write an accepted word into one of the office's own lists."""
    kind, weight, speaks_for = values
    check_speaks_for(office, kind, speaks_for)
    name = file_name(name or ACCEPTED)
    new = NewWord(word.strip(), kind, weight, speaks_for, search, by.strip(), date.fromisoformat(day), note)
    for entry in office.lexicon.entries:
        if entry.meaning == (new.word.lower(), kind, weight, speaks_for or name):
            raise UsageError(f"{new.word}: stands in {entry.file}:{entry.line} already")
    old = office.lexicon.lists.get(name)
    return _row(office, accept(new, office.settings.data, name, office.settings.unit or "office"), old)


def _row(office: Office, new: KeywordList, old: KeywordList | None) -> dict[str, Any]:
    after = office.lexicon.replaced(new)
    return {
        "list": new.name,
        "file": str(new.path),
        "version": new.version,
        "replaces": old.version if old else None,
        "entries": len(new.entries),
        "approved_by": new.approved_by or new.entries[-1].approved_by,
        "before": office.lexicon.versions,
        "keyword_versions": after.versions,
    }
