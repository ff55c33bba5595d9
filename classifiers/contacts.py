"""Ways to reach a seller, however they are written, and personal numbers: found in every text, because every index
masks them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from adwatch.models import Contact
from classifiers.arrays import Index, Marks, codes
from classifiers.folds import Batch
from classifiers.loops import marks

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
REST = rf"{GAP}[{SECONDS}](?:{GAP}{D}){{9}}"
"""Of a mobile number, behind its one."""
MOBILE = rf"[+8{ONES}](?<![0-9a-z.].)(?:(?:(?<=\+)8|(?<=8))6{GAP}([{ONES}]{REST})|(?<=[{ONES}]){REST})"
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
        ("phone", MOBILES, "", rf"{MOBILE}(?![0-9])"),
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
BY_WECHAT, BY_QQ, BY_TELEGRAM, BY_ACCOUNT, QUOTED = (1 << bit for bit in range(5))
"""Bits of a pair of neighbours: what it is a sign of."""
SIGN_PAIRS = {
    BY_WECHAT: (
        *(first + second for first in "微薇威溦徽崴" for second in "信心芯号"),
        *("加" + each for each in "微薇威溦徽崴信v"),
        "信号", "v信", "vx", "wx", "we", "绿泡", "卫星",
    ),
    BY_QQ: ("加扣", "加q", "扣扣", "企鹅", "球球", "叩叩", "蔻蔻", "q扣", "qq"),
    BY_TELEGRAM: ("电报", "飞机", "tg", "te"),
    BY_ACCOUNT: ("关注",),
    QUOTED: ("众号", "频号", "音号", "手号"),
}  # fmt: skip
"""Two neighbours, one of which stands at most NEAR characters before a name; others are a v or q (LONE_LETTERS) with no
letter before it, or a character of BEFORE_NAME right before a letter or digit. QUOTED stand before the name of a public
account, which is quoted: one of OPENING comes within OPENED characters behind them. 关注 is none of these: reports
write 高度关注“…”.
"""
LONE_LETTERS = {"v": BY_WECHAT, "q": BY_QQ}
BEFORE_NAME = {**dict.fromkeys("微薇威溦徽崴信", BY_WECHAT), "扣": BY_QQ, "号": BY_WECHAT | BY_QQ | BY_TELEGRAM}
SIGNED = {BY_WECHAT: WECHATS, BY_QQ: QQS, BY_TELEGRAM: TELEGRAMS, BY_ACCOUNT: FOLLOWED}
"""Groups of the signs that stand before a name."""
NEAR = 12
ONE, SECOND, OPENS = (1 << bit for bit in range(3))
"""Bits of a character: it stands first or second in a mobile number, or opens what is quoted."""
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
    for kind, group, core, rule in RULES:
        if not group & groups or (core and not core.search(text)):
            continue
        for match in rule.finditer(text):
            start, end = match.span(match.lastindex or 0)
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
        pairs = {pair: sign for sign, some in SIGN_PAIRS.items() for pair in some}
        signs = sorted(set("".join((*pairs, *BEFORE_NAME))) - set(letters) - set(numerals))
        number = {char: index for index, char in enumerate((*signs, *letters), 1)}
        self.latin, self.numeral = len(signs) + 1, len(number) + 1
        """Numbers of letters and numerals begin here; below are characters of signs, 0 is any other."""
        self.ident = np.zeros(0x110000, dtype=np.uint8)
        self.ident[list(map(ord, number))] = list(number.values())
        self.ident[list(map(ord, numerals))] = self.numeral
        self.size = self.numeral + 1
        pair = np.zeros((self.size, self.size), dtype=np.uint8)
        for two, sign in pairs.items():
            pair[number[two[0]], number[two[1]]] |= sign
        for char, sign in BEFORE_NAME.items():
            pair[number[char], self.latin :] |= sign
        self.pair = pair.ravel()
        self.lone = np.zeros(self.size, dtype=np.uint8)
        self.lone[[number[char] for char in LONE_LETTERS]] = list(LONE_LETTERS.values())
        self.stands = np.zeros(self.size, dtype=bool)
        self.stands[[number[char] for char in STANDS_FOR]] = True
        self.looks = np.zeros(0x110000, dtype=np.uint8)
        for bit, chars in ((ONE, ONES), (SECOND, SECONDS), (OPENS, OPENING)):
            self.looks[codes(chars)] |= bit

    def groups(self, batch: Batch) -> npt.NDArray[np.uint16]:
        """Bits of all but ACCOUNTS for each text.

        MOBILES, LANDLINES, NUMBERS: ten numerals in a row once separators are dropped, behind a one and beginning as
        such numbers do; beginning with 0 or 400; twelve. MIXED: twice a letter with four numerals behind it. WECHATS,
        QQS, TELEGRAMS, FOLLOWED: their sign with five letters or digits in a row behind it, or a word for an account
        with what is quoted.
        MAIL: ``@`` between letters or digits. LINK: ``://`` or ``www.``.
        """
        result = np.zeros(len(batch.starts), dtype=np.uint16)
        ids, known, fives, runs = marks(batch.light, self.ident, self.latin, self.numeral)
        self._named(result, batch, ids, known, fives)
        result[np.searchsorted(batch.ends, self._mixed(ids, known))] |= MIXED
        if len(runs):
            self._numbers(result, batch, runs)
        if len(batch.spots):
            self._addresses(result, batch)
        return result

    def _numbers(self, result: npt.NDArray[np.uint16], batch: Batch, runs: Index) -> None:
        """Mark texts with telephone and personal numbers; ten numerals begin at ``runs``."""
        light = batch.light
        first = light[runs]
        mobile = self.looks[first] & SECOND & self.looks[light[runs - 1]] << 1 > 0
        national = (first == ord("4")) & (light[runs + 1] == ord("0")) & (light[runs + 2] == ord("0"))
        for group, found in (
            (MOBILES, runs[mobile]),
            (LANDLINES, runs[(first == ord("0")) | national]),
            (NUMBERS, runs[:-2][runs[2:] == runs[:-2] + 2]),
        ):
            result[np.searchsorted(batch.ends, found)] |= group

    def _addresses(self, result: npt.NDArray[np.uint16], batch: Batch) -> None:
        """Mark texts with mail and web addresses."""
        raw, spots = batch.raw, batch.spots
        here = raw[spots]
        at = spots[here == ord("@")]
        around = [self.ident[batch.table[raw.take(at + step, mode="clip")]] for step in (-1, 1)]
        result[batch.owners(at[np.minimum(*around) >= self.latin])] |= MAIL
        colons = spots[here == ord(":")]
        slashes = [raw.take(colons + step, mode="clip") == ord("/") for step in (1, 2)]
        result[batch.owners(colons[np.logical_and(*slashes)])] |= LINK
        stops = spots[(here == ord(".")) & (spots >= 3)]
        for step in (1, 2, 3):
            stops = stops[batch.table[raw[stops - step]] == ord("w")]
        result[batch.owners(stops)] |= LINK

    def _mixed(self, ids: Marks, known: Index) -> Index:
        """Where one of STANDS_FOR has a numeral before it, four behind, another one, and four more."""
        places = known[self.stands[ids[known]]]
        places = places[self.stands[ids.take(places + 5, mode="clip")]]
        for step in (-1, 1, 2, 3, 4, 6, 7, 8, 9):
            places = places[ids.take(places + step, mode="clip") >= self.numeral]
        return places

    def _named(self, result: npt.NDArray[np.uint16], batch: Batch, ids: Marks, second: Index, runs: Index) -> None:
        """Mark texts with a sign and what may be a name behind it; ``second`` are the places that have a number,
        ``runs`` those where five letters or digits begin.
        """
        here = ids[second]
        found = self.pair[ids[second - 1] * np.int64(self.size) + here]
        paired, alone = np.flatnonzero(found & (QUOTED - 1)), np.flatnonzero(self.lone[here])
        before = batch.raw[batch.index[second[alone]] - 1]
        alone = alone[self.ident[batch.table[before]] < self.latin]
        signs = np.concatenate((second[paired] - 1, second[alone]))
        if len(signs) and len(runs):
            kinds = np.concatenate((found[paired], self.lone[here[alone]]))
            name = runs.take(np.searchsorted(runs, signs), mode="clip")
            owners = np.searchsorted(batch.ends, signs)
            near = (name >= signs) & (name - signs <= NEAR) & (name < batch.ends[owners])
            owners, kinds = owners[near], kinds[near]
            for kind, group in SIGNED.items():
                result[owners[kinds & kind > 0]] |= group
        last = second[found & QUOTED > 0]
        if len(last):
            behind = batch.index[last, None] + np.arange(1, OPENED + 1)
            opened = (self.looks[batch.raw.take(behind, mode="clip")] & OPENS).any(axis=1)
            result[np.searchsorted(batch.ends, last[opened])] |= FOLLOWED
