"""The two numbers of a case: 案件号, which every case has, and 线索编号 (ADW-2026-000001), given by 线索登记.

Whoever has one finds the case by it: wherever a person writes a case, either is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import Engine

from adwatch.errors import UsageError
from adwatch.models import StageReport
from adwatch.store.cases import by_lead_numbers
from adwatch.store.engine import reading

NO_SUCH = "没有这个编号；用 adwatch review list 查看"
NO_NUMBER = "编号应为数字；用 adwatch review list 查看"
LONGEST = 18
"""Digits of a 案件号."""
_LEAD = re.compile(r"ADW-?(\d{4})-?(\d{1,9})", re.ASCII)


def as_lead(text: str) -> str | None:
    """A 线索编号 as it is kept, of one as a person writes it (adw-2026-1); None of anything else."""
    written = unicodedata.normalize("NFKC", text).strip().upper()
    found = _LEAD.fullmatch(written)
    return f"ADW-{found[1]}-{int(found[2]):06d}" if found else None


def of_leads(engine: Engine, texts: Iterable[int | str]) -> dict[str, int | None]:
    """Of those that are written as a 线索编号 the 案件号; None where it was never given."""
    leads = {str(each): lead for each in texts if (lead := as_lead(str(each))) is not None}
    if not leads:
        return {}
    with reading(engine) as connection:
        known = by_lead_numbers(connection, leads.values())
    return {text: known.get(lead) for text, lead in leads.items()}


def plain(engine: Engine, texts: Iterable[int | str]) -> list[str]:
    """The same with the 案件号 in the place of each 线索编号; UsageError names one that was never given."""
    given = [str(each).strip() for each in texts]
    known = of_leads(engine, given)
    unknown = next((each for each, case_id in known.items() if case_id is None), None)
    if unknown is not None:
        raise UsageError(f"线索编号 {unknown[:40]}: {NO_SUCH}")
    return [str(known.get(each) or each) for each in given]


def written(text: str) -> list[str]:
    """The numbers in what a person writes into a field, divided by spaces or marks."""
    return [each for each in re.split(r"[\s,，;；、]+", text) if each]


def found(engine: Engine, text: str) -> dict[str, int | None]:
    """Of each number in what a person writes into a field the 案件号; None of a 线索编号 that was never given.

    UsageError names what is neither. Whether there is a case of that number is not asked.
    """
    each = written(text)
    known = of_leads(engine, each)
    done: dict[str, int | None] = {}
    for one in each:
        digits = unicodedata.normalize("NFKC", one)
        if one not in known and not (digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST):
            raise UsageError(f"{one[:40]!r}: 既不是案件号（数字），也不是线索编号（ADW-2026-000001）")
        done[one] = known[one] if one in known else int(digits)
    return done


def numbers(engine: Engine, ids: Sequence[int | str], report: StageReport) -> list[int]:
    """案件号 of cases, each once, written as that or as a 线索编号; what is neither is named in the report."""
    wanted: dict[int, None] = {}
    leads = of_leads(engine, ids)
    for each in ids:
        try:
            number = int(leads.get(str(each)) or each)
        except ValueError:
            said = f"线索编号 {each}: {NO_SUCH}" if str(each) in leads else f"案件 {str(each)[:40]!r}: {NO_NUMBER}"
            report.drop("unknown", said)
            continue
        if 0 < number < 1 << 63:
            wanted[number] = None
        else:
            report.drop("unknown", f"案件 {number}: {NO_SUCH}")
    return list(wanted)
