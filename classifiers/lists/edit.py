"""Changes list files as a person decides: puts a list in force, adds an accepted word; the rest stays as written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from adwatch.errors import UsageError
from classifiers.lexicon import APPROVAL, HEAD, SHIPPED, KeywordList, read, read_text

ACCEPTED = "accepted"
"""Name of the list that accepted words are written to."""
HISTORY = "history"
"""Folder beside the lists for versions that were replaced."""


@dataclass(frozen=True, slots=True)
class NewWord:
    """A word that a person accepts."""

    word: str
    kind: str
    weight: int
    speaks_for: str | None
    """Offer class or family; None where the list's name says it."""
    search: bool
    by: str
    """Who accepts it; no blanks, as everything of an entry."""
    on: date
    note: str

    def line(self) -> str:
        """The entry."""
        flags = ["search"] if self.search else []
        flags += [f"as={self.speaks_for}"] if self.speaks_for else []
        parts = [self.kind, str(self.weight), self.word, *flags, f"by={self.by}", f"on={self.on}"]
        return "\t".join(parts) + (f"\t# {' '.join(self.note.split())}" if self.note.strip() else "")


def folder(data: Path | None) -> Path:
    """Where the office's own lists lie."""
    if data is None:
        raise UsageError("set ADWATCH_DATA to the folder of the office's own data: lists in force lie in its keywords/")
    return data / "keywords"


def with_head(text: str, values: Mapping[str, str]) -> str:
    """The list with these fields of its head set; everything else stays as it is."""
    lines = text.lstrip("\ufeff").splitlines()
    end = next(number for number, line in enumerate(lines) if line.strip() == "---")
    for field, value in values.items():
        written = f"{field}: {' '.join(value.split())}".rstrip()
        for number, line in enumerate(lines[:end]):
            if line.strip().partition(":")[0] == field:
                lines[number] = written
                break
        else:
            lines.insert(end, written)
            end += 1
    return "\n".join(lines) + "\n"


def head_text(values: Mapping[str, str]) -> str:
    """The head of a new list."""
    fields = [field for field in (*HEAD, *APPROVAL) if field in HEAD or values.get(field)]
    return "".join(f"{f}: {' '.join(values.get(f, '').split())}".rstrip() + "\n" for f in fields) + "---\n"


def approve(file: Path, data: Path | None, by: str, on: date) -> KeywordList:
    """Put a list in force among the office's own, with who approved it; the version it replaces is kept beside."""
    target = folder(data) / file.name
    new = read(file)
    if not by.strip():
        raise UsageError("--by: who approves the list?")
    old = read(target) if target.is_file() else None
    if old is not None and old.version == new.version and _meanings(old) != _meanings(new):
        raise UsageError(
            f"{file}: version {new.version} is in force with other entries; give the list its next version"
        )
    text = with_head(file.read_text(encoding="utf-8"), {"approved_by": by, "approved_on": on.isoformat()})
    read_text(text, target)
    if old is not None:
        keep(old)
    write(target, text)
    return read(target)


def accept(word: NewWord, data: Path | None, name: str, owner: str) -> KeywordList:
    """Add a word to one of the office's own lists, made when there is none; the version before is kept beside."""
    target = folder(data) / f"{name}.txt"
    if not target.is_file() and (SHIPPED / target.name).is_file():
        raise UsageError(
            f"--list {name}: a file of that name would replace the shipped list whole; choose another name and --for"
        )
    if not word.by.strip() or len(word.by.split()) != 1:
        raise UsageError(f"--by {word.by!r}: write the name without blanks")
    if target.is_file():
        old = read(target)
        values = {"version": _next(old.version)}
        text = with_head(target.read_text(encoding="utf-8"), values)
    else:
        old = None
        values = {"owner": owner, "document": "accepted by the office", "version": "1"}
        text = head_text({**values, "effective_from": word.on.isoformat()})
    text += word.line() + "\n"
    found = read_text(text, target)
    if found.entries[-1].word != word.word.lower():
        raise UsageError(f"{word.word!r}: a word has no blanks and no # in it")
    if old is not None:
        keep(old)
    write(target, text)
    return found


def keep(old: KeywordList) -> Path:
    """Copy a list that is about to be replaced into the history beside it."""
    there = old.path.parent / HISTORY / f"{old.name}-{_safe(old.version)}-{old.sha256[:8]}.txt"
    write(there, old.path.read_text(encoding="utf-8"))
    return there


def write(file: Path, text: str) -> None:
    """Whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(file)


def _meanings(item: KeywordList) -> set[tuple[str, str, int, str]]:
    return {entry.meaning for entry in item.entries}


def _next(version: str) -> str:
    return str(int(version) + 1) if version.isdecimal() else f"{version}+1"


def _safe(text: str) -> str:
    return "".join(char if char.isalnum() or char in "._-" else "_" for char in text)[:40] or "none"
