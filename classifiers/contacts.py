"""Ways to reach a seller, however they are written, and personal numbers: found in every text, because every index
masks them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from adwatch.models import Contact
from classifiers.folds import Batch

NUMERALS = dict(zip("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两oO", "001234567891123456789200", strict=True))
D = "[0-9零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖o]"
GAP = r"[^\w\n]{0,2}"
EDGE = r"(?<![0-9a-z.])"
WECHAT = r"(?:微信号?|[微薇威溦徽崴][信心芯]?号?|v信|vx|wx|v|wechat|weixin|绿泡泡|卫星号?|加信)"
QQ = r"(?:qq|扣扣|企鹅号?|球球|叩叩|蔻蔻|q扣|(?<![a-z])q|扣|企鹅群)"
TELEGRAM = r"(?:telegram|电报|纸飞机|飞机号?|(?<![a-z])tg)"
LONG = rf"(?:[0-9]{GAP}){{5,10}}[0-9]"
NAME = r"[a-z][a-z0-9_-]{5,19}"
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
PERSON = r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0\d|1[0-2])[0-3]\d\d{3}[\dx]"
NOT_AFTER = re.compile(
    r"(?:isbn|编号|单号|订单|代码|备案|许可证|批号|型号|货号|条码|准考证|证号|证书号|公告|第|验证码|账号|卡号|学号|工号)\W{0,3}[a-z]?$"
)
SIGNS = {
    "email": re.compile("@"),
    "url": re.compile(r"://|www\."),
    "telegram": re.compile(r"tg|电报|飞机|telegram|t\.me"),
    "id_number": re.compile(r"\d{12}"),
    "phone": re.compile(r"(?:[0-9零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖ol][^\n]{0,3}){7}"),
    "qq": re.compile(r"q|扣|企鹅|球|叩|蔻"),
    "wechat": re.compile(r"[微薇威溦徽崴vx]|绿泡|卫星|加信"),
    "account": re.compile(r"公众号|视频号|抖音号|快手号|关注"),
}
"""What must occur for a kind to be looked for: most texts hold none of it."""
RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"(?<![a-z0-9])[a-z0-9][a-z0-9._%+-]{1,40}@[a-z0-9-]{1,30}(?:\.[a-z]{2,8}){1,3}")),
    ("url", re.compile(r"(?:https?://|www\.)[a-z0-9][^\s，。、；）)】”\"<>一-鿿]{3,200}")),
    ("telegram", re.compile(rf"(?:t\.me/|{TELEGRAM}\W{{0,3}}号?\W{{0,3}}@?)([a-z][a-z0-9_]{{4,31}})")),
    ("id_number", re.compile(rf"(?<![0-9a-z])t?({PERSON})(?![0-9a-z])")),
    ("id_number", re.compile(rf"(?<![0-9a-z])([{PROVINCES}][a-z]\d{{12}})(?!\d)")),
    ("phone", re.compile(rf"{EDGE}(?:\+?86{GAP})?((?:1|一|幺|l){GAP}[3-9三四五六七八九](?:{GAP}{D}){{9}})(?![0-9])")),
    ("phone", re.compile(r"(?<!\d)(\d{3,4}[(（\[]?[电微溦薇v][)）\]]?\d{4}[(（\[]?[电微溦薇v][)）\]]?\d{4})(?!\d)")),
    ("phone", re.compile(r"(?<![\d-])(0\d{2,3}[-— ]\d{7,8}|400[-— ]?\d{3}[-— ]?\d{4}|400[-— ]\d{4}[-— ]?\d{3})(?!\d)")),
    ("qq", re.compile(rf"{QQ}(?:号码?|群)?(?:\W{{0,4}}|[:：\s]{{0,6}})((?:{D}{GAP}){{4,10}}{D})(?![0-9])")),
    ("wechat", re.compile(rf"(?<![a-z]){WECHAT}[同号码]{{0,2}}[^\w\n]{{0,6}}({NAME}|{LONG})(?![a-z0-9])")),
    ("account", re.compile(r"(?:公众号|视频号|抖音号|快手号|关注)\W{0,3}[“\"「【《:：]\s{0,2}([\w一-鿿]{2,20})")),
)  # fmt: skip
PLAIN_WORDS = frozenset(
    ("wechat", "weixin", "telegram", "whatsapp", "android", "iphone", "windows", "shouji", "number")
)


def digits(text: str) -> str:
    """Only digits, Chinese numerals and the letter o read as such."""
    return "".join(NUMERALS.get(char, char) for char in text if char.isdigit() or char in NUMERALS)


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


def find(raw: str, flat: str) -> list[Contact]:
    """Contacts in order; ``flat`` is the raw text folded with its length kept."""
    taken: list[tuple[int, int]] = []
    found: list[Contact] = []
    for kind, start, end in _spans(flat.lower() if len(flat.lower()) == len(flat) else flat):
        if any(start < stop and begin < end for begin, stop in taken):
            continue
        text = flat[start:end].lower()
        normal = value(kind, text)
        if not normal or text in PLAIN_WORDS:
            continue
        taken.append((start, end))
        found.append(Contact(kind, start, end, normal, mask(raw[start:end])))
    return sorted(found, key=lambda item: item.start)


def _spans(text: str) -> Iterator[tuple[str, int, int]]:
    present = {name for name, sign in SIGNS.items() if sign.search(text)}
    for kind, rule in RULES:
        if kind not in present:
            continue
        for match in rule.finditer(text):
            group = 1 if rule.groups and match.group(1) is not None else 0
            start, end = match.span(group)
            if kind in ("qq", "phone") and NOT_AFTER.search(text[max(0, match.start() - 12) : match.start()]):
                continue
            if kind == "url":
                end = start + len(text[start:end].rstrip(".,;:!?"))
            yield kind, start, end


class Candidates:
    """Which texts of a batch may hold a contact."""

    def __init__(self) -> None:
        self.numeral = np.zeros(0x110000, dtype=bool)
        self.numeral[[ord(char) for char in "0123456789" + "".join(NUMERALS)]] = True
        self.latin = np.zeros(0x110000, dtype=bool)
        self.latin[[ord(char) for char in "0123456789abcdefghijklmnopqrstuvwxyz" + "".join(NUMERALS)]] = True

    def numbers(self, batch: Batch, reach: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Texts with seven numerals in a row once separators are dropped, or with six letters or digits and a
        contact word.
        """
        run = self.numeral[batch.light]
        for step in (1, 2, 3):
            run[:-step] &= run[step:].copy()
        sure = np.searchsorted(batch.ends, np.flatnonzero(run))
        run = self.latin[batch.light]
        for step in (1, 2, 2):
            run[:-step] &= run[step:].copy()
        maybe = np.searchsorted(batch.ends, np.flatnonzero(run))
        return np.unique(np.concatenate((sure, maybe[reach[maybe]])))
