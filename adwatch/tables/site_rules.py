"""Rules for sites that imitate official look-ups (site_rules.csv); an office's own file replaces the shipped one."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file

FILE = "site_rules.csv"
COLUMNS = ["rule", "value", "note"]
KINDS = {"site": "网站", "app": "应用", "mini_program": "小程序", "account": "公众号"}
HOW = {
    "text": "信息文字",
    "link": "信息链接",
    "qr": "二维码",
    "barcode": "条码",
    "printed": "图片文字",
    "tip": "举报",
    "inspection": "执法检查",
    "list": "名单",
    "person": "人工登记",
}
"""Ways in which a site is met, with their Chinese names."""


@dataclass(frozen=True, slots=True)
class SiteRules:
    """The rules by name; what each means stands in the file."""

    scope: str
    per_day: int
    look_days: int
    looks_more: int
    check_days: int
    gone_apart_hours: int
    most_together: int
    similar_icon: int
    similar_shot: int
    similar_structure: float
    young_days: int
    control: str
    """Addresses, blanks between them; ``controls`` has them apart."""
    offer_class: str
    """``class`` in the file."""

    @property
    def controls(self) -> tuple[str, ...]:
        """Addresses that answer whenever the office's network works."""
        return tuple(self.control.split())


def site_rules(data: Path | None = None) -> SiteRules:
    """The rules; SpecError names the line of what is wrong or says what is missing."""
    file = table_file(FILE, data)
    found: dict[str, str | int | float] = {}
    kinds = {field.name: field.type for field in fields(SiteRules)}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            name = "offer_class" if row["rule"] == "class" else row["rule"]
            if name not in kinds or name in found:
                raise SpecError(str(file), reader.line_num, "rule", f"{row['rule']!r} is no rule, or stands twice")
            found[name] = _value(str(kinds[name]), row["value"], file, reader.line_num)
    odd = [each for each in str(found.get("control", "")).split() if not each.startswith(("http://", "https://"))]
    if odd:
        raise SpecError(str(file), None, "control", f"{odd[0]!r}: write whole addresses, blanks between them")
    if missing := sorted(set(kinds) - set(found)):
        raise SpecError(str(file), None, "rule", f"missing: {', '.join(missing)}")
    return SiteRules(**found)  # type: ignore[arg-type]


def _value(kind: str, text: str, file: Path, line: int) -> str | int | float:
    try:
        value: str | int | float = {"int": int, "float": float}.get(kind, str)(text)
    except ValueError as error:
        raise SpecError(str(file), line, "value", f"{text!r} is no number") from error
    if value == "" or (isinstance(value, int | float) and value < 0):
        raise SpecError(str(file), line, "value", "is empty or below 0")
    return value
