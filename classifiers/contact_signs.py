"""Which texts of a batch may hold a contact: signs of the groups of rules in ``contacts``, looked for in one pass."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from classifiers.arrays import Index, Marks, codes
from classifiers.contacts import (
    FOLLOWED,
    FORMAL_ONES,
    FORMAL_SECONDS,
    FORMALS,
    LANDLINES,
    LINK,
    MAIL,
    MIXED,
    MOBILES,
    NUMBERS,
    NUMERALS,
    ONES,
    OPENED,
    OPENING,
    QQS,
    SECONDS,
    STANDS_FOR,
    TELEGRAMS,
    WECHATS,
)
from classifiers.folds import Batch
from classifiers.loops import marks

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
ONE, SECOND, OPENS, FORMAL_ONE, FORMAL_SECOND = (1 << bit for bit in range(5))
"""Bits of a character: it stands first or second in a mobile number, opens what is quoted, or stands so on a cheque."""


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
        formal = ((FORMAL_ONE, FORMAL_ONES), (FORMAL_SECOND, FORMAL_SECONDS))
        for bit, chars in ((ONE, ONES), (SECOND, SECONDS), (OPENS, OPENING), *formal):
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
        one, second = self.looks[light[runs - 1]], self.looks[first]
        mobile = second & SECOND & one << 1 > 0
        formal = second & FORMAL_SECOND & one << 1 > 0
        national = (first == ord("4")) & (light[runs + 1] == ord("0")) & (light[runs + 2] == ord("0"))
        for group, found in (
            (MOBILES, runs[mobile]),
            (FORMALS, runs[formal & ~mobile]),
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
