"""How much a host looks like an official look-up: scored by what its name is put together of.

A host is official if the register says so on that day. What only a government can register (…gov.cn) is no look-alike.
Else its registrable part (public suffix list) and what stands before it are cut into known words: names of authorities
and their sites, "gov", words of querying, of certificates, of trades, and words that honest businesses use. A part that
is not covered by known words speaks against imitation. One scan over many hosts decides which are looked at at all.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import ahocorasick_rs
import numpy as np
from publicsuffixlist import PublicSuffixList

from adwatch.errors import SpecError
from adwatch.tables.officials import Official, Officials
from adwatch.text.hosts import host_of

HERE = Path(__file__).parent
WEIGHTS = {
    "gov": 1.6,
    "authority": 1.4,
    "lookup": 2.1,
    "query": 1.1,
    "paper": 1.0,
    "trade": 0.9,
    "place": 0.7,
    "claim": 0.2,
    "honest": -2.0,
}
"""What a kind of word says, once; query and paper together (``lookup``) are what a fake look-up is called."""
THRESHOLD = 2.0
EMBEDDED = 3.0
"""An official host name inside another's."""
MISSPELT = 2.2
"""One letter from an official name, or written with letters that look like its own."""
IN_PATH = 2.0
COVERED = 0.7
"""Share of a part's letters that known words must cover, else what they say counts less."""
GOVERNMENT = ("gov.cn", "mil.cn", "edu.cn")
"""Suffixes under which nobody but a government (or a school) can register."""
BATCH = 2000
_PLAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/*")
_SPLIT = re.compile(r"[.\-_]+")
_SWAPS = {
    **dict(zip(map(ord, "013457"), "oleast", strict=True)),
    # UTS #39: Cyrillic and Greek letters that look like Latin ones
    **dict(zip(map(ord, "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0501"), "aeopcyxisd", strict=True)),
    **dict(zip(map(ord, "\u0261\u04bb\u051b\u051d\u03bd\u03bf\u03c1\u03c4\u03b9\u03ba"), "ghqwvoptik", strict=True)),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class HostVerdict:
    """What is thought of a host."""

    host: str | None
    """The host; None where the address has none."""
    verdict: str
    """official | official_once | look_alike | other."""
    score: float
    """0 and more; look-alikes have at least THRESHOLD."""
    why: tuple[str, ...]
    """In words."""


@dataclass(frozen=True, slots=True)
class _Name:
    """An official host by what imitators take from it."""

    host: str
    joined: str
    """Its labels but the last, without separators: cxmemgov."""
    own: str
    """Its most telling label: mem, mohurd, e-cqs."""


class Lookalikes:
    """Register, words and one automaton over both."""

    def __init__(self, data: Path | None = None) -> None:
        self.officials = Officials(data)
        self.tokens = read_tokens(HERE / "lookalike_tokens.csv")
        hosts = {entry.name for entry in self.officials.entries if entry.kind == "host"}
        self.names = [_name(host) for host in sorted(hosts)]
        self.misspelt = {wrong: name for name in self.names for wrong in _misspellings(name.own)}
        self.own = {name.own: name for name in self.names}
        self.suffixes = PublicSuffixList()
        self.longest = max(map(len, self.tokens))
        words = {word for word, kind in self.tokens.items() if kind not in ("claim", "honest") and _telling(word)}
        words |= {name.joined for name in self.names} | set(self.misspelt) | {"xn--"}
        self.gate = ahocorasick_rs.AhoCorasick(sorted(words), store_patterns=False)

    def score(self, address: str, day: date) -> HostVerdict:
        """What is thought of one host or URL as of a day."""
        host = address if _PLAIN.fullmatch(address) else host_of(address)
        if host is None:
            return HostVerdict(None, "other", 0.0, ("没有可辨认的主机名",))
        word, entry = self.officials.host(host, day)
        if word is not None and entry is not None:
            return HostVerdict(host, word, 0.0, (_registered(entry, word),))
        if host.endswith(tuple(f".{suffix}" for suffix in GOVERNMENT)):
            return HostVerdict(host, "other", 0.0, ("政府或学校专用域名，不在登记册中",))
        points = [*self._by_name(host), *self._by_path(address, host)]
        total = round(sum(point for point, _ in points), 2)
        verdict = "look_alike" if total >= THRESHOLD else "other"
        return HostVerdict(host, verdict, max(total, 0.0), tuple(why for _, why in points if why))

    def scores(self, addresses: Iterable[str], day: date) -> Iterator[HostVerdict]:
        """The same for many, in order; what the gate lets go is not looked at further."""
        batch: list[str] = []
        for address in addresses:
            batch.append(address)
            if len(batch) >= BATCH:
                yield from self._batch(batch, day)
                batch = []
        yield from self._batch(batch, day)

    def _batch(self, addresses: Sequence[str], day: date) -> Iterator[HostVerdict]:
        marked = self._marked(addresses)
        for number, address in enumerate(addresses):
            if number in marked or not _PLAIN.fullmatch(address):
                yield self.score(address, day)
            else:
                yield HostVerdict(address, "other", 0.0, ())

    def _marked(self, addresses: Sequence[str]) -> set[int]:
        """Numbers of the addresses in which the gate finds a word, as written, with swaps undone, or unseparated."""
        found: set[int] = set()
        written = [address.replace("\n", " ") for address in addresses]
        swapped = [_unswapped(address) for address in written]
        for form in (written, swapped, [_SPLIT.sub("", address) for address in swapped]):
            ends = np.cumsum([len(address) + 1 for address in form])
            starts = [start for _, start, _ in self.gate.find_matches_as_indexes("\n".join(form))]
            found.update(np.searchsorted(ends, starts, side="right").tolist())
        return found

    def _by_name(self, host: str) -> Iterator[tuple[float, str]]:
        joined = _SPLIT.sub("", _unswapped(host))
        inside = next((name for name in self.names if len(name.joined) >= 6 and name.joined in joined), None)
        if inside is not None:
            yield EMBEDDED, f"主机名中含有官方主机名 {inside.host}"
        registrable = self.suffixes.privatesuffix(host) or host
        before = host[: -len(registrable)].strip(".")
        suffix = self.suffixes.publicsuffix(host) or ""
        own = registrable[: -len(suffix) - 1] if suffix and registrable != suffix else registrable
        bare = own.replace("-", "")
        if len(bare) >= 5 and bare in self.own:
            yield MISSPELT, f"与官方主机名 {self.own[bare].host} 同名而后缀不同"
        weights: dict[str, dict[str, float]] = {}
        pieces = [piece for part in (own, before) for piece in _SPLIT.split(part) if piece]
        for piece in dict.fromkeys((*pieces, bare)):
            plain = _unswapped(piece)
            words, covered = max((self._words(each) for each in (piece, plain)), key=lambda found: found[1])
            share = covered / len(piece) if piece else 0.0
            for word in words:
                factor = 1.0 if share >= COVERED else share / COVERED / 2
                found = weights.setdefault(self.tokens[word], {})
                found[word] = max(found.get(word, 0.0), factor)
            name = None if piece in self.tokens else self.misspelt.get(plain) or self.own.get(plain)
            if name is not None and piece in pieces and bare not in self.own:
                yield MISSPELT, f"“{piece}”仿写官方主机名 {name.host}"
        if weights.keys() - {"claim", "honest", "place"}:
            for kind, words_of in weights.items():
                best, *others = sorted(words_of, key=lambda word: -words_of[word])
                yield WEIGHTS[kind] * (words_of[best] if WEIGHTS[kind] > 0 else 1.0), _said(kind, best)
                if kind == "authority" and others:
                    yield WEIGHTS[kind] * words_of[others[0]] / 2, _said(kind, others[0])

    def _by_path(self, address: str, host: str) -> Iterator[tuple[float, str]]:
        path = _SCHEME.sub("", address.lower()).partition("/")[2].partition("?")[0]
        segments = path.split("/")
        name = next((name for name in self.names if name.host in segments), None)
        if name is not None:
            yield IN_PATH, f"网址路径中含有官方主机名 {name.host}"
            return
        words = [word for piece in _SPLIT.split(path.replace("/", ".")) for word in self._words(piece)[0]]
        kinds = {self.tokens[word] for word in words}
        if "honest" in kinds:
            return
        if {"authority", "gov"} & kinds and len(kinds) >= 2 and any(each in self.tokens for each in segments):
            yield IN_PATH, "网址路径仿写主管部门的查询"
        elif {"query", "paper"} <= kinds:
            yield 0.6, "网址路径像证书查询"

    def _words(self, piece: str) -> tuple[list[str], int]:
        """The known words that cover most of a piece, and how many letters they cover; longer words first."""
        best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]
        for end in range(1, len(piece) + 1):
            top = best[end - 1]
            for size in range(2 if piece.isascii() else 1, min(self.longest, end) + 1):
                word = piece[end - size : end]
                if word in self.tokens:
                    covered, few, words = best[end - size]
                    top = max(top, (covered + size, few - 1, (*words, word)))
            best.append(top)
        covered, _, words = best[-1]
        return list(words), covered


def read_tokens(file: Path) -> dict[str, str]:
    """Kind of each word."""
    found: dict[str, str] = {}
    with file.open(encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), 2):
            if row["kind"] not in WEIGHTS:
                raise SpecError(str(file), number, "kind", f"{row['kind']!r}: write one of {', '.join(WEIGHTS)}")
            if row["token"] in found:
                raise SpecError(str(file), number, "token", f"{row['token']} stands twice")
            found[row["token"]] = row["kind"]
    return found


def _unswapped(text: str) -> str:
    """Letters in the place of what is written to look like them."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return text.translate(_SWAPS).replace("rn", "m").replace("vv", "w")


def _telling(word: str) -> bool:
    """Whether a word is rare enough in names to have them looked at."""
    return len(word) >= 3 or not word.isascii()


def _name(host: str) -> _Name:
    labels = [label for label in host.split(".") if label != "www"]
    last = next(at for at, label in enumerate([*labels, "cn"]) if label in ("gov", "com", "org", "cn"))
    return _Name(host, "".join(labels[:-1]).replace("-", ""), labels[max(last - 1, 0)].replace("-", ""))


@cache
def _misspellings(name: str) -> frozenset[str]:
    """Names one letter away (left out, doubled, swapped, replaced) of names long enough to be mistaken for."""
    if len(name) < 5:
        return frozenset()
    cuts = range(len(name))
    left_out = {name[:at] + name[at + 1 :] for at in cuts}
    swapped = {name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in cuts[:-1]}
    replaced = {name[:at] + letter + name[at + 1 :] for at in cuts for letter in LETTERS}
    put_in = {name[:at] + letter + name[at:] for at in range(len(name) + 1) for letter in LETTERS}
    return frozenset((left_out | swapped | replaced | put_in) - {name})


def _registered(entry: Official, word: str) -> str:
    if word == "official":
        return f"登记册：{entry.source}（{entry.region}）"
    last = entry.valid_to.isoformat() if entry.valid_to else ""
    return f"登记册：{entry.source}（{entry.region}），当日不在有效期（{entry.valid_from or ''}至{last}）"


def _said(kind: str, word: str) -> str:
    named = {
        "gov": "含政府字样",
        "authority": "含主管部门或其网站名",
        "lookup": "含证书查询字样",
        "query": "含查询字样",
        "paper": "含证书字样",
        "trade": "含工种或考试字样",
        "place": "含地名",
        "claim": "",
        "honest": "含培训、商业字样",
    }[kind]
    return f"{named}“{word}”" if named else ""
