"""Citations as a letter writes them: by law with its full title, the articles in their order, crimes apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

CRIMINAL = "刑法"
"""A letter doesn't say that this one was violated: whether it was, a court finds."""
_CITE = re.compile(r"《(.+?)》(.*)", re.DOTALL)
_ARTICLE = re.compile(r"第([零一二三四五六七八九十百千]+)条(?:之([一二三四五六七八九十]+))?")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_STATE = "中华人民共和国"


def joined(cites: Iterable[str]) -> str:
    """《中华人民共和国广告法》第九条第（二）项、第二十八条，《网络交易监督管理办法》第三十四条."""
    by_law: dict[str, list[str]] = {}
    for cite in cites:
        found = _CITE.fullmatch(cite)
        law, article = (found[1], found[2]) if found else (cite, "")
        by_law.setdefault(law, []).append(article)
    return "，".join(
        f"《{full_title(law)}》{'、'.join(sorted(dict.fromkeys(articles), key=place))}"
        for law, articles in by_law.items()
    )


def apart(cites: Iterable[str]) -> tuple[list[str], list[str]]:
    """The citations of other laws, and those of the criminal law."""
    others: list[str] = []
    crimes: list[str] = []
    for cite in cites:
        found = _CITE.fullmatch(cite)
        (crimes if found and found[1].removeprefix(_STATE) == CRIMINAL else others).append(cite)
    return others, crimes


def full_title(law: str) -> str:
    """A law of the National People's Congress bears the state's name (…法); regulations and measures (…办法) do not."""
    national = law.endswith("法") and not law.endswith("办法") and not law.startswith(_STATE)
    return _STATE + law if national else law


def place(article: str) -> tuple[int, int, str]:
    """Where an article stands in its law, to sort by; one that is not numbered stands last."""
    found = _ARTICLE.search(article)
    if found is None:
        return (1 << 30, 0, article)
    return (number(found[1]), number(found[2] or "零"), article)


def number(numeral: str) -> int:
    """A Chinese numeral below ten thousand: 二百八十四 is 284."""
    total = digit = 0
    for char in numeral:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
