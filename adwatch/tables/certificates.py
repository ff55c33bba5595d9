"""Certificate numbers read by rules that are data: what a number says, what is wrong with it, in words.

``certificate_forms.csv`` has a row for each form of number, ``certificate_codes.csv`` what its parts may say. A number
that no form fits is of unknown form, never false; a code that the table lacks is a doubt, since tables are incomplete.
Nothing here says that a certificate was issued: only the authority's own records do.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file
from adwatch.tables.id_numbers import ID_NUMBER, read_id, years_between

FORMS = "certificate_forms.csv"
CODES = "certificate_codes.csv"
ADULT = 18
"""Age at which a person may be certified (特种作业人员安全技术培训考核管理规定 4(1))."""
LONGEST = 40
"""Characters of the longest number that is looked at."""
_SPACE = re.compile(r"[\s\-_.·]+")


@dataclass(frozen=True, slots=True)
class Form:
    """One form of certificate number (certificate_forms.csv)."""

    form: str
    family: str
    label: str
    pattern: re.Pattern[str]
    number: str
    """id: contains an ID number; serial: numbered by the authority."""
    valid_years: int | None
    review_years: int | None
    valid_from: date | None
    """First day on which such numbers were given."""
    valid_to: date | None
    """Last day on which a certificate of this form can still be valid."""
    note: str


@dataclass(frozen=True, slots=True)
class Code:
    """What a part of a number may say (certificate_codes.csv)."""

    label: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a number says."""

    word: str
    """ok | doubtful | wrong | expired | unknown_form; ok says that the form fits, never that it was issued."""
    form: str | None
    """Id of the form."""
    family: str | None
    """Certificate family; None where several have the same form and none was named."""
    label: str
    """Chinese name of the certificate."""
    parts: dict[str, str]
    """What the parts say, personal ones left out."""
    reasons: tuple[str, ...]
    """What is wrong, doubtful or expired, in words."""
    masked: str
    """Fit to be shown."""
    expires: date | None = None
    """Last day of validity, where the day of issue is known."""


@dataclass(slots=True)
class _Found:
    wrong: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def word(self) -> str:
        named = (("wrong", self.wrong), ("expired", self.expired), ("doubtful", self.doubtful))
        return next((word for word, reasons in named if reasons), "ok")


def plain(number: str) -> str:
    """A number in one spelling: width folded, upper case, no spaces or separators."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", number)).upper()


def masked(number: str) -> str:
    """A number at the same length, all but its beginning starred."""
    head = 7 if number.startswith("T") else 6
    return number[:head] + "*" * (len(number) - head)


class Certificates:
    """The rules, the office's own in the place of the shipped ones."""

    def __init__(self, data: Path | None = None) -> None:
        self.forms = _forms(table_file(FORMS, data))
        self.codes = _codes(table_file(CODES, data), {form.form for form in self.forms})

    def read(
        self,
        number: str,
        on: date,
        *,
        family: str | None = None,
        issued: date | None = None,
        expires: date | None = None,
        reviewed: date | None = None,
    ) -> Reading:
        """What a number says as of a day; ``family`` chooses among forms that look alike, the other days are the
        certificate's own (issued, last day of validity, last review) where it shows them."""
        bare = plain(number)
        forms = self.forms if len(bare) <= LONGEST else []
        fitting = [(form, match) for form in forms if (match := form.pattern.fullmatch(bare))]
        mine = [pair for pair in fitting if family is None or pair[0].family == family]
        if not fitting:
            return Reading("unknown_form", None, None, "", {}, ("编号形式未知，请向发证机关核实",), masked(bare))
        if not mine:
            label = "、".join(dict.fromkeys(form.label for form, _ in fitting))
            said = (f"编号形式属于{label}，与所称证书类别不符",)
            return Reading("doubtful", fitting[0][0].form, None, label, {}, said, masked(bare))
        form, match = mine[0]
        found = _Found()
        self._parts(form, match, found, on, issued)
        last = _dates(form, found, on, issued, expires, reviewed)
        alone = len({other.family for other, _ in mine}) == 1
        label = form.label if alone else "、".join(dict.fromkeys(other.label for other, _ in mine))
        reasons = (*found.wrong, *found.expired, *found.doubtful)
        named = form.family if alone else None
        return Reading(found.word, form.form, named, label, found.parts, reasons, masked(bare), last)

    def _parts(self, form: Form, match: re.Match[str], found: _Found, on: date, issued: date | None) -> None:
        said = match.groupdict()
        if number := said.pop("id", None):
            person = read_id(number, on)
            found.wrong += person.wrong
            found.doubtful += person.doubtful
            if issued is not None and person.born is not None and years_between(person.born, issued) < ADULT:
                found.wrong.append(f"发证时持证人未满{ADULT}周岁")
        for part, code in said.items():
            self._part(form, part, code, said, found, on)
        year = int(said["year"]) if said.get("year") else None
        if year is not None and issued is not None and year != issued.year:
            found.doubtful.append(f"编号中的年份（{year}）与发证日期不同年")

    def _part(self, form: Form, part: str, code: str, said: dict[str, str], found: _Found, on: date) -> None:
        if part == "year":
            found.parts[part] = code
            if int(code) > on.year:
                found.wrong.append(f"编号中的年份（{code}）晚于核对日期")
            elif form.valid_from is not None and int(code) < form.valid_from.year:
                found.wrong.append(f"编号中的年份（{code}）早于该编号规则施行（{form.valid_from.year}年）")
            return
        key = said["province"] + code if part == "city" else code
        table = self.codes.get((form.form, part))
        if table is None:
            return
        known = table.get(key)
        if known is None:
            comparable = part != "city" or any(each.startswith(said["province"]) for each in table)
            if comparable:
                found.doubtful.append(f"编号中的代码 {key} 不在代码表中")
            return
        found.parts[part] = known.label
        if known.valid_to is not None and known.valid_to < on:
            found.doubtful.append(f"编号中的代码 {key}（{known.label}）已停用")


def _dates(
    form: Form, found: _Found, on: date, issued: date | None, expires: date | None, reviewed: date | None
) -> date | None:
    """Check the certificate's own days; gives the last day of validity as far as it can be known."""
    if issued is not None and issued > on:
        found.wrong.append("发证日期晚于核对日期")
    if issued is not None and expires is not None and expires <= issued:
        found.wrong.append("有效期止日不晚于发证日期")
    last = _later(issued, form.valid_years)
    if last is not None and expires is not None and abs((expires - last).days) > 3:
        found.doubtful.append(f"有效期与规定的{form.valid_years}年不一致")
    last = expires or last
    if form.valid_to is not None and on > form.valid_to:
        found.expired.append(f"{form.label}已全部失效")
    elif last is not None and last < on:
        found.expired.append(f"已于{last.isoformat()}过期")
    due = _later(reviewed or issued, form.review_years)
    if due is not None and due < on and not found.expired:
        found.expired.append(f"应于{due.isoformat()}前复审，未见复审日期")
    return last


def _later(day: date | None, years: int | None) -> date | None:
    """The last day of so many years from a day on."""
    if day is None or years is None:
        return None
    try:
        after = day.replace(year=day.year + years)
    except ValueError:  # 29 February
        after = date(day.year + years, 3, 1)
    return date.fromordinal(after.toordinal() - 1)


def _rows(file: Path, names: list[str]) -> list[tuple[int, dict[str, str]]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != names:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(names)}")
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise SpecError(str(file), reader.line_num, "", f"{len(names)} columns are needed")
            rows.append((reader.line_num, row))
    return rows


def _forms(file: Path) -> list[Form]:
    names = ["form", "family", "label", "pattern", "number", "valid_years", "review_years", "valid_from", "valid_to"]
    forms: dict[str, Form] = {}
    for line, row in _rows(file, [*names, "note"]):
        try:
            pattern = re.compile(row["pattern"])
        except re.error as error:
            raise SpecError(str(file), line, "pattern", f"no regular expression: {error}") from error
        if row["form"] in forms:
            raise SpecError(str(file), line, "form", f"{row['form']} stands twice")
        if row["number"] not in ("id", "serial") or ("id" in pattern.groupindex) != (row["number"] == "id"):
            raise SpecError(str(file), line, "number", "id needs a group id in the pattern, serial must have none")
        forms[row["form"]] = Form(
            *(row["form"], row["family"], row["label"], pattern, row["number"]),
            valid_years=_whole(row["valid_years"], file, line, "valid_years"),
            review_years=_whole(row["review_years"], file, line, "review_years"),
            valid_from=_day(row["valid_from"], file, line, "valid_from"),
            valid_to=_day(row["valid_to"], file, line, "valid_to"),
            note=row["note"],
        )
    return list(forms.values())


def _codes(file: Path, forms: set[str]) -> dict[tuple[str, str], dict[str, Code]]:
    found: dict[tuple[str, str], dict[str, Code]] = {}
    for line, row in _rows(file, ["form", "part", "code", "label", "valid_from", "valid_to", "note"]):
        if row["form"] not in forms:
            raise SpecError(str(file), line, "form", f"{row['form']}: no such form in {FORMS}")
        table = found.setdefault((row["form"], row["part"]), {})
        if row["code"] in table:
            raise SpecError(str(file), line, "code", f"{row['code']} stands twice")
        days = (_day(row[name], file, line, name) for name in ("valid_from", "valid_to"))
        table[row["code"]] = Code(row["label"], *days)
    return found


def _whole(text: str, file: Path, line: int, name: str) -> int | None:
    if text and not text.isdecimal():
        raise SpecError(str(file), line, name, f"{text!r} is no number of years")
    return int(text) if text else None


def _day(text: str, file: Path, line: int, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise SpecError(str(file), line, name, f"{text!r} is no date; write YYYY-MM-DD") from error


__all__ = ["ID_NUMBER", "Certificates", "Code", "Form", "Reading", "masked", "plain"]
