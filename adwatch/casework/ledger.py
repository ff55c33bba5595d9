"""Screens a personnel ledger (台账): each row's number, dates and repetitions, and against the authority's own records.

Numbers and names are compared as keyed hashes whose key is made for the run and forgotten with it: nothing of a person
is stored or logged. Not found in the records is a row that a person looks up, never a false certificate: some regions
hand in their records days late.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from adwatch.errors import UsageError
from adwatch.tables.certificates import Certificates, plain

Key = bytes
FamilyOf = Callable[[str], str | None]
"""The certificate family that words speak of (category, trade, job)."""

WORDS = {
    "matched": "与发证记录一致",
    "differs": "与发证记录不符",
    "wrong": "有误",
    "expired": "已过期",
    "repeated": "重复",
    "doubtful": "存疑",
    "unknown_form": "编号形式未知",
    "not_found": "发证记录中未查到",
    "ok": "形式无误",
}
"""What can be said of a row, the gravest that applies first but for ``matched``, which nothing speaks against."""
GRAVITY = ("differs", "wrong", "repeated", "expired", "unknown_form", "not_found", "doubtful")
LOOK_UP = ("differs", "wrong", "repeated", "unknown_form", "not_found", "doubtful")
"""Words after which a person looks the row up at the official site."""
_DAY = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})|(\d{4})(\d{2})(\d{2})")
_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a heading has what: place of each field, from 0."""

    places: Mapping[str, int]

    def text(self, cells: Sequence[object], name: str) -> str:
        """The field's cell as text, empty where there is none."""
        place = self.places.get(name)
        value = cells[place] if place is not None and place < len(cells) else None
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).strip()

    def is_rounded(self, cells: Sequence[object]) -> bool:
        """Whether a number stands there as a numeric value of more digits than a spreadsheet keeps (15)."""
        places = [self.places[name] for name in ("number", "id") if name in self.places]
        values = [cells[place] for place in places if place < len(cells)]
        return any(isinstance(value, int | float) and abs(value) >= 10**15 for value in values)

    def day(self, cells: Sequence[object], name: str) -> tuple[date | None, str]:
        """(day, "") or (None, what stands there and is no day)."""
        place = self.places.get(name)
        return to_day(cells[place] if place is not None and place < len(cells) else None)


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What is said of a row."""

    word: str
    """One of WORDS."""
    reasons: tuple[str, ...]
    """In words."""
    family: str | None
    """Certificate family, as far as known: it names the official site."""

    @property
    def look_up(self) -> bool:
        """Whether a person has to look it up."""
        return self.word in LOOK_UP


def to_day(value: object) -> tuple[date | None, str]:
    """A cell as a day: a date of the sheet, its serial number, or a day written in figures."""
    if value is None or value == "":
        return None, ""
    if isinstance(value, datetime):
        return value.date(), ""
    if isinstance(value, date):
        return value, ""
    if isinstance(value, int | float) and 20_000 < value < 80_000:
        return _EPOCH + timedelta(days=int(value)), ""
    text = unicodedata.normalize("NFKC", str(value)).strip()
    found = list(_DAY.finditer(text))
    if text in ("长期", "无", "/", "-", "—") or not text:
        return None, ""
    if not found:
        return None, text
    parts = [int(part) for part in found[-1].groups() if part]  # of a range its last day
    try:
        return date(*parts), ""
    except ValueError:
        return None, text


def find_columns(cells: Sequence[object], headings: Mapping[str, str]) -> Columns | None:
    """The columns of a heading; None where it is none: two known fields are needed, one of them number or id."""
    places: dict[str, int] = {}
    for place, value in enumerate(cells):
        name = headings.get(bare_heading(str(value))) if value is not None else None
        if name is not None:
            places.setdefault(name, place)
    if len(places) < 2 or not places.keys() & {"number", "id"}:
        return None
    return Columns(places)


def bare_heading(text: str) -> str:
    """A heading without blanks, brackets' content and width."""
    return re.sub(r"\s+|\(.*?\)|[*:]", "", unicodedata.normalize("NFKC", text))


@dataclass(slots=True)
class _Issued:
    name: Key
    about: str
    expires: date | None


@dataclass(slots=True)
class Screening:
    """One run over one ledger; rows are given in order."""

    rules: Certificates
    family_of: FamilyOf
    on: date
    labels: Mapping[str, str]
    """Chinese names of the families."""
    counts: Counter[str] = field(default_factory=Counter)
    """Rows by word."""
    issued: dict[Key, list[_Issued]] | None = None
    """The authority's own records by number, once they are given."""
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _seen: dict[Key, tuple[int, Key]] = field(default_factory=dict)
    _pairs: dict[Key, int] = field(default_factory=dict)

    def add_issued(self, rows: Iterable[Sequence[object]], columns: Columns) -> int:
        """Take in the authority's own export; gives how many rows had a number."""
        known = self.issued if self.issued is not None else {}
        self.issued = known
        count = 0
        for cells in rows:
            number = plain(columns.text(cells, "number") or columns.text(cells, "id"))
            if not number:
                continue
            about = columns.text(cells, "family") + columns.text(cells, "trade")
            entry = _Issued(self._key(columns.text(cells, "name")), about, columns.day(cells, "expires")[0])
            known.setdefault(self._key(number), []).append(entry)
            count += 1
        return count

    def row(self, place: int, cells: Sequence[object], columns: Columns) -> RowVerdict | None:
        """What is said of a row; None for one without any cell."""
        if not any(value not in (None, "") for value in cells):
            return None
        said: dict[str, list[str]] = {}
        number = plain(columns.text(cells, "number") or columns.text(cells, "id"))
        about = columns.text(cells, "family") + " " + columns.text(cells, "trade")
        family = self.family_of(about) or None
        days = {}
        for name in ("issued", "expires", "reviewed"):
            days[name], unread = columns.day(cells, name)
            if unread:
                said.setdefault("doubtful", []).append(f"日期“{unread[:20]}”无法辨认")
        if columns.is_rounded(cells):
            said.setdefault("doubtful", []).append("编号在表中存为数值，末几位已失真；请改为文本后再核")
            number = ""
        elif not number:
            said.setdefault("wrong", []).append("缺证书编号")
        if number:
            read = self.rules.read(number, self.on, family=family, **days)
            if read.word != "ok":
                said.setdefault(read.word, []).extend(read.reasons)
            family = family or read.family
            self._compare_id(number, plain(columns.text(cells, "id")), said)
            self._repeated(place, number, columns.text(cells, "name"), about, said)
            self._job(family, columns.text(cells, "job"), said)
        matched = bool(number) and self._recorded(number, cells, columns, days["expires"], said)
        word = next((each for each in GRAVITY if each in said), "matched" if matched else "ok")
        self.counts[word] += 1
        reasons = tuple(reason for each in GRAVITY for reason in said.get(each, ()))
        return RowVerdict(word, reasons, family)

    def _compare_id(self, number: str, own: str, said: dict[str, list[str]]) -> None:
        bare = number.removeprefix("T")
        if own and len(bare) == 18 and bare[:17].isdecimal() and bare != own:
            said.setdefault("wrong", []).append("证书编号中的身份号码与身份证号不符")

    def _repeated(self, place: int, number: str, name: str, about: str, said: dict[str, list[str]]) -> None:
        """One number on two names is wrong; the same number and trade twice is repeated."""
        key, person = self._key(number), self._key(name)
        first, known = self._seen.setdefault(key, (place, person))
        if known != person:
            said.setdefault("wrong", []).append(f"与第{first}行同一编号而姓名不同")
        before = self._pairs.setdefault(self._key(number + "\0" + re.sub(r"\s", "", about)), place)
        if before != place:
            said.setdefault("repeated", []).append(f"与第{before}行重复")

    def _job(self, family: str | None, job: str, said: dict[str, list[str]]) -> None:
        wanted = self.family_of(job) if job else None
        if family is not None and wanted is not None and wanted != family:
            names = self.labels.get(wanted, wanted), self.labels.get(family, family)
            said.setdefault("doubtful", []).append(f"岗位“{job[:20]}”一般需{names[0]}，所持为{names[1]}")

    def _recorded(
        self, number: str, cells: Sequence[object], columns: Columns, expires: date | None, said: dict[str, list[str]]
    ) -> bool:
        """Whether the records have the row as it is."""
        if self.issued is None:
            return False
        found = self.issued.get(self._key(number))
        if not found:
            said.setdefault("not_found", []).append("发证记录中未查到；未查到不等于假证，请到官方渠道核对")
            return False
        name = self._key(columns.text(cells, "name"))
        mine = [entry for entry in found if entry.name == name]
        if not mine:
            said.setdefault("differs", []).append("发证记录中该编号的姓名不同")
            return False
        trade = columns.text(cells, "trade") or columns.text(cells, "family")
        fitting = [entry for entry in mine if not trade or not entry.about or _same_trade(trade, entry.about)]
        if not fitting:
            said.setdefault("differs", []).append("发证记录中该编号没有这一作业类别")
            return False
        days = {entry.expires for entry in fitting if entry.expires is not None}
        if expires is not None and days and expires not in days:
            shown = "、".join(sorted(day.isoformat() for day in days))
            said.setdefault("differs", []).append(f"发证记录中的有效期为{shown}")
            return False
        if days and max(days) < self.on:
            said.setdefault("expired", []).append(f"据发证记录已于{max(days).isoformat()}过期")
            return False
        return True

    def _key(self, text: str) -> Key:
        bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
        return hashlib.blake2b(bare.encode("utf-8", "replace"), key=self._secret, digest_size=12).digest()

    def summary(self) -> list[dict[str, Any]]:
        """Rows by word, gravest first."""
        order = (*GRAVITY, "ok", "matched")
        return [{"word": word, "label": WORDS[word], "rows": self.counts[word]} for word in order if self.counts[word]]


def _same_trade(one: str, other: str) -> bool:
    one, other = (re.sub(r"[\s、,，;；]", "", unicodedata.normalize("NFKC", each)) for each in (one, other))
    return one in other or other in one


def parse_columns(given: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """``heading=field`` pairs of the command; UsageError where one is none."""
    fields = sorted(set(known))
    found = {}
    for pair in given:
        heading, _, name = pair.partition("=")
        if not heading or name not in fields:
            raise UsageError(f"--column {pair}: write HEADING=FIELD, FIELD one of {', '.join(fields)}")
        found[bare_heading(heading)] = name
    return found
