"""In whose name a page acts, of which papers, and who sells: what makes an act of it a false look-up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifiers.sites.facts import Point
from classifiers.sites.page_acts import sworn
from classifiers.sites.page_parts import SPACE
from classifiers.sites.page_seen import HEAD, TAIL, Seen
from classifiers.sites.page_words import Words

NEAR = 24
"""Characters round a word that vouches."""
_LOOKUP = re.compile(
    r"(?:证书|证件|证照|持证|资格证?|操作证|作业证|上岗证|合格证|考核|人员|真伪|电子证|编号|安全员)[\u4e00-\u9fff]{0,8}?"
    r"(?:查询|核验|验证|查验|验真|检索|核实|认证|核查|辨伪|鉴别|公示|在线查|扫码查)"
)
"""What a look-up calls itself, whatever it is of."""
_NATIONAL = re.compile(
    r"(?:全国|国家|中国|中华|官方|权威|政务|政府|省级|全省|全市)[\u4e00-\u9fff]{0,16}?"
    r"(?:平台|系统|中心|门户|公示|网|入口|查询|数据库|信息库|总库)"
)
"""A name that says that it is everybody's, or the state's."""
_GOOD = "(?![性期日至限截])"
"""Behind a word that swears: 证书有效, but not 证书有效性, 证书有效期."""
_BUREAU = re.compile(r"[\u4e00-\u9fff]{1,10}[省市州县区盟旗][\u4e00-\u9fff]{0,8}(?:厅|局|委员会|管委会)")
"""A bureau, whichever."""


def claims(page: Seen, words: Words, acting: bool) -> Iterator[Point]:
    """Points for names and titles; ``acting``: whether the page does what a look-up does."""
    images = SPACE.sub("", page.images)
    word = words.first("authority", page.title) or words.first("authority", images)
    lookup = words.first("lookup", page.title) or words.first("lookup", images) or _found(_LOOKUP, page.title)
    if word is None and acting and (bureau := _BUREAU.search(page.title)) is not None:
        word = bureau[0]
    if word is not None:
        yield Point("authority", 1.3, f"标题或图片以“{word}”名义")
    else:
        if acting and (said := words.first("authority", page.bare[:HEAD])) is not None:
            yield Point("head", 1.0, f"页首以“{said}”名义")
        elif (said := words.first("authority", page.bare)) is not None and (lookup or acting):
            yield Point("mentioned", 0.6, f"文中出现“{said}”")
        if acting and (national := _NATIONAL.search(page.head)) is not None:
            yield Point("national", 0.8, f"自称“{national[0]}”")
    if lookup is not None:
        yield Point("title", 1.0, f"标题或图片为“{lookup}”")
    elif acting and (said := words.first("lookup", page.head) or _found(_LOOKUP, page.head)) is not None:
        yield Point("title", 0.7, f"页首为“{said}”")
    if (word := words.first("emblem", page.images)) is not None:
        yield Point("emblem", 0.7, f"图片含“{word}”")
    if (paper := words.first("paper", page.title)) is not None:
        yield Point("paper", 1.2 if acting else 0.4, f"标题含“{paper}”")
    elif acting and (paper := words.first("paper", page.bare)) is not None:
        yield Point("paper", 0.6, f"文中为“{paper}”")
    tail = page.bare[-TAIL:]
    if words.any("organiser", tail) and (word := words.first("authority", tail)) is not None:
        yield Point("organiser", 1.0, f"页脚称主办单位为“{word}”")


def vouched(page: Seen, words: Words, seen: set[str]) -> Iterator[Point]:
    """An authority as the source of what a look-up shows; words that swear to it.

    Who issues a certificate is named by honest schools too: that counts only where a certificate is shown or its
    number is asked for.
    """
    named = words.of["issuer"] if seen & {"record", "numbered", "confirmed"} else ()
    for word in (*words.of["vouch"], *named):
        place = page.bare.find(word)
        around = page.bare[max(0, place - NEAR) : place + len(word) + NEAR] if place >= 0 else ""
        name = words.first("authority", around) or _found(_BUREAU, around[-NEAR:])
        if name is not None:
            yield Point("vouch", 1.0, f"称“{word}”为“{name}”")
            break
    sworn_to = (word for word in words.of["swear"] if re.search(f"(?<![不无]){re.escape(word)}{_GOOD}", page.bare))
    if (said := next(sworn_to, None) or sworn(page)) is not None:
        yield Point("swear", 0.6, f"自证真伪：“{said}”")


def seller(page: Seen, words: Words) -> Iterator[Point]:
    """What only who sells has on a page."""
    if any(words.any("admin", link) for link in page.links):
        yield Point("admin", 0.5, "页面留有后台入口")
    if (word := words.first("seller", page.text)) is not None:
        yield Point("seller", 0.7, f"含“{word}”")


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[0] if found is not None else None
