"""统一社会信用代码 (GB 32100-2015): 18 characters of 31, the last of them a check character."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Without I, O, S, V and Z; the place of a character is its value (GB 32100-2015, table 1)."""


def check_character(first17: str) -> str:
    """The check character: 31 minus the sum of value times 3^i mod 31, mod 31 (GB 32100-2015, 4.6; GB/T 17710)."""
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(first17))
    return ALPHABET[-total % 31]


def uscc_mistake(code: str) -> str | None:
    """What is wrong with a code, in words; None where nothing is.

    A few codes of early pilots do not follow the standard: the office sees them named and leaves the cell empty.
    """
    if len(code) != 18 or any(char not in ALPHABET for char in code):
        return "应为18位数字和大写字母（不含 I、O、S、V、Z）"
    wanted = check_character(code[:17])
    return None if code[17] == wanted else f"校验码应为 {wanted}，不是 {code[17]}（GB 32100-2015）"
