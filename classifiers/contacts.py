"""Ways to reach a seller, however they are written, and personal numbers: found in every text, because every index
masks them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from adwatch.models import Contact

Rules = tuple[tuple[str, int, Any, re.Pattern[str]], ...]
NUMERALS = dict(zip("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两oO", "001234567891123456789200", strict=True))
READ_AS = str.maketrans(NUMERALS)
D = "[0-9零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖o]"
GAP = r"[^\w\n]{0,2}"
WECHAT = (
    r"[微薇威溦徽崴vw绿卫加](?<![a-z].)"
    r"(?:(?<=[微薇威溦徽崴])[信心芯]?号?|(?<=v)[信x]?|(?<=w)(?:x|echat|eixin)|(?<=绿)泡泡|(?<=卫)星号?|(?<=加)信)"
)
"""By its first character, since what begins with a set of characters is searched many times faster than what looks back
at each place.
"""
QQ = r"[q扣企球叩蔻](?:(?<=q)[q扣]|(?<=扣)扣|(?<=企)鹅[号群]?|(?<=球)球|(?<=叩)叩|(?<=蔻)蔻|(?<=扣)|(?<![a-z].)(?<=q))"
"""Likewise."""
USER = r"[a-z][a-z0-9_]{4,31}"
OPENING, OPENED = '“"「【《:：', 4
ACCOUNT_SIGN = "(?:公众号|视频号|抖音号|快手号|关注)"
TELEGRAM_SIGN = r"[t电飞](?:(?<=t)(?:\.me/|elegram|g)|(?<=电)报|(?<=飞)机)"
TELEGRAM = r"(?:telegram|电报|纸飞机|飞机号?|(?<![a-z])tg)"
LONG = rf"(?:[0-9]{GAP}){{5,10}}[0-9]"
NAME = r"[a-z][a-z0-9_-]{5,19}"
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
STANDS_FOR = "电微溦薇v"
STANDS_IN = rf"[(（\[]?[{STANDS_FOR}][)）\]]?"
"""Between the digits of a number that is a WeChat name as well."""
BEFORE_QQ, BEFORE_WECHAT = r"(?:\W{0,4}|[:：\s]{0,6})", r"[同号码]{0,2}[^\w\n]{0,6}"
DASH = "[-— ]"
LANDLINE = (
    rf"[04](?<![0-9-].)(?:(?<=0)[0-9]{{2,3}}{DASH}[0-9]{{7,8}}"
    rf"|(?<=4)00(?:{DASH}?[0-9]{{3}}{DASH}?[0-9]{{4}}|{DASH}[0-9]{{4}}{DASH}?[0-9]{{3}}))"
)
ONES, SECONDS = "1一幺l", "3456789三四五六七八九"
"""What a mobile number begins with."""
FORMAL_ONES, FORMAL_SECONDS = ONES + "壹", SECONDS + "叁肆伍陆柒捌玖"
"""Where its first two may be written as on a cheque."""


def mobile(ones: str, seconds: str) -> str:
    """A mobile number, with the country's code or without, by what may stand first and second."""
    rest = rf"{GAP}[{seconds}](?:{GAP}{D}){{9}}"
    return rf"[+8{ones}](?<![0-9a-z.].)(?:(?:(?<=\+)8|(?<=8))6{GAP}([{ones}]{rest})|(?<=[{ones}]){rest})"


NAMED = rf"[0-9](?<![0-9].)[0-9]{{2,3}}{STANDS_IN}[0-9]{{4}}{STANDS_IN}[0-9]{{4}}"
"""A number that is a WeChat name as well."""
PERSON = (
    r"[1-9](?:(?<![0-9a-z].)|(?<=t.)(?<![0-9a-z]t.))"
    r"[0-9]{5}(?:18|19|20)[0-9]{2}(?:0[0-9]|1[0-2])[0-3][0-9]{4}[0-9x]"
)
NOT_AFTER = re.compile(
    r"(?:isbn|编号|单号|订单|代码|备案|许可证|批号|型号|货号|条码|准考证|证号|证书号|公告|第|验证码|账号|卡号|学号|工号)\W{0,3}[a-z]?$"
)
MAIL, LINK, WECHATS, QQS, TELEGRAMS, FOLLOWED, ACCOUNTS, MOBILES, LANDLINES, NUMBERS, MIXED = (
    1 << bit for bit in range(11)
)
"""Groups of rules, by what makes a text worth a look. ACCOUNTS, public accounts alone, are looked for in what is read,
since only there a name without letters is worth it; MIXED are numbers with letters among them.
"""
EVERY = (1 << 11) - 1
RULES = tuple(
    (kind, groups, core and re.compile(core), re.compile(pattern))
    for kind, groups, core, pattern in (
        ("email", MAIL, "@", r"(?<![a-z0-9])[a-z0-9][a-z0-9._%+-]{1,40}@[a-z0-9-]{1,30}(?:\.[a-z]{2,8}){1,3}"),
        ("url", LINK, "", r"(?:https?://|www\.)[a-z0-9][^\s，。、；）)】”\"<>一-鿿]{3,200}"),
        ("telegram", TELEGRAMS | LINK, TELEGRAM_SIGN, rf"(?:t\.me/|{TELEGRAM}\W{{0,3}}号?\W{{0,3}}@?)({USER})"),
        ("id_number", NUMBERS, "", rf"{PERSON}(?![0-9a-z])"),
        ("id_number", NUMBERS, "", rf"[{PROVINCES}](?<![0-9a-z].)[a-z][0-9]{{12}}(?![0-9])"),
        ("phone", MOBILES, "", rf"{mobile(ONES, SECONDS)}(?![0-9])"),
        ("phone", MIXED, "", rf"{NAMED}(?![0-9])"),
        ("phone", LANDLINES, "", rf"{LANDLINE}(?![0-9])"),
        ("qq", QQS, "", rf"{QQ}(?:号码?|群)?{BEFORE_QQ}((?:{D}{GAP}){{4,10}}{D})(?![0-9])"),
        ("wechat", WECHATS, "", rf"{WECHAT}{BEFORE_WECHAT}({NAME}|{LONG})(?![a-z0-9])"),
        ("account", FOLLOWED | ACCOUNTS, "", rf"{ACCOUNT_SIGN}\W{{0,3}}[{OPENING}]\s{{0,2}}([\w一-鿿]{{2,20}})"),
    )
)  # fmt: skip
"""Kind, groups, what is searched first, and the pattern. What begins with a set of characters is searched quickly; what
looks back at each place is not.
"""
FORMALS, CHANGES = 1 << 11, 1 << 12
"""Groups of LATER: numbers written as on a cheque; accounts behind a word that the account was changed."""
CHANGED = r"\W{0,4}已?[换改变](?:[成为了]|成了|为了)?[^\w\n]{0,2}"
LATER = tuple(
    (kind, group, core and re.compile(core), re.compile(pattern))
    for kind, group, core, pattern in (
        ("phone", FORMALS, "", rf"{mobile(FORMAL_ONES, FORMAL_SECONDS)}(?![0-9])"),
        ("qq", CHANGES, "[换改变]", rf"{QQ}(?:号码?|群)?{CHANGED}((?:{D}{GAP}){{4,10}}{D})(?![0-9])"),
        ("wechat", CHANGES, "[换改变]", rf"{WECHAT}[同号码]{{0,2}}{CHANGED}({NAME}|{LONG})(?![a-z0-9])"),
    )
)
"""Rules like RULES that the model was trained without: what they find is masked and linked, and is no fact for it."""
PLAIN_WORDS = frozenset(
    ("wechat", "weixin", "telegram", "whatsapp", "android", "iphone", "windows", "shouji", "number")
)


def digits(text: str) -> str:
    """Only digits, Chinese numerals and the letter o read as such."""
    return "".join(filter(str.isdigit, text.translate(READ_AS)))


def mask(raw: str) -> str:
    """The same length; two characters at the front and one at the end of longer ones stay."""
    size = len(raw)
    if size < 6:
        return "*" * size
    return raw[:2] + "*" * (size - 3) + raw[-1]


def value(kind: str, text: str) -> str:
    """What links two writings of the same contact."""
    if kind in ("phone", "qq"):
        return digits(text.replace("l", "1"))
    if kind == "wechat" and not text[:1].isalpha():
        return digits(text)
    return re.sub(r"\s", "", text)


def find(raw: str, flat: str, groups: int = EVERY) -> list[Contact]:
    """Contacts in order; ``flat`` is the raw text folded with its length kept; only rules of some groups."""
    return _found(raw, flat, groups, RULES, [])


def with_later(raw: str, flat: str, groups: int, known: list[Contact]) -> list[Contact]:
    """Contacts that ``find`` knows, and those by LATER, in order."""
    if groups & (QQS | WECHATS):
        groups |= CHANGES
    if not groups & (FORMALS | CHANGES):
        return known
    more = _found(raw, flat, groups, LATER, [(each.start, each.end) for each in known])
    return sorted([*known, *more], key=lambda item: item.start) if more else known


def _found(raw: str, flat: str, groups: int, rules: Rules, taken: list[tuple[int, int]]) -> list[Contact]:
    found: list[Contact] = []
    low = flat.lower()
    for kind, start, end in _spans(low if len(low) == len(flat) else flat, groups, rules):
        if any(start < stop and begin < end for begin, stop in taken):
            continue
        text = flat[start:end].lower()
        normal = value(kind, text)
        if not normal or text in PLAIN_WORDS:
            continue
        taken.append((start, end))
        found.append(Contact(kind, start, end, normal, mask(raw[start:end])))
    return sorted(found, key=lambda item: item.start)


def _spans(text: str, groups: int, rules: Rules) -> Iterator[tuple[str, int, int]]:
    for kind, group, core, rule in rules:
        if not group & groups or (core and not core.search(text)):
            continue
        for match in rule.finditer(text):
            start, end = match.span(match.lastindex or 0)
            if kind in ("qq", "phone") and NOT_AFTER.search(text[max(0, match.start() - 12) : match.start()]):
                continue
            if kind == "url":
                end = start + len(text[start:end].rstrip(".,;:!?"))
            yield kind, start, end
