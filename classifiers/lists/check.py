"""Examines keyword lists: every mistake with file and line, entries twice, entries that a fold makes the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from adwatch.tables import families
from classifiers import offers
from classifiers.folds import Folds
from classifiers.lexicon import SHIPPED, Entry, KeywordList, parse


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a list or an entry."""

    level: str
    """error: the list cannot be used; warning: it can, but look; note: good to know."""
    kind: str
    """schema | unknown_class | duplicate | same_fold | homophone | not_approved | expired | never_hit."""
    file: str
    """File of the list."""
    line: int | None
    """Line in it."""
    word: str
    """The entry, or empty."""
    message: str
    """What is wrong and what to do."""


def check_files(files: Mapping[str, Path], data: Path | None = None) -> tuple[list[KeywordList], list[Finding]]:
    """The lists that can be read, and everything found in these files and between them."""
    lists: list[KeywordList] = []
    findings: list[Finding] = []
    for file in files.values():
        found, errors = parse(file)
        findings += [
            Finding("error", "schema", str(file), error.line, "", f"{error.field}: {error.message}".removeprefix(": "))
            for error in errors
        ]
        if found is not None:
            lists.append(found)
    places = {item.name: str(item.path) for item in lists}
    entries = [entry for item in lists for entry in item.entries]
    findings += _unknown(entries, places, data)
    findings += _same(entries, places)
    findings += [
        Finding("note", "not_approved", str(item.path), 1, "", "nobody approved it: adwatch keywords approve FILE --by")
        for item in lists
        if not item.approved_by and item.path.parent != SHIPPED
    ]
    return lists, findings


def _unknown(entries: Iterable[Entry], places: Mapping[str, str], data: Path | None) -> Iterator[Finding]:
    known = {"promise": list(offers.by_id()), "certificate": list(families(data))}
    for entry in entries:
        if entry.kind in known and entry.list not in known[entry.kind]:
            message = f"a {entry.kind} in the list {entry.list!r}: write as= with one of {', '.join(known[entry.kind])}"
            yield Finding("error", "unknown_class", places[entry.file], entry.line, entry.word, message)


def _same(entries: Iterable[Entry], places: Mapping[str, str]) -> Iterator[Finding]:
    folds = Folds()
    by_word: dict[str, list[Entry]] = defaultdict(list)
    by_light: dict[str, dict[str, Entry]] = defaultdict(dict)
    by_heavy: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in entries:
        light = folds.fold(entry.word)
        if not light:
            message = "nothing of it is left when it is folded: it can never be hit"
            yield Finding("error", "same_fold", places[entry.file], entry.line, entry.word, message)
            continue
        by_word[entry.word].append(entry)
        by_light[light].setdefault(entry.word, entry)
        by_heavy[folds.heavily(light)].setdefault(light, entry)
    for group in by_word.values():
        for entry in group[1:]:
            other = group[0]
            level = "warning" if (entry.kind, entry.list) == (other.kind, other.list) else "note"
            message = f"stands in {other.file}:{other.line} too, as {other.kind} {other.weight} of {other.list}"
            yield Finding(level, "duplicate", places[entry.file], entry.line, entry.word, message)
    for kind, table, level, how in (
        ("same_fold", by_light, "warning", "folds to the same as"),
        ("homophone", by_heavy, "note", "sounds or looks the same as"),
    ):
        for same in table.values():
            first, *rest = same.values()
            for entry in rest:
                message = f"{how} {first.word!r} in {first.file}:{first.line}; one of them is enough"
                yield Finding(level, kind, places[entry.file], entry.line, entry.word, message)
