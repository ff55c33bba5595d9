"""Values that people type into the tables that fall due: how they are written, and how they are stored."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from adwatch.errors import UsageError
from adwatch.tables.report_form import Column

TEXT_LIMIT = 2000
"""Characters of a text cell."""
NUMBER_LIMIT = 10**12


def checked_value(column: Column, text: str) -> str:
    """The value as it is stored; UsageError that says what to write. Nothing is rounded, no sign is taken."""
    said = text.strip()
    if column.kind == "text":
        if len(said) > TEXT_LIMIT:
            raise UsageError(f"{column.heading}: 超过 {TEXT_LIMIT} 字")
        return said
    try:
        number = Decimal(said)
    except InvalidOperation:
        number = Decimal("NaN")
    whole = number.is_finite() and number == number.to_integral_value()
    if not number.is_finite() or not 0 <= number < NUMBER_LIMIT or (column.kind == "number" and not whole):
        wanted = "非负整数" if column.kind == "number" else "非负数"
        raise UsageError(f"{column.heading}: {text[:40]!r} 应为{wanted}")
    return str(int(number)) if column.kind == "number" else format(number.normalize(), "f")
