"""How much a host looks like an official look-up: scored by what its name is put together of.

A host is official if the register says so on that day. What only a government can register (…gov.cn) is no look-alike.
Else its registrable part (public suffix list) and what stands before it are cut into known words: names of authorities
and their sites, "gov", words of querying, of certificates, of trades, and words that honest businesses use. A part that
is not covered by known words speaks against imitation. One scan over many hosts decides which are looked at at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import digits

import ahocorasick_rs
import numpy as np
from publicsuffixlist import PublicSuffixList

from adwatch.tables.officials import Official, Officials
from adwatch.text.hosts import host_of
from classifiers.sites.lookalike_words import WEIGHTS, Misspelt, misspellings, read_tokens, said, unswapped

HERE = Path(__file__).parent
THRESHOLD = 2.0
EMBEDDED = 3.0
"""An official host name inside another's."""
MISSPELT = 2.2
"""One letter from an official name, or written with letters that look like its own."""
IN_PATH = 2.0
WHOLE = 0.8
"""More for a name that is an authority's whole name (yingjiguanlibu) and nothing else."""
FREE = 1.0
"""More for a name of a certificate or an authority under a suffix where anybody has a page at once."""
TOGETHER = 0.2
"""More for a trade and its certificate in a name without an honest word."""
LONG = 8
"""Letters of an authority's whole name, at least; of Chinese characters half as many."""
LONGER = 14
"""Letters of a certificate's whole name, at least."""
LONG_WORD = 11
"""Letters of a word that is still read with one of them wrong (tezhongzouye), at least."""
COVERED = 0.7
"""Share of a part's letters that known words must cover, else what they say counts less."""
FREE_SUFFIXES = (
    *("weebly.com", "wixsite.com", "github.io", "gitee.io", "vercel.app", "netlify.app", "pages.dev", "workers.dev"),
    *("blogspot.com", "web.app", "firebaseapp.com", "herokuapp.com", "glitch.me", "000webhostapp.com", "surge.sh"),
    *("myshopify.com", "wordpress.com", "render.com", "onrender.com", "fly.dev", "repl.co", "webflow.io"),
)
"""Private suffixes of free hosting (public suffix list)."""
MILD = ("claim", "honest", "place")
"""Kinds of words that say nothing of an authority or a paper."""
EXAM = frozenset(("ks", "kaoshi", "kaohe", "aqks", "考试", "考核"))
"""What question banks and schools call themselves, too."""
BUREAU = re.compile(r"[a-z]{1,3}[sxq](yjj|yjglj|ajj|scjgj|zjj|zjw|rsj)")
"""How a city's or county's bureau is called for short: 武汉市应急局, whsyjj."""
GOVERNMENT = ("gov.cn", "mil.cn", "edu.cn")
"""Suffixes under which nobody but a government (or a school) can register."""
BATCH = 2000
_PLAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/*")
_SPLIT = re.compile(r"[.\-_]+")
_ASKED = re.compile(r"[?&](sfzh|sfz|zjhm|zsbh|zsh|zjbh|xm|idcard|certno|cert_no|certid|idno)=")
"""Parameters of an address that ask for a person or a certificate."""


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
        self.tokens = read_tokens(HERE / "lookalike_spelled.csv") | read_tokens(HERE / "lookalike_tokens.csv")
        hosts = {entry.name for entry in self.officials.entries if entry.kind == "host"}
        self.names = [_name(host) for host in sorted(hosts)]
        self.misspelt = {wrong: name for name in self.names for wrong in misspellings(name.own)}
        self.typed = {wrong: name for name in self.names for wrong in misspellings(name.host)}
        long = (word for word, kind in self.tokens.items() if len(word) >= LONG_WORD and kind not in MILD)
        self.typos = Misspelt(filter(str.isascii, long), LONG_WORD)
        shorts = [(each, name) for name in self.names for each in {name.joined, name.joined.removesuffix("gov")}]
        self.blurred = {wrong: name for each, name in shorts for wrong in misspellings(each)}
        self.own = {name.own: name for name in self.names}
        self.suffixes = PublicSuffixList()
        self.longest = max(map(len, self.tokens))
        self._owned: tuple[date, frozenset[str]] | None = None
        words = {word for word, kind in self.tokens.items() if kind not in ("claim", "honest") and _telling(word)}
        words |= {name.joined for name in self.names} | set(self.misspelt) | set(self.blurred) | {"xn--"}
        self.gate = ahocorasick_rs.AhoCorasick(sorted(words), store_patterns=False)

    def score(self, address: str, day: date) -> HostVerdict:
        """What is thought of one host or URL as of a day."""
        host = address if _PLAIN.fullmatch(address) and "xn--" not in address else host_of(address)
        if host is None:
            return HostVerdict(None, "other", 0.0, ("没有可辨认的主机名",))
        word, entry = self.officials.host(host, day)
        if word is not None and entry is not None:
            return HostVerdict(host, word, 0.0, (_registered(entry, word),))
        if host.endswith(tuple(f".{suffix}" for suffix in GOVERNMENT)):
            return HostVerdict(host, "other", 0.0, ("政府或学校专用域名，不在登记册中",))
        if (owner := self.suffixes.privatesuffix(host)) is not None and owner in self.owned(day):
            return HostVerdict(host, "other", 0.0, (f"与登记的官方主机名同属 {owner}，不在登记册中",))
        points = [*self._by_user(address), *self._by_name(host), *self._by_path(address, host)]
        total = round(sum(point for point, _ in points), 2)
        verdict = "look_alike" if total >= THRESHOLD else "other"
        return HostVerdict(host, verdict, max(total, 0.0), tuple(why for _, why in points if why))

    def owned(self, day: date) -> frozenset[str]:
        """Registrable names under which a host is official on that day: whoever has them imitates nobody there."""
        if self._owned is None or self._owned[0] != day:
            valid = [each.name for each in self.officials.entries if each.kind == "host" and each.valid(day)]
            self._owned = (day, frozenset(self.suffixes.privatesuffix(name) or name for name in valid))
        return self._owned[1]

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
        swapped = [unswapped(address) for address in written]
        for form in (written, swapped, [_SPLIT.sub("", address) for address in swapped]):
            ends = np.cumsum([len(address) + 1 for address in form])
            starts = [start for _, start, _ in self.gate.find_matches_as_indexes("\n".join(form))]
            found.update(np.searchsorted(ends, starts, side="right").tolist())
        return found

    def _by_name(self, host: str) -> Iterator[tuple[float, str]]:
        joined = _SPLIT.sub("", unswapped(host))
        inside = next((name for name in self.names if len(name.joined) >= 6 and name.joined in joined), None)
        if inside is not None:
            yield EMBEDDED, f"主机名中含有官方主机名 {inside.host}"
        registrable = self.suffixes.privatesuffix(host) or host
        before = host[: -len(registrable)].strip(".")
        suffix = self.suffixes.publicsuffix(host) or ""
        own = registrable[: -len(suffix) - 1] if suffix and registrable != suffix else registrable
        bare = own.replace("-", "")
        whole = _SPLIT.sub("", unswapped(f"{before}{own}"))
        name = self.typed.get(host.removeprefix("www.")) or self.blurred.get(whole.removeprefix("www"))
        if inside is None and name is not None:
            yield MISSPELT, f"与官方主机名 {name.host} 只差一个字母"
        if len(bare) >= 5 and bare in self.own:
            yield MISSPELT, f"与官方主机名 {self.own[bare].host} 同名而后缀不同"
        place = next((each for each in FREE_SUFFIXES if host.endswith(f".{each}")), None)
        labels = _SPLIT.split(host[: -len(place) - 1]) if place else []
        if any(self.tokens.get(each) in ("paper", "authority", "strong") for each in labels):
            yield FREE, f"免费空间 {place} 上以证书、机关命名"
        if BUREAU.fullmatch(bare):
            yield WEIGHTS["gov"], "域名是市县主管部门的简称"
        weights: dict[str, dict[str, float]] = {}
        pieces = [piece for part in (own, before) for piece in _SPLIT.split(part) if piece]
        pieces += [suffix] if self.tokens.get(suffix) == "query" else []
        for piece in dict.fromkeys((*pieces, bare)):
            plain = unswapped(piece)
            words, share = max(
                (self._covered(each) for each in (piece, plain, piece.strip(digits) or piece)),
                key=lambda found: found[1],
            )
            for word in words:
                factor = 1.0 if share >= COVERED else share / COVERED / 2
                found = weights.setdefault(self.tokens[word], {})
                found[word] = max(found.get(word, 0.0), factor)
            name = None if piece in self.tokens else self.misspelt.get(plain) or self.own.get(plain)
            if name is not None and piece in pieces and bare not in self.own:
                yield MISSPELT, f"“{piece}”仿写官方主机名 {name.host}"
        if weights.keys() - {"claim", "posing", "honest", "place"}:
            full = {kind for kind, found in weights.items() if max(found.values()) >= 1.0}
            if "paper" in full and not weights.keys() - {"paper", "trade", "claim"} and len(bare) >= LONGER:
                yield FREE, "整个域名就是证书名称"
            elif "paper" in full and "honest" not in weights and weights.get("trade", {}).keys() - EXAM:
                yield TOGETHER, ""
            for kind, words_of in weights.items():
                best, *others = sorted(words_of, key=lambda word: -words_of[word])
                yield WEIGHTS[kind] * (words_of[best] if WEIGHTS[kind] > 0 else 1.0), said(kind, best)
                if kind == "authority" and best == bare and len(best) >= (LONG if best.isascii() else LONG // 2):
                    yield WHOLE, "整个域名就是主管部门的名称"
                if kind == "authority" and others:
                    yield WEIGHTS[kind] * words_of[others[0]] / 2, said(kind, others[0])

    def _by_user(self, address: str) -> Iterator[tuple[float, str]]:
        """An official host as the user name of an address: http://cx.mem.gov.cn@elsewhere/."""
        user = _SCHEME.sub("", address.lower()).partition("/")[0].rpartition("@")[0]
        name = next((name for name in self.names if name.host in user), None) if user else None
        if name is not None:
            yield EMBEDDED, f"网址的用户名部分写成官方主机名 {name.host}"

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
        named = [word for word in dict.fromkeys(segments) if self.tokens.get(word) in ("authority", "strong")]
        paper = any(self.tokens.get(word) == "paper" and len(word) >= 4 for word in segments)
        if len(named) > 1 or (paper and _ASKED.search(address.lower())):
            yield IN_PATH, "网址路径仿写主管部门的查询"
            return
        if {"authority", "strong", "gov"} & kinds and len(kinds) >= 2 and any(each in self.tokens for each in segments):
            yield IN_PATH, "网址路径仿写主管部门的查询"
        elif {"query", "paper"} <= kinds or "lookup" in kinds:
            yield 0.6, "网址路径像证书查询"
        elif "query" in kinds:
            own = {self.tokens[word] for piece in _SPLIT.split(host) for word in self._words(piece)[0] if len(word) > 3}
            if own & {"paper", "trade", "authority"} and "honest" not in own:
                yield 1.1, "证书、机关名称的主机名加查询路径"

    def _covered(self, piece: str) -> tuple[list[str], float]:
        """The known words of a piece, and the share of its letters that they cover."""
        words, covered = self._words(piece)
        return words, covered / len(piece)

    def _words(self, piece: str) -> tuple[list[str], int]:
        """The known words that cover most of a piece, and how many letters they cover; longer words first."""
        best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]
        for end in range(1, len(piece) + 1):
            top = best[end - 1]
            for size in range(2 if piece.isascii() else 1, min(self.longest, end) + 1):
                word = piece[end - size : end]
                known = word if word in self.tokens else self.typos.meant(word)
                if known is not None:
                    covered, few, words = best[end - size]
                    top = max(top, (covered + size, few - 1, (*words, known)))
            best.append(top)
        covered, _, words = best[-1]
        return list(words), covered


def _telling(word: str) -> bool:
    """Whether a word is rare enough in names to have them looked at."""
    return len(word) >= 3 or not word.isascii()


def _name(host: str) -> _Name:
    labels = [label for label in host.split(".") if label != "www"]
    last = next(at for at, label in enumerate([*labels, "cn"]) if label in ("gov", "com", "org", "cn"))
    return _Name(host, "".join(labels[:-1]).replace("-", ""), labels[max(last - 1, 0)].replace("-", ""))


def _registered(entry: Official, word: str) -> str:
    if word == "official":
        return f"登记册：{entry.source}（{entry.region}）"
    last = entry.valid_to.isoformat() if entry.valid_to else ""
    return f"登记册：{entry.source}（{entry.region}），当日不在有效期（{entry.valid_from or ''}至{last}）"
