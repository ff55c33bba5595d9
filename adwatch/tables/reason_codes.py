"""Reason codes of findings (reason_codes.csv): what statistics count, beside the reviewer's own words."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adwatch.errors import SpecError, UsageError
from adwatch.tables import table_file

COLUMNS = ["code", "label", "findings", "note"]
VERBS = ("confirm", "rectified", "dismiss", "doubt", "refer", "exclude", "close")


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """One reason that a finding may have."""

    code: str
    """Short and stable: decisions keep it."""
    label: str
    """Chinese words for people."""
    findings: tuple[str, ...]
    """Verbs for which it may be given."""
    note: str
    """Doubts to be checked by the office."""


def reason_codes(data: Path | None = None) -> dict[str, ReasonCode]:
    """Codes in the order of the file."""
    file = table_file("reason_codes.csv", data)
    found: dict[str, ReasonCode] = {}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            if None in row or None in row.values():
                raise SpecError(str(file), reader.line_num, "", f"{len(COLUMNS)} columns are needed")
            one = ReasonCode(row["code"].strip(), row["label"].strip(), tuple(row["findings"].split()), row["note"])
            strange = [each for each in one.findings if each not in VERBS]
            if strange or not one.findings:
                said = f"{(strange or [''])[0]!r} is no finding; write some of {' '.join(VERBS)}"
                raise SpecError(str(file), reader.line_num, "findings", said)
            if not one.code or len(one.code) > 20 or not one.label or one.code in found:
                raise SpecError(str(file), reader.line_num, "code", "a code of 1-20 characters of its own and a label")
            found[one.code] = one
    return found


def checked_code(codes: Mapping[str, ReasonCode], code: str | None, verb: str) -> str | None:
    """The code, if it may be given for that finding; UsageError that says which may."""
    if code is None or (code in codes and verb in codes[code].findings):
        return code
    may = "、".join(f"{each.code} {each.label}" for each in codes.values() if verb in each.findings)
    raise UsageError(f"理由代码 {code[:20]!r}: 不能用于 {verb}；可用: {may}")
