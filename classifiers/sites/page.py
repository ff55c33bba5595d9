"""How much a captured page looks like a false official look-up; each point is explained, and the page is only read.

A look-up on an official host is official; anywhere else a form that asks for a name and a certificate's number, or a
page that shows a certificate's data, in the name of an authority, is what false cards' QR codes open. A page that is
parked, blocked, empty or a mere login has a word of its own: nothing was seen of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from adwatch.tables.filings import filings
from classifiers.contacts import find
from classifiers.folds import KINDS, Folds
from classifiers.sites.facts import Facts, Point
from classifiers.sites.lookalike import FREE_SUFFIXES, GOVERNMENT, THRESHOLD, HostVerdict, Lookalikes
from classifiers.sites.page_acts import LITTLE, MEANS, acts
from classifiers.sites.page_claims import claims, seller, vouched
from classifiers.sites.page_excuses import excuses
from classifiers.sites.page_fields import asks_password
from classifiers.sites.page_parts import read_page
from classifiers.sites.page_seen import HEAD, Seen, seen
from classifiers.sites.page_words import Words
from classifiers.sites.surroundings import around

__all__ = ["Facts", "PageJudge", "PageVerdict", "Point"]
WORDS = {
    "official": "官方",
    "official_once": "曾为官方",
    "fake_lookup": "疑似假冒查询网站",
    "doubtful": "存疑",
    "other": "其他",
    "parked": "域名停放",
    "blocked": "无法查看（拦截）",
    "login": "仅登录页",
    "dead": "无法打开",
    "offline": "本机网络异常",
}
"""Words for a page with their Chinese names."""
FAKE = 4.5
"""Points from which a page is thought to be false."""
DOUBTFUL = 3.0
"""Points from which a person looks at it."""
LONGEST = 2_000_000
"""Characters of a page that are read."""
_ADDRESS = re.compile(r"[0-9.]+|\[?[0-9a-f:]+:[0-9a-f:.]*\]?")
"""A host that is no name."""


@dataclass(frozen=True, slots=True)
class PageVerdict:
    """What is thought of a page."""

    word: str
    """One of WORDS."""
    score: float
    """Sum of the points."""
    points: tuple[Point, ...]
    """What it is made of."""
    filings: tuple[str, ...] = ()
    """ICP, police and government numbers shown, for the authority that can look them up."""
    contacts: tuple[str, ...] = ()
    """Contacts shown, masked."""


class PageJudge:
    """Register, look-alikes and words."""

    def __init__(self, data: Path | None = None) -> None:
        self.hosts = Lookalikes(data)
        self.words = Words()
        self.folds = Folds()
        kind = self.folds.light_kind
        self.simplified = {code: to for code, to in self.folds.light_map.items() if KINDS[kind[code]] == "traditional"}

    def judge(self, facts: Facts) -> PageVerdict:
        """What is thought of one page."""
        host = self.hosts.score(facts.url, facts.day)
        if host.verdict in ("official", "official_once"):
            return PageVerdict(host.verdict, 0.0, (Point("register", 0.0, host.why[0]),))
        if host.host is not None and host.host.endswith(tuple(f".{suffix}" for suffix in GOVERNMENT)):
            return PageVerdict("other", 0.0, (Point("host", 0.0, host.why[0]),))
        challenged = self.words.any("blocked", facts.html[:20_000])
        if (facts.status >= 500 and not challenged) or facts.status in (0, 404, 410):
            return PageVerdict("dead", 0.0, (Point("status", 0.0, f"HTTP {facts.status}"),))
        root = read_page(facts.html[:LONGEST].translate(self.simplified))
        if root is None:
            return PageVerdict("dead", 0.0, (Point("empty", 0.0, "页面没有内容"),))
        page = seen(root, facts.url, facts.pictured.translate(self.simplified))
        numbers = filings(page.text)
        contacts = find(page.text, self.folds.flat(page.text))
        sold = [contact.masked for contact in contacts if contact.kind in ("wechat", "qq", "phone", "telegram")]
        points = self._points(facts, page, host)
        points += [
            Point("filing", 0.8, f"{filing.number}：{'；'.join(filing.wrong)}") for filing in numbers if filing.wrong
        ]
        points += around(facts, any(filing.kind == "icp" and not filing.wrong for filing in numbers))
        if any(filing.kind == "government" for filing in numbers):
            points.append(Point("government_code", 1.5, "非政府域名而标有政府网站标识码"))
        if sold and any(point.name in MEANS for point in points):
            points.append(Point("contact", 0.7, f"查询页上留有联系方式 {sold[0]}"))
        score = round(sum(point.points for point in points), 2)
        word = self._word(facts, page, points, score)
        shown = tuple(dict.fromkeys(filing.number for filing in numbers))
        return PageVerdict(word, score, tuple(points), shown, tuple(dict.fromkeys(each.masked for each in contacts)))

    def _points(self, facts: Facts, page: Seen, host: HostVerdict) -> list[Point]:
        """What the page does, in whose name, where, and what speaks for it."""
        points = [Point("password", 0.0, "页面要求密码")] if asks_password(page.root) else []
        points += acts(page, self.words)
        acting = any(point.name in MEANS for point in points)
        points += claims(page, self.words, acting)
        points += seller(page, self.words)
        names = {point.name for point in points}
        points += excuses(page, self.words, acting, "authority" in names, self.hosts, facts.day)
        if host.verdict == "look_alike":
            strong = host.score >= THRESHOLD + 1
            points.append(Point("host", 2.5 if strong else 2.0, "；".join(host.why[:3])))
        if acting:
            points += vouched(page, self.words, names)
            if host.host is not None and _ADDRESS.fullmatch(host.host):
                points.append(Point("address", 0.8, "查询页在裸 IP 地址上"))
            elif host.host is not None and host.host.endswith(tuple(f".{suffix}" for suffix in FREE_SUFFIXES)):
                points.append(Point("free_host", 0.6, "查询页在免费空间上"))
        return points

    def _word(self, facts: Facts, page: Seen, points: list[Point], score: float) -> str:
        text = page.text
        names = {point.name for point in points}
        looks = not names.isdisjoint((*MEANS, "likeness", "structure")) or _poses(names)
        if not looks and (
            facts.status in (401, 403, 429)
            or facts.status >= 500
            or (len(text) < LITTLE and self.words.any("blocked", text))
        ):
            return "blocked"
        if not looks and self.words.any("parked", text if len(text) < LITTLE else text[:HEAD]):
            return "parked"
        if not looks and "password" in names:
            return "login"
        if score >= FAKE and looks:
            return "fake_lookup"
        return "doubtful" if score >= DOUBTFUL else "other"


def _poses(names: set[str]) -> bool:
    """A site that gives itself out for the authority: its name on a host like its own, and its foot or its look-up."""
    return {"host", "authority"} <= names and not names.isdisjoint(("framed", "leads", "organiser", "government_code"))
