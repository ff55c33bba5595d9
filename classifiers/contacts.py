"""Ways to reach a seller, however they are written, and personal numbers: found in every text, because every index
masks them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from adwatch.models import Contact
from classifiers.folds import Batch, Index, codes, look_up, run_beginnings

NUMERALS = dict(zip("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两oO", "001234567891123456789200", strict=True))
READ_AS = str.maketrans(NUMERALS)
D = "[0-9零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖o]"
GAP = r"[^\w\n]{0,2}"
EDGE = r"(?<![0-9a-z.])"
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
TELEGRAM = r"(?:telegram|电报|纸飞机|飞机号?|(?<![a-z])tg)"
LONG = rf"(?:[0-9]{GAP}){{5,10}}[0-9]"
NAME = r"[a-z][a-z0-9_-]{5,19}"
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
STANDS_FOR = "电微溦薇v"
STANDS_IN = rf"[(（\[]?[{STANDS_FOR}][)）\]]?"
"""Between the digits of a number that is a WeChat name as well."""
BEFORE_QQ, BEFORE_WECHAT = r"(?:\W{0,4}|[:：\s]{0,6})", r"[同号码]{0,2}[^\w\n]{0,6}"
DASH = "[-— ]"
LANDLINE = rf"0\d{{2,3}}{DASH}\d{{7,8}}|400{DASH}?\d{{3}}{DASH}?\d{{4}}|400{DASH}\d{{4}}{DASH}?\d{{3}}"
ONES, SECONDS = "1一幺l", "3456789三四五六七八九"
"""What a mobile number begins with."""
MOBILE = rf"[{ONES}]{GAP}[{SECONDS}](?:{GAP}{D}){{9}}"
NAMED = rf"\d\d{{2,3}}{STANDS_IN}\d{{4}}{STANDS_IN}\d{{4}}"
"""A number that is a WeChat name as well."""
FIVE, TWELVE = rf"{D}(?:{GAP}{D}){{4}}", r"\d\d{11}"
"""So many numerals or digits."""
PERSON = r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0\d|1[0-2])[0-3]\d\d{3}[\dx]"
NOT_AFTER = re.compile(
    r"(?:isbn|编号|单号|订单|代码|备案|许可证|批号|型号|货号|条码|准考证|证号|证书号|公告|第|验证码|账号|卡号|学号|工号)\W{0,3}[a-z]?$"
)
WORDS = {
    "url": ("://", "www."),
    "telegram": ("tg", "电报", "飞机", "telegram", "t.me"),
}
"""One of these stands in every text that holds a contact of the kind."""
MAIL, LINK, NAMES, ACCOUNTS, MOBILES, LANDLINES, NUMBERS, MIXED = (1 << bit for bit in range(8))
"""Groups of rules, by what makes a text worth a look. ACCOUNTS, public accounts alone, are looked for in what is read,
since only there a name without letters is worth it; MIXED are numbers with letters among them.
"""
EVERY = 255
RULES = tuple(
    (kind, groups, re.compile(f"[{needs}]"), core and re.compile(core), re.compile(pattern))
    for kind, groups, needs, core, pattern in (
        ("email", MAIL, "@", "", r"(?<![a-z0-9])[a-z0-9][a-z0-9._%+-]{1,40}@[a-z0-9-]{1,30}(?:\.[a-z]{2,8}){1,3}"),
        ("url", LINK, "/.", "", r"(?:https?://|www\.)[a-z0-9][^\s，。、；）)】”\"<>一-鿿]{3,200}"),
        ("telegram", NAMES | LINK, "g报机.", "", rf"(?:t\.me/|{TELEGRAM}\W{{0,3}}号?\W{{0,3}}@?)({USER})"),
        ("id_number", NUMBERS, "123456789", TWELVE, rf"(?<![0-9a-z])t?({PERSON})(?![0-9a-z])"),
        ("id_number", NUMBERS, PROVINCES, TWELVE, rf"(?<![0-9a-z])([{PROVINCES}][a-z]\d{{12}})(?!\d)"),
        ("phone", MOBILES, ONES, MOBILE, rf"{EDGE}(?:\+?86{GAP})?({MOBILE})(?![0-9])"),
        ("phone", MIXED, STANDS_FOR, NAMED, rf"(?<!\d)({NAMED})(?!\d)"),
        ("phone", LANDLINES, "04", LANDLINE, rf"(?<![\d-])({LANDLINE})(?!\d)"),
        ("qq", NAMES, "q扣企球叩蔻", FIVE, rf"{QQ}(?:号码?|群)?{BEFORE_QQ}((?:{D}{GAP}){{4,10}}{D})(?![0-9])"),
        ("wechat", NAMES, "微薇威溦徽崴vw绿卫加", "", rf"{WECHAT}{BEFORE_WECHAT}({NAME}|{LONG})(?![a-z0-9])"),
        ("account", NAMES | ACCOUNTS, "号注", "", rf"{ACCOUNT_SIGN}\W{{0,3}}[{OPENING}]\s{{0,2}}([\w一-鿿]{{2,20}})"),
    )
)  # fmt: skip
"""Kind, groups, characters of which one must stand in the text, what is searched first, and the pattern. What begins
with a set of characters is searched quickly; what looks back at each place is not.
"""
SIGN, ACCOUNT = 1, 2
"""Bits of a pair of neighbours."""
SIGN_PAIRS = (
    *(first + second for first in "微薇威溦徽崴" for second in "信心芯号"),
    *("加" + each for each in "微薇威溦徽崴信vq扣"),
    "信号", "v信", "vx", "wx", "we", "绿泡", "卫星", "扣扣", "企鹅", "球球", "叩叩", "蔻蔻", "q扣", "qq",
    "电报", "飞机", "tg", "te", "关注",
)  # fmt: skip
"""Two neighbours, one of which stands at most NEAR characters before a name; others are a v or q (LONE_LETTERS) with no
letter before it, or a character of BEFORE_NAME right before a letter or digit.
"""
LONE_LETTERS = "vq"
BEFORE_NAME = "微薇威溦徽崴信扣号"
NEAR = 12
ACCOUNT_PAIRS = ("众号", "频号", "音号", "手号")
"""Two neighbours that stand before the name of a public account, which is quoted: one of OPENING comes within OPENED
characters behind them. 关注 is none: reports write 高度关注“…”.
"""
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
    taken: list[tuple[int, int]] = []
    found: list[Contact] = []
    low = flat.lower()
    for kind, start, end in _spans(low if len(low) == len(flat) else flat, groups):
        if any(start < stop and begin < end for begin, stop in taken):
            continue
        text = flat[start:end].lower()
        normal = value(kind, text)
        if not normal or text in PLAIN_WORDS:
            continue
        taken.append((start, end))
        found.append(Contact(kind, start, end, normal, mask(raw[start:end])))
    return sorted(found, key=lambda item: item.start)


def _spans(text: str, groups: int) -> Iterator[tuple[str, int, int]]:
    for kind, group, needs, core, rule in RULES:
        if not group & groups or not needs.search(text) or (core and not core.search(text)):
            continue
        if kind in WORDS and not any(word in text for word in WORDS[kind]):
            continue
        for match in rule.finditer(text):
            start, end = match.span(1 if rule.groups and match.group(1) is not None else 0)
            if kind in ("qq", "phone") and NOT_AFTER.search(text[max(0, match.start() - 12) : match.start()]):
                continue
            if kind == "url":
                end = start + len(text[start:end].rstrip(".,;:!?"))
            yield kind, start, end


class Candidates:
    """Which texts of a batch may hold a contact, and of which groups."""

    def __init__(self) -> None:
        numerals = "0123456789" + "".join(NUMERALS)
        letters = sorted(set("abcdefghijklmnopqrstuvwxyz") - set(numerals))
        signs = sorted(set("".join(SIGN_PAIRS + ACCOUNT_PAIRS) + BEFORE_NAME) - set(letters) - set(numerals))
        number = {char: index for index, char in enumerate((*signs, *letters), 1)}
        self.latin, self.numeral = len(signs) + 1, len(number) + 1
        """Numbers of letters and numerals begin here; below are characters of signs, 0 is any other."""
        self.ident = np.zeros(0x110000, dtype=np.uint8)
        self.ident[list(map(ord, number))] = list(number.values())
        self.ident[list(map(ord, numerals))] = self.numeral
        self.pair = np.zeros((self.numeral + 1, self.numeral + 1), dtype=np.uint8)
        for pairs, mark in ((SIGN_PAIRS, SIGN), (ACCOUNT_PAIRS, ACCOUNT)):
            for pair in pairs:
                self.pair[number[pair[0]], number[pair[1]]] |= mark
        for char in BEFORE_NAME:
            self.pair[number[char], self.latin :] |= SIGN
        self.lone, self.stands = np.zeros((2, self.numeral + 1), dtype=bool)
        self.lone[[number[char] for char in LONE_LETTERS]] = True
        self.stands[[number[char] for char in STANDS_FOR]] = True
        self.opening, self.ones, self.seconds = map(codes, (OPENING, ONES, SECONDS))

    def groups(self, batch: Batch) -> npt.NDArray[np.uint8]:
        """Bits of all but ACCOUNTS for each text.

        MOBILES, LANDLINES, NUMBERS: ten numerals in a row once separators are dropped, behind a one and beginning as
        such numbers do; beginning with 0 or 400; twelve. MIXED: twice a letter with four numerals behind it. NAMES: a
        sign of contact with five letters or digits in a row behind it, or a word for an account with what is quoted.
        MAIL: ``@`` between letters or digits. LINK: ``://`` or ``www.``.
        """
        result = np.zeros(len(batch.starts), dtype=np.uint8)
        ids, light = look_up(self.ident, batch.light), batch.light
        known = np.flatnonzero(ids != 0)
        result[self._named(batch, ids, known)] |= NAMES
        ten = run_beginnings(ids >= self.numeral, (1, 2, 3, 3))
        runs = np.flatnonzero(ten)
        first = light[runs]
        national = (first == ord("4")) & (light[runs + 1] == ord("0")) & (light[runs + 2] == ord("0"))
        for group, found in (
            (MOBILES, runs[np.isin(first, self.seconds) & np.isin(light[runs - 1], self.ones)]),
            (LANDLINES, runs[(first == ord("0")) | national]),
            (NUMBERS, runs[ten[runs + 2]]),
            (MIXED, self._mixed(ids, known)),
        ):
            result[np.searchsorted(batch.ends, found)] |= group
        raw = batch.raw
        inner = np.flatnonzero(raw[1:-1] == ord("@")) + 1
        around = [self.ident[batch.table[raw[inner + step]]] for step in (-1, 1)]
        result[batch.owners(inner[np.minimum(*around) >= self.latin])] |= MAIL
        colons = np.flatnonzero(raw == ord(":"))
        slashes = [raw.take(colons + step, mode="clip") == ord("/") for step in (1, 2)]
        result[batch.owners(colons[np.logical_and(*slashes)])] |= LINK
        stops = np.flatnonzero(raw[3:] == ord(".")) + 3
        for step in (1, 2, 3):
            stops = stops[batch.table[raw[stops - step]] == ord("w")]
        result[batch.owners(stops)] |= LINK
        return result

    def _mixed(self, ids: npt.NDArray[np.uint8], known: Index) -> Index:
        """Where one of STANDS_FOR has a numeral before it, four behind, another one, and four more."""
        places = known[self.stands[ids[known]]]
        places = places[self.stands[ids.take(places + 5, mode="clip")]]
        for step in (-1, 1, 2, 3, 4, 6, 7, 8, 9):
            places = places[ids.take(places + step, mode="clip") >= self.numeral]
        return places

    def _named(self, batch: Batch, ids: npt.NDArray[np.uint8], second: Index) -> Index:
        """Texts with a sign and what may be a name behind it; ``second`` are the places that have a number."""
        before = np.where(second > 0, ids[second - 1], 0)
        marks = self.pair[before, ids[second]]
        lone = second[self.lone[ids[second]]]
        lone = lone[self.ident[batch.table[batch.raw[batch.index[lone] - 1]]] < self.latin]
        signs = np.sort(np.concatenate((second[marks & SIGN > 0] - 1, lone)))
        runs = np.append(np.flatnonzero(run_beginnings(ids >= self.latin, (1, 2, 1))), len(ids))
        runs = runs[np.searchsorted(runs, signs)]
        owners = np.searchsorted(batch.ends, signs)
        near = owners[(runs - signs <= NEAR) & (runs < batch.ends[owners])]
        last = second[marks & ACCOUNT > 0]
        behind = batch.index[last, None] + np.arange(1, OPENED + 1)
        opened = np.isin(batch.raw.take(behind, mode="clip"), self.opening).any(axis=1)
        return np.concatenate((near, np.searchsorted(batch.ends, last[opened])))
