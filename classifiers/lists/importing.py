"""A table with Chinese column names → the entries of a keyword list; a bad row is named with sheet and row.

What headings and cells mean lies in columns.csv and cells.csv; offer classes and families go by id and label too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adwatch.tables import families
from classifiers import offers
from classifiers.folds import Folds
from classifiers.lexicon import KINDS, LONGEST
from classifiers.lists.sheets import Table

HERE = Path(__file__).parent
HEADING_WITHIN = 20
"""Rows in which the heading is looked for: offices put titles above it."""
BETWEEN = re.compile(r"[、；;，,\n]+")
"""Several words may stand in one cell."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that gave no entry."""

    sheet: str
    row: int
    """As the office counts, from 1; 0 for a whole sheet."""
    reason: str
    """no_heading | no_word | bad_word | bad_kind | bad_class | bad_weight | bad_search | duplicate."""
    message: str
    raw: str
    """The row's cells."""


@dataclass(slots=True)
class Imported:
    """What a file gave."""

    lines: list[str] = field(default_factory=list)
    """Entries in the grammar of a list."""
    rejects: list[Reject] = field(default_factory=list)
    words: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Where each word stands."""


class RowRefused(ValueError):
    """A row that cannot be an entry; the first argument is the reason, the second the message."""


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _plain(text: str) -> str:
    """A heading or cell as it is looked up: without blanks, brackets and what stands in them."""
    return re.sub(r"[（(【\[].*?[)）】\]]|[\s*:：]", "", text).lower()


class Importer:
    """Reads tables with the given defaults."""

    def __init__(self, name: str, kind: str, weight: int, speaks_for: str | None, data: Path | None = None) -> None:
        self.name, self.kind, self.weight, self.speaks_for = name, kind, weight, speaks_for
        self.columns = {_plain(row["heading"]): row["field"] for row in _rows("columns.csv")}
        self.cells: dict[str, dict[str, str]] = {"weight": {}, "search": {}, "kind": {}, "class": {}}
        for row in _rows("cells.csv"):
            self.cells[row["field"]][_plain(row["cell"])] = row["value"]
        self.cells["kind"].update({kind: kind for kind in KINDS})
        self.cells["weight"].update({str(number): str(number) for number in (1, 2, 3)})
        self.classes = {row.id: row.label for row in offers.OFFER_CLASSES}
        self.families = {row.id: row.label for row in families(data).values()}
        for known in (self.classes, self.families):
            for identifier, label in known.items():
                self.cells["class"][identifier] = self.cells["class"][_plain(label)] = identifier
        self.folds = Folds()

    def read(self, tables: Sequence[Table]) -> Imported:
        """All entries of all sheets."""
        done = Imported()
        for sheet, rows in tables:
            at, fields = self._heading(rows)
            if at < 0:
                if rows:
                    known = "、".join(list(self.columns)[:8])
                    message = f"no heading with a column of words ({known} ...) in the first {HEADING_WITHIN} rows"
                    done.rejects.append(Reject(sheet, 0, "no_heading", message, ""))
                continue
            for number, cells in rows[at + 1 :]:
                if cells == rows[at][1]:
                    continue  # the heading again, on the next page
                for refused in self._row(sheet, number, cells, fields, done):
                    reason, message = refused.args
                    done.rejects.append(Reject(sheet, number, reason, message, "\t".join(cells)[:2000]))
        return done

    def _heading(self, rows: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int]]:
        for at, (_, cells) in enumerate(rows[:HEADING_WITHIN]):
            fields: dict[str, int] = {}
            for place, cell in enumerate(cells):
                fields.setdefault(self.columns.get(_plain(cell), ""), place)
            fields.pop("", None)
            if "word" in fields:
                return at, fields
        return -1, {}

    def _row(
        self, sheet: str, number: int, cells: list[str], fields: dict[str, int], done: Imported
    ) -> Iterator[RowRefused]:
        def given(name: str) -> str:
            return cells[fields[name]] if name in fields and fields[name] < len(cells) else ""

        try:
            flags = self._flags(given("kind"), given("class"), given("weight"), given("search"))
            words = [word for word in BETWEEN.split(given("word")) if word.strip()]
            if not words:
                raise RowRefused("no_word", "the row has no word")
        except RowRefused as refused:
            yield refused
            return
        note = " ".join(given("note").replace("#", "＃").split())
        for word in words:
            try:
                plain = self._word(word, flags[0], done)
            except RowRefused as refused:
                yield refused
                continue
            done.words[plain.lower()] = (sheet, number)
            done.lines.append("\t".join((*flags[:2], plain, *flags[2:])) + (f"\t# {note}" if note else ""))

    def _word(self, word: str, kind: str, done: Imported) -> str:
        plain = "".join(word.split())
        if "#" in plain:
            raise RowRefused("bad_word", f"{plain[:LONGEST]!r}: a word has no # in it")
        if len(plain) > LONGEST:
            raise RowRefused("bad_word", f"{plain[:12]}…: {len(plain)} characters, {LONGEST} at most; split it")
        folded = self.folds.fold(plain)
        if not folded:
            raise RowRefused("bad_word", f"{plain!r}: no letter or digit is left of it")
        if len(folded) == 1 and kind in ("promise", "certificate"):
            raise RowRefused("bad_word", f"{plain!r}: one character would be hit in every text")
        if plain.lower() in done.words:
            sheet, row = done.words[plain.lower()]
            raise RowRefused("duplicate", f"{plain!r} stands in {sheet} row {row} already")
        return plain

    def _flags(self, kind: str, speaks_for: str, weight: str, search: str) -> list[str]:
        """Kind, weight, and the flags of the entry."""
        about = self._value("class", speaks_for, self.speaks_for or "")
        guess = "promise" if about in self.classes else "certificate" if about in self.families else self.kind
        chosen = self._value("kind", kind, guess)
        known = {"promise": self.classes, "certificate": self.families}.get(chosen)
        if known is not None and (about or self.name) not in known:
            message = f"a {chosen} needs a class; write one of {'、'.join(known.values())}, or give --for"
            raise RowRefused("bad_class", message)
        flags = ["search"] if self._value("search", search, "no") == "yes" else []
        flags += [f"as={about}"] if about and about != self.name else []
        return [chosen, self._value("weight", weight, str(self.weight)), *flags]

    def _value(self, name: str, cell: str, default: str) -> str:
        if not cell.strip():
            return default
        found = self.cells[name].get(_plain(cell))
        if found is None:
            known = "、".join(
                (*self.classes.values(), *self.families.values()) if name == "class" else self.cells[name]
            )
            raise RowRefused(f"bad_{name}", f"{cell[:20]!r} is none of {known}")
        return found
