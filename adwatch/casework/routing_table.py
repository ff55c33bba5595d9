"""Who confirms a lead and who acts on it, as data: ``authorities.csv`` and ``routing.csv``.

A file of the same name in ``ADWATCH_DATA/routing`` replaces the shipped one. Cells may hold several values with ``|``
between them; an empty cell of class, family, region, act or name fits everything.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from adwatch import tables
from adwatch.errors import SpecError
from adwatch.text import normal

HERE = Path(tables.__file__).parent
FOLDER = "routing"
WAYS = ("letter", "account")


@dataclass(frozen=True, slots=True)
class Authority:
    """One row of authorities.csv: who may confirm or act."""

    id: str
    label: str
    """Chinese name for tables."""
    addressee: str
    """Whole name as a letter addresses it; the label where the office has not written it."""
    way: str
    """letter (甄别函), or account: it decides in the console."""
    days: int | None
    """Working days within which it is asked to answer; None where nothing is asked by letter."""
    note: str

    @property
    def unit(self) -> str:
        """As a letter and a decision name it."""
        return self.addressee or self.label


@dataclass(frozen=True, slots=True)
class Route:
    """One row of routing.csv."""

    line: int
    """Line in the file, for people."""
    classes: tuple[str, ...]
    families: tuple[str, ...]
    region: str
    """The seller's region contains it."""
    acts: tuple[str, ...]
    """Words of the act, of which the text has one (挂靠)."""
    names: tuple[str, ...]
    """Words for a certificate, of which the text has one (电工证)."""
    confirms: tuple[str, ...]
    """Authorities that confirm; several where the name is ambiguous."""
    acting: tuple[str, ...]
    """Authorities that act on it."""
    officer: str
    """联络员 of the first that confirms."""
    channel: str
    """How the officer is reached."""
    valid_from: date
    valid_to: date | None
    note: str

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def rank(self) -> tuple[int, ...]:
        """What makes a row more specific: region before act, class, name and family; of regions the longer."""
        return (len(self.region), *(int(bool(each)) for each in (self.acts, self.classes, self.names, self.families)))


@dataclass(frozen=True, slots=True)
class Lead:
    """What of a lead says where it goes."""

    offer_class: str
    """The strongest offer class; empty where none is known."""
    families: tuple[str, ...]
    region: str
    text: str
    """Headline, text and findings in the search fold (adwatch.text.normal)."""
    settled: bool = False
    """Whether a person said which families: the names in the text do not decide that any more."""


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a lead goes; without rows nobody is known, and nobody is guessed."""

    routes: tuple[Route, ...]

    @property
    def confirms(self) -> tuple[str, ...]:
        """Authorities that confirm, the first of them the owner."""
        return tuple(dict.fromkeys(each for route in self.routes for each in route.confirms))

    @property
    def acting(self) -> tuple[str, ...]:
        """Authorities that act."""
        return tuple(dict.fromkeys(each for route in self.routes for each in route.acting))


COLUMNS = (
    *("class", "family", "region", "act", "name", "confirms", "acts", "officer", "channel"),
    *("valid_from", "valid_to", "note"),
)


def routing_file(name: str, data: Path | None = None) -> Path:
    """The office's file if there is one, else the shipped one."""
    own = data / FOLDER / name if data else None
    return own if own is not None and own.is_file() else HERE / name


def authorities(data: Path | None = None) -> dict[str, Authority]:
    """Authorities by id; SpecError for a row that cannot be read."""
    file = routing_file("authorities.csv", data)
    found: dict[str, Authority] = {}
    for line, row in _rows(file, tuple(field.name for field in fields(Authority))):
        if not row["id"] or row["id"] in found or not row["label"]:
            raise SpecError(str(file), line, "id", f"{row['id']!r}: an id of its own and a label are needed")
        if row["way"] not in WAYS:
            raise SpecError(str(file), line, "way", f"{row['way']!r}: write one of {', '.join(WAYS)}")
        days = row["days"]
        if days and not (days.isascii() and days.isdecimal() and 0 < int(days) < 400):
            raise SpecError(str(file), line, "days", f"{days!r}: write working days, such as 5")
        values = {name: value for name, value in row.items() if name != "days"}
        found[row["id"]] = Authority(**values, days=int(days) if days else None)
    return found


class Routing:
    """The table with its authorities; ``problems`` are mistakes by line, with which nothing is routed."""

    def __init__(self, classes: Sequence[str], families: Sequence[str], data: Path | None = None) -> None:
        self.file = routing_file("routing.csv", data)
        self.authorities = authorities(data)
        self.routes: list[Route] = []
        self.problems: list[tuple[int, str]] = []
        known = {"class": set(classes), "family": set(families), "confirms": set(self.authorities)}
        known["acts"] = known["confirms"]
        for line, row in _rows(self.file, COLUMNS):
            self._take(line, row, known)
        self._ties()
        self.problems.sort()

    def checked(self) -> Routing:
        """Itself, or a SpecError with the first mistake."""
        if self.problems:
            line, said = self.problems[0]
            more = f"（共 {len(self.problems)} 处，用 adwatch route check 查看）" if len(self.problems) > 1 else ""
            raise SpecError(str(self.file), line, "", f"{said}{more}")
        return self

    def label(self, authority: str | None) -> str:
        """Chinese name of an authority; an id that is no longer in the table stands for itself."""
        if authority is None:
            return ""
        known = self.authorities.get(authority)
        return known.label if known else authority

    def route(self, lead: Lead, day: date) -> Routed:
        """The most specific rows that fit on a day; several where the text names several certificates or families."""
        fitting = [row for row in self.routes if row.in_force(day) and _fits(row, lead)]
        best = max((row.rank for row in fitting), default=())
        rows = [row for row in fitting if row.rank == best]
        if len(rows) > 1:
            rows = _not_inside(rows, lead.text)
        return Routed(tuple(rows))

    def _take(self, line: int, row: dict[str, str], known: dict[str, set[str]]) -> None:
        before = len(self.problems)
        several = {name: _several(row[name]) for name in ("class", "family", "act", "name", "confirms", "acts")}
        for name, values in several.items():
            if name in known and (strange := [each for each in values if each not in known[name]]):
                self.problems.append((line, f"{name}: 没有 {strange[0]!r}；可用: {'、'.join(sorted(known[name]))}"))
            if len(set(values)) < len(values):
                self.problems.append((line, f"{name}: 同一值写了两次"))
            if name in ("act", "name") and any(not normal(each) for each in values):
                self.problems.append((line, f"{name}: 词中没有文字"))
        if not several["confirms"]:
            self.problems.append((line, "confirms: 没有写甄别单位"))
        first, last = self._day(line, row, "valid_from"), self._day(line, row, "valid_to")
        if first is None and not row["valid_from"]:
            self.problems.append((line, "valid_from: 没有写生效日期"))
        if first and last and last < first:
            self.problems.append((line, "valid_to 早于 valid_from"))
        if first is None or len(self.problems) > before:
            return
        lists = (several["class"], several["family"], row["region"], several["act"], several["name"])
        who = (several["confirms"], several["acts"], row["officer"], row["channel"])
        self.routes.append(Route(line, *lists, *who, first, last, row["note"]))

    def _day(self, line: int, row: dict[str, str], name: str) -> date | None:
        try:
            return date.fromisoformat(row[name]) if row[name] else None
        except ValueError:
            self.problems.append((line, f"{name}: {row[name]!r} 不是日期，应为 YYYY-MM-DD"))
            return None

    def _ties(self) -> None:
        """Rows that could fit the same lead with equal right: an error, since nobody could say which holds."""
        for at, one in enumerate(self.routes):
            for other in self.routes[at + 1 :]:
                if one.rank == other.rank and _same_ground(one, other):
                    self.problems.append((other.line, f"与第 {one.line} 行同样具体，无法判断用哪一行"))


def _rows(file: Path, names: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            if tuple(reader.fieldnames or ()) != names:
                raise SpecError(str(file), 1, "", f"the columns must be {','.join(names)}")
            for row in reader:
                if None in row or None in row.values():
                    raise SpecError(str(file), reader.line_num, "", f"{len(names)} columns are needed")
                yield reader.line_num, {name: str(value).strip() for name, value in row.items()}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SpecError(str(file), None, "", f"cannot be read as UTF-8: {error}") from error


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _fits(row: Route, lead: Lead) -> bool:
    """A row by names without families tells the family by the text, which a person's word overrules."""
    if row.names and not row.families and lead.settled:
        return False
    return (
        (not row.classes or lead.offer_class in row.classes)
        and (not row.families or not set(row.families).isdisjoint(lead.families))
        and (not row.region or normal(row.region) in normal(lead.region))
        and (not row.acts or any(normal(word) in lead.text for word in row.acts))
        and (not row.names or any(normal(word) in lead.text for word in row.names))
    )


def _not_inside(rows: list[Route], text: str) -> list[Route]:
    """Without rows whose names stand only inside longer ones of other rows: 低压电工证 is no bare 电工证."""
    words = {normal(word) for row in rows for word in row.names}
    spans = {word: list(_spans(word, text)) for word in words}
    kept = []
    for row in rows:
        own = {normal(word) for word in row.names}
        others = [span for word in words - own for span in spans[word]]
        if not own or any(not _covered(span, others) for word in own for span in spans[word]):
            kept.append(row)
    return kept or rows


def _spans(word: str, text: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + 1)


def _covered(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    """Whether a longer name overlaps it."""
    size = span[1] - span[0]
    return any(start < span[1] and span[0] < end and end - start > size for start, end in others)


def _same_ground(one: Route, other: Route) -> bool:
    names = ("classes", "families", "acts", "names")
    pairs = [(set(getattr(one, name)), set(getattr(other, name))) for name in names]
    share = all(mine & theirs or not (mine or theirs) for mine, theirs in pairs)
    apart = (one.valid_to is not None and one.valid_to < other.valid_from) or (
        other.valid_to is not None and other.valid_to < one.valid_from
    )
    return share and one.region == other.region and not apart
