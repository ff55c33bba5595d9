"""Looks at a suspected site: fetched plain, rendered, and judged on both; every request is a GET of what is public.

Nothing is submitted, typed or logged into. The limits of a page (bytes, requests, seconds, redirects, pictures) are
those of full captures (capture_rules.csv); what a hostile page makes of them is told, and the look ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urljoin

import lxml.html
from lxml.etree import ParserError, XMLSyntaxError

from adwatch.app.office import Office
from adwatch.app.page_capture import Capturer
from adwatch.app.page_fetch import PageFetch
from adwatch.app.site_judges import page_judge
from adwatch.app.site_reach import OFFLINE, Reach
from adwatch.app.site_views import Views
from adwatch.errors import Blocked, FetchError, RobotsDenied, Unreachable
from adwatch.evidence.render import Rendered
from adwatch.http import Manners
from adwatch.models import Actor
from adwatch.ports import Answer, Wanted
from adwatch.store.pages import Due
from adwatch.store.sites import ENTRIES
from adwatch.tables.networks import MAINLAND, Networks
from adwatch.tables.site_rules import SiteRules, site_rules
from classifiers.sites import likeness
from classifiers.sites.facts import Facts, Point
from classifiers.sites.page import DOUBTFUL, LONGEST, PageVerdict
from collectors.charset import decode_text

Row = dict[str, Any]
PLATFORM = ENTRIES
"""Source under which sites have their entries (tables/origins.csv)."""
RANK = {"fake_lookup": 6, "doubtful": 5, "official": 4, "official_once": 4, "other": 3, "login": 2, "parked": 1}
"""Which of two looks at one page tells more; blocked and dead tell least."""
GONE = ("dead", "parked")
CHALLENGE = 503
"""What a browser check answers with: its page tells it from a server that is down, and is left as it is."""
ICON_LINKS = ("icon", "shortcut icon", "apple-touch-icon")


@dataclass(slots=True)
class Looked:
    """What a look came to."""

    url: str
    word: str = "dead"
    """One of classifiers.sites.page.WORDS."""
    verdict: PageVerdict | None = None
    points: list[Point] = field(default_factory=list)
    facts: Row = field(default_factory=dict)
    prints: Row = field(default_factory=dict)
    """icon, shot, structure."""
    text: str = ""
    """What the page says, for which authority it imitates; hostile."""
    made: Any = None
    """The capture, ready to be kept with a case; None where there is nothing to keep."""

    @property
    def rank(self) -> tuple[int, float]:
        """Which of several looks tells more."""
        return RANK.get(self.word, 0), self.verdict.score if self.verdict else 0.0


class SiteCapturer(Capturer):
    """Makes and judges looks for one run; ``manners``: of the sites' own (the tests' loopback), else the plain ones."""

    def __init__(self, office: Office, actor: Actor, references: Sequence[Row] = (), manners: Manners | None = None):
        super().__init__(office, actor)
        given = manners or Manners()
        self.manners = replace(given, told=(*given.told, CHALLENGE))
        self.references = references
        self.judge = page_judge(office)
        self.networks = Networks(office.settings.data)
        self.views = Views()
        self.site_rules: SiteRules = site_rules(office.settings.data)
        self.reach = Reach(self.site_rules.controls)

    def look(self, url: str, day: date) -> Looked:
        """One look at an address."""
        begun = self.office.clock.now()
        wanted = Due(0, 0, "site", 0, 0.0, PLATFORM, url)
        fetch = self._fetch(wanted, begun)
        try:
            first = fetch.first(url)
            self.reach.seen(url)
            icon = self._icon(first, fetch)
            rendered = self._rendered(wanted, first, fetch)
            frames = self.views.frames(first, (rendered.dom, _text(first)), fetch)
            made = self._whole(wanted, begun, first, rendered, fetch)
            return self._judged(url, day, first, rendered, icon, made, frames)
        except FetchError as error:
            return _unseen(url, error)
        finally:
            fetch.close()

    def sure(self, looked: Looked, before: str | None) -> tuple[Looked, bool]:
        """(the look, whether the site is gone): gone is said only while something else answers."""
        gone = is_gone(looked, before)
        if not gone and not (looked.word == "dead" and looked.made is None):
            return looked, gone
        fetch = self._fetch(Due(0, 0, "site", 0, 0.0, PLATFORM, looked.url), self.office.clock.now())
        try:
            works, said = self.reach.works(looked.url, fetch)
        finally:
            fetch.close()
        if works:
            return looked, gone
        why = [*looked.points, *(Point("control", 0.0, f"对照网址也打不开：{each}") for each in said)]
        return Looked(looked.url, OFFLINE, None, why, {"error": "offline"}), False

    def keep(self, wanted: Due, begun: datetime, looked: Looked) -> Row:
        """Store the capture of a look with the site's case."""
        return self._keep(wanted, begun, looked.made)

    def _fetch(self, wanted: Due, begun: datetime) -> PageFetch:
        day = begun.astimezone(self.office.settings.zone).date().isoformat()
        most = self.rule(PLATFORM).megabytes * 1_000_000
        return PageFetch(PLATFORM, day, self.manners, self.office.tools, most)

    def _rendered(self, wanted: Due, first: Answer, fetch: PageFetch) -> Rendered:
        if self.program is None:
            return Rendered("no_browser", "没有找到 chromium", first.url)
        if first.status == 0 or not first.body.strip():
            return Rendered("refused", "应答没有内容，没有打开", first.url)
        if first.status >= 500:
            return Rendered("refused", f"应答 {first.status}，没有打开", first.url)
        return self._render(wanted, first, fetch)

    def _icon(self, first: Answer, fetch: PageFetch) -> bytes:
        """The site's icon: the one that the page names, else /favicon.ico."""
        address = "/favicon.ico"
        with suppress(ParserError, XMLSyntaxError, ValueError):
            page: Any = lxml.html.document_fromstring(first.body[:200_000])
            for link in page.iter("link"):
                if (link.get("rel") or "").strip().lower() in ICON_LINKS and link.get("href"):
                    address = link.get("href")
                    break
        if address[:5].lower() == "data:":
            return b""
        with suppress(FetchError, ValueError):
            answer = fetch.ask(Wanted(urljoin(first.url, address), "GET", ()))
            return answer.body if answer.status == 200 else b""
        return b""

    def _judged(
        self,
        url: str,
        day: date,
        first: Answer,
        rendered: Rendered,
        icon: bytes,
        made: Any,
        frames: Sequence[Answer],
    ) -> Looked:
        plain = _text(first)
        certificates = made.facts.get("certificates") or [{}]
        started = certificates[0].get("not_before")
        network = self.networks.holder(made.facts.get("server_ip"))
        prints: Row = {"icon": likeness.icon_print(icon), "shot": likeness.shot_print(rendered.screenshot)}
        page = _parsed(rendered.dom or plain)
        prints["structure"] = likeness.structure(page) if page is not None else {}
        base = Facts(
            first.url,
            plain,
            first.status,
            day,
            certificate_from=datetime.fromisoformat(started) if started else None,
            certificate_issuer=certificates[0].get("issuer") or "",
            mainland=network.holder if network is not None and network.country == MAINLAND else "",
            **self._likeness(first.url, prints),
        )
        found = self._best(base, rendered, frames)
        facts = {
            **{name: made.facts.get(name) for name in ("url", "title", "status", "server_ip", "shown_url")},
            "issuer": certificates[0].get("issuer"),
            "certificate": certificates[0].get("sha256"),
            "certificate_from": started,
            "holder": network.holder if network else None,
            "country": network.country if network else None,
            "filings": list(found.filings),
            "contacts": list(found.contacts),
            "rendered": rendered.reason or "captured",
        }
        said = str(page.text_content())[:20_000] if page is not None else ""
        return Looked(url, found.word, found, list(found.points), facts, prints, said, made)

    def _best(self, base: Facts, rendered: Rendered, frames: Sequence[Answer]) -> PageVerdict:
        """Of all views of a page the one that tells most: plain, as its scripts made it, its frames, its picture."""
        views = [base, *([replace(base, html=rendered.dom)] if rendered.dom else [])]
        views += [replace(base, html=_text(each)) for each in frames if not self._official(each.url, base.day)]
        found = max((self.judge.judge(each) for each in views), key=_tells)
        if found.word in ("other", "doubtful"):
            shown = replace(base, html=rendered.dom)
            if pictured := self.views.pictured(shown.html, rendered.screenshot):
                found = max(found, self.judge.judge(replace(shown, pictured=pictured)), key=_tells)
        return found

    def _official(self, url: str, day: date) -> bool:
        """An official page in a stranger's frame says nothing false."""
        return self.judge.hosts.score(url, day).verdict == "official"

    def _likeness(self, url: str, prints: Row) -> Row:
        """How alike the office's captures of official sites are."""
        rules = self.site_rules
        icon_like, shot_like, best = "", None, ("", 0.0)
        for each in self.references:
            known = each["prints"]
            icons = prints["icon"], known.get("icon")
            if all(icons) and likeness.apart(*icons) <= rules.similar_icon:
                icon_like = each["host"]
            if prints["shot"] and known.get("shot"):
                bits = likeness.apart(prints["shot"], known["shot"])
                if bits <= rules.similar_shot:
                    shot_like = max(shot_like or 0.0, 1 - bits / 64)
            like = likeness.structures_alike(prints["structure"], known.get("structure") or {})
            best = max(best, (each["host"], round(like, 3)), key=lambda found: found[1])
        near = best if best[1] >= rules.similar_structure else None
        return {"icon_like": icon_like, "likeness": shot_like, "structure_like": near}


def is_gone(looked: Looked, before: str | None) -> bool:
    """Whether a site is not there any more: no answer, parked, or a page without anything of what it was."""
    if looked.word in GONE:
        return True
    innocent = looked.word == "other" and (looked.verdict is None or looked.verdict.score < DOUBTFUL)
    return innocent and before == "fake_lookup"


def _unseen(url: str, error: FetchError) -> Looked:
    """What is said where no page came. A server that is not trusted, or robots.txt, is a block, not a grave."""
    blocked = isinstance(error, Blocked | RobotsDenied) or "not trusted" in str(error)
    dead = isinstance(error, Unreachable) and not blocked
    word = "dead" if dead else "blocked"
    return Looked(url, word, None, [Point("unseen", 0.0, str(error)[:300])], {"error": type(error).__name__})


def _tells(verdict: PageVerdict) -> tuple[int, float]:
    return RANK.get(verdict.word, 0), verdict.score


def _text(answer: Answer) -> str:
    """The document; empty where it is none."""
    kind = answer.header("content-type")
    return decode_text(answer.body[:LONGEST], kind) if "html" in kind or not kind or "text" in kind else ""


def _parsed(html: str) -> Any:
    """The document without what is not shown; None where there is none."""
    with suppress(ParserError, XMLSyntaxError, ValueError):
        parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True)
        page: Any = lxml.html.document_fromstring(html[:LONGEST].encode("utf-8", "replace"), parser)
        for each in list(page.iter("script", "style", "noscript", "template")):
            each.drop_tree()
        return page
    return None
