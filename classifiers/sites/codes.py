"""Whether a code or printed address in a picture leads to a false look-up of certificates.

It does if its host is not in the register of official sites on that day and either looks like an official name
(``lookalike``), or is an unknown one on a picture that bids to look a certificate up, or on a picture of a certificate.
Chats, payments, maps, forms and the platform's own pages (code_hosts.csv) are ordinary; so is all that is no address.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.text.hosts import host_of
from classifiers.sites.lookalike import GOVERNMENT, Lookalikes

HERE = Path(__file__).parent
FINDING = "fake_lookup_site"
"""Offer class of what is found."""
FIELDS = 3
"""Different words of a certificate's fields that make a picture one of a certificate."""
_SCHEME = re.compile(r"^([a-z][a-z0-9+-]*):(?![0-9]+(/|$))", re.IGNORECASE)
_GAP = re.compile(r"[^\w]+")
KINDS = ("bid", "field", "paper", "not_bid")


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """What is thought of a code."""

    verdict: str
    """finding | official | official_once | ordinary | other; an official_once may be a finding's host, too."""
    host: str | None
    """Where it leads."""
    why: tuple[str, ...]
    """In words."""


class CodeJudge:
    """Register, look-alikes and words; ``data`` is the office's own folder."""

    def __init__(self, data: Path | None = None) -> None:
        self.lookalikes = Lookalikes(data)
        self.words = read_words(HERE / "code_words.csv")
        self.hosts = read_hosts(HERE / "code_hosts.csv")

    def judge(self, how: str, content: str, text: str, day: date, own: Collection[str] = ()) -> CodeVerdict:
        """Judge one code by what it says and by the words of its picture; ``own`` are hosts of the platform itself."""
        scheme = _SCHEME.match(content)
        if how == "barcode" or (scheme and scheme[1].lower() not in ("http", "https")):
            named = f"“{scheme[1][:12]}”类内容" if scheme else "商品条码"
            return CodeVerdict("ordinary", None, (f"{named}，不是网址",))
        address = as_url(content)
        host = host_of(address) if "." in content and not re.search(r"\s", content.strip()) else None
        if host is None:
            return CodeVerdict("ordinary", None, ("不是网址",))
        found = self.lookalikes.score(address, day)
        if found.verdict == "official":
            return CodeVerdict("official", host, found.why)
        if (ordinary := self._ordinary(host, own)) is not None:
            return CodeVerdict("ordinary", host, (ordinary,))
        if found.verdict == "look_alike":
            return CodeVerdict("finding", host, found.why)
        said = self.says(text)
        if said and not host.endswith(tuple(f".{suffix}" for suffix in GOVERNMENT)):
            return CodeVerdict("finding", host, (said, "主机不在官方网站登记册中", *found.why))
        return CodeVerdict("official_once" if found.verdict == "official_once" else "other", host, found.why)

    def _ordinary(self, host: str, own: Collection[str]) -> str | None:
        if any(host == each or host.endswith(f".{each}") for each in own):
            return "平台自己的网页"
        parts = host.split(".")
        for at in range(len(parts) - 1):
            label = self.hosts.get(".".join(parts[at:]))
            if label is not None:
                return label
        return None

    def says(self, text: str) -> str:
        """Whether a picture's words bid to look a certificate up, or are a certificate's; empty if neither."""
        plain = _GAP.sub("", text).lower()
        other = plain
        for word in self.words["not_bid"]:
            other = other.replace(word, "")
        bid = next((word for word in self.words["bid"] if word in other), None)
        paper = next((word for word in self.words["paper"] if word in plain), None)
        if bid and paper:
            return f"图中文字引导查询证书（“{bid}”“{paper}”）"
        fields = [word for word in self.words["field"] if word in plain]
        if paper and len(fields) >= FIELDS:
            return f"图片是证书（“{'”“'.join(fields[:FIELDS])}”）"
        return ""


def as_url(content: str) -> str:
    """An address with its scheme: ``host:8080/x`` is no address of a scheme ``host``."""
    return content if "://" in content[:12] else f"http://{content.strip()}"


@cache
def read_words(file: Path) -> dict[str, tuple[str, ...]]:
    """Words by kind, longest first."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    with file.open(encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), 2):
            if row["kind"] not in KINDS:
                raise SpecError(str(file), number, "kind", f"{row['kind']!r}: write one of {', '.join(KINDS)}")
            if row["word"] in found[row["kind"]]:
                raise SpecError(str(file), number, "word", f"{row['word']} stands twice")
            found[row["kind"]].append(row["word"])
    return {kind: tuple(sorted(words, key=len, reverse=True)) for kind, words in found.items()}


@cache
def read_hosts(file: Path) -> dict[str, str]:
    """What is ordinary about a host and all below it, by host."""
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    found = {row["host"]: row["label"] for row in rows}
    if len(found) < len(rows):
        raise SpecError(str(file), None, "host", "a host stands twice")
    return found
