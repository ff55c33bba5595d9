"""A first look at a site: the ways in which it could be read are tried on its own pages, and the best is drafted.

Looked for, in the order of preference where two read the same: known software that a template exists for, schema.org
data, a feed with whole texts, the repeated structure of a list page, a sitemap.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from adwatch.errors import BudgetSpent, UsageError
from adwatch.http import Client, Fetched, Guard, Manners, Tools, Transport, UrllibTransport
from adwatch.ports import Save
from adwatch.settings import Settings
from collectors.charset import decode_text
from collectors.documents import HtmlDocument, Unreadable, open_document
from collectors.draft.item import item_rules
from collectors.draft.naming import pattern_of
from collectors.draft.repeated import Repeated, lists_of
from collectors.draft.searching import with_search
from collectors.draft.site import Site
from collectors.draft.software import base_of, boards_of, feeds, generator, recognised
from collectors.draft.trial import Trial, tried
from collectors.draft.ways import paging_of, towards_lists
from collectors.registry import platform_files, spec_variables
from collectors.specfile import SpecFile, read_file

_PUBLIC = "公开网页，网络交易监测（请核对）"
_GUESSED = ("/sitemap.xml",)


@dataclass(slots=True)
class Draft:
    """What a first look found."""

    url: str
    """Address as given."""
    name: str
    """Name of the platform file."""
    label: str
    """What the site calls itself."""
    trials: list[Trial]
    """Ways that were tried, the best first; those that read nothing last."""
    facts: dict[str, str] = field(default_factory=dict)
    """What was seen: robots, software, feeds, sitemap, structured data, list."""
    notes: list[str] = field(default_factory=list)
    """What could not be fetched."""
    pages: int = 0
    """Pages asked for."""

    @property
    def best(self) -> Trial | None:
        """The way that reads most; None where none reads anything."""
        return self.trials[0] if self.trials and self.trials[0].listings else None


def name_of(url: str) -> str:
    """A platform's name out of an address: shop_example."""
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError as error:
        raise UsageError(
            f"{url}: 不是网址 is no address ({error}); write one such as https://shop.example/new"
        ) from error
    host = (parts.hostname or "").removeprefix("www.")
    word = re.sub(r"[^a-z0-9]+", "_", host if not port else f"{host}_{port}").strip("_")
    return (word if word[:1].isalpha() else f"site_{word}")[:60]


def look_at(
    settings: Settings,
    url: str,
    tools: Tools,
    save: Save,
    day: str,
    *,
    name: str | None = None,
    private: bool = False,
    transport: Transport | None = None,
    progress: Callable[[int], None] | None = None,
) -> Draft:
    """Look at a site. ``private``: its host lies in our own network and may be asked all the same.

    A UsageError where the address itself cannot be read at all.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UsageError(f"{url}: 请写网址 write an address such as https://shop.example/new")
    name = name or name_of(url)
    hosts = (parts.netloc.lower(),) if private else ()
    manners = Manners(allow_hosts=hosts)
    transport = transport or UrllibTransport(Guard(hosts, tools.contact), max_bytes=manners.max_bytes)
    client = Client(name, manners, transport, tools)
    site = Site(client, save, day, progress or (lambda _count: None))
    try:
        look = _Look(settings, url, name, hosts, site)
        try:
            look.run()
        except BudgetSpent as error:
            site.notes.append(str(error))
        trials = sorted(look.trials, key=lambda one: one.score, reverse=True)
        if trials and trials[0].listings:
            trials[0] = with_search(trials[0], look.front, site, look.files)
    finally:
        client.close()
    return Draft(url, name, look.label, trials, look.facts, site.notes, site.asked)


class _Look:
    """One look under way."""

    def __init__(self, settings: Settings, url: str, name: str, hosts: tuple[str, ...], site: Site) -> None:
        self.url, self.name, self.hosts, self.site = url, name, hosts, site
        self.files: dict[str, SpecFile] = {
            stem: read_file(path, spec_variables(settings)) for stem, path in platform_files(settings).items()
        }
        self.trials: list[Trial] = []
        self.facts: dict[str, str] = {}
        self.label = name
        self.front: HtmlDocument | None = None

    def run(self) -> None:
        fetched = self.site.get(self.url, list="latest")
        if fetched is None:
            why = "; ".join(self.site.notes)
            if "a private address" in why and not self.hosts:
                own = "本单位内网的网站请加 if it lies in your own network, add --private"
                why = f"{why.partition('; if it is meant')[0]}; {own}"
            raise UsageError(f"{self.url}: 无法查看 cannot be looked at: {why}")
        self.facts["robots.txt"] = "有，允许本页 it allows this page" if self.site.robots else "没有 none"
        if self._not_a_page(fetched):
            return
        page = HtmlDocument(decode_text(fetched.body, fetched.capture.content_type), fetched.url)
        self.front, self.label = page, _label(page) or self.name
        self._software(fetched, page)
        self._feed(page)
        listed, found = self._list_page(page, fetched.url)
        if found is not None:
            self.facts["list"] = f"{len(found.addresses)} × {found.select} on {listed.base}"
            self._by_list(listed, found)
        else:
            self.facts["list"] = "没有找到带链接的重复结构 no repeated structure with links is found"
        self._sitemap(found)

    def _try(self, values: dict[str, Any], why: str, bonus: float = 0.0) -> Trial:
        head: dict[str, Any] = {"name": self.name, "label": self.label}
        if self.hosts:
            head["allow_hosts"] = list(self.hosts)
        trial = tried(Trial({**head, **values}, why, bonus), self.site, self.files)
        self.trials.append(trial)
        return trial

    def _head(self, kind: str, access: str = "public_page") -> dict[str, Any]:
        base = "/".join(self.url.split("/", 3)[:3])
        return {"kind": kind, "base_url": base, "access": access, "basis": _PUBLIC}

    def _not_a_page(self, fetched: Fetched) -> bool:
        """Whether the address is a feed or a sitemap itself."""
        for kind, access in (("feed", "feed"), ("sitemap", "public_page")):
            try:
                open_document(kind, fetched.body, fetched.capture.content_type, fetched.url)
            except Unreadable:
                continue
            values = {**self._head(kind, access), "lists": [{"latest": self.url}]}
            self._try(
                {**values, **({"items": {"links": "."}} if kind == "sitemap" else {})},
                f"网址本身就是 the address is a {kind}",
            )
            return True
        return False

    def _software(self, fetched: Fetched, page: HtmlDocument) -> None:
        source = decode_text(fetched.body, fetched.capture.content_type)
        known = recognised(source)
        said = generator(page)
        self.facts["software"] = "、".join(one.name for one in known) or (
            f"未认出 unknown ({said})" if said else "未认出 unknown"
        )
        for one in known:
            if one.template not in self.files:
                continue
            base = base_of(one, source, fetched.url)
            values: dict[str, Any] = {"extends": one.template, "base_url": base}
            if boards := boards_of(one, page):
                values["lists"] = boards
            trial = self._try(values, f"认出 {one.name}，有模板 the marks of a known program", 3.0)
            if trial.listings:
                return

    def _feed(self, page: HtmlDocument) -> None:
        named = [urljoin(page.base, address) for address in feeds(page)]
        self.facts["feeds"] = "、".join(named) or "未标明 none named"
        if named:
            values = {**self._head("feed", "feed"), "lists": [{"latest": named[0]}]}
            self._try(values, "网页标明的订阅源 the page names a feed")

    def _list_page(self, page: HtmlDocument, url: str) -> tuple[HtmlDocument, Repeated | None]:
        """The page with the best list: the one that was given, or one that it calls a list."""
        best = (page, next(iter(lists_of(page)), None))
        if best[1] is not None and ("price" in best[1].fields or len(best[1].addresses) >= 10):
            return best
        for address in towards_lists(page, url)[:2]:
            fetched = self.site.get(address, list="latest")
            if fetched is None:
                continue
            other = HtmlDocument(decode_text(fetched.body, fetched.capture.content_type), fetched.url)
            found = next(iter(lists_of(other)), None)
            if found is not None and (best[1] is None or found.score > best[1].score):
                best = (other, found)
        return best

    def _items(self, addresses: tuple[str, ...]) -> Iterator[tuple[Fetched, HtmlDocument]]:
        for address in addresses[:3]:
            fetched = self.site.get(address, item={})
            if fetched is not None:
                yield fetched, HtmlDocument(decode_text(fetched.body, fetched.capture.content_type), fetched.url)

    def _by_list(self, page: HtmlDocument, found: Repeated) -> None:
        paging, address, told = paging_of(page, page.base)
        self.facts["paging"] = told
        lists = [{"latest": address}]
        pages = list(self._items(found.addresses))
        pattern = pattern_of(found.addresses)
        structured = _structured([fetched for fetched, _ in pages])
        self.facts["structured data"] = structured or "条目页上没有 no item of schema.org or OpenGraph"
        if structured:
            values = {**self._head("structured"), "lists": lists, "paging": paging, "items": {"links": pattern}}
            self._try(values, f"条目页带结构化数据 the items' pages have {structured}", 3.0)
        values = {**self._head("html"), "lists": lists, "paging": paging}
        values["items"] = {"select": found.select, "link": found.link, "fields": found.fields}
        if pages:
            root, fields = item_rules([document for _, document in pages], pages[0][0].capture.fetched_at)
            detail = {"root": root, "fields": fields} if root is not None else {"fields": fields}
            self._try({**values, "detail": detail}, "列表的重复结构 the repeated structure of its list")

    def _sitemap(self, found: Repeated | None) -> None:
        named = [*self.site.sitemaps(), *(urljoin(self.url, path) for path in _GUESSED)]
        fetched = next((one for address in named[:2] if (one := self.site.get(address, list="latest"))), None)
        if fetched is None:
            self.facts["sitemap"] = "没有 none"
            return
        pattern = pattern_of(found.addresses) if found is not None else None
        try:
            document: Any = open_document("sitemap", fetched.body, fetched.capture.content_type, fetched.url)
        except Unreadable as error:
            self.facts["sitemap"] = str(error)
            return
        pages = [entry["url"] for entry in document.root["pages"]]
        self.facts["sitemap"] = (
            f"{fetched.url}: {len(pages)} 页 pages，下级 {len(document.sitemaps())} 个 sitemaps below"
        )
        if pattern is None and pages:
            pattern = _commonest(pages)
        if pattern is not None and (document.sitemaps() or any(re.search(pattern, page) for page in pages)):
            values = {**self._head("sitemap"), "lists": [{"latest": fetched.url}], "items": {"links": pattern}}
            self._try(values, "网站地图所列网页的结构化数据 a sitemap, and structured data on its pages")


def _structured(pages: list[Fetched]) -> str | None:
    """What structured data says of the items, if it names them all."""
    kinds: list[str] = []
    for fetched in pages:
        document: Any = open_document("structured", fetched.body, fetched.capture.content_type, fetched.url)
        if not document.root.get("title"):
            return None
        kinds += document.root["item"].get("type", ["OpenGraph"])
    return "、".join(dict.fromkeys(kinds)) or None


def _commonest(pages: list[str]) -> str:
    """A pattern of the pages below the folder that most of them lie in."""
    folders = Counter("/".join(urlsplit(page).path.split("/")[:-1]) for page in pages)
    folder = folders.most_common(1)[0][0]
    return pattern_of([page for page in pages if urlsplit(page).path.startswith(f"{folder}/")][:50])


def _label(page: HtmlDocument) -> str | None:
    """What the site calls itself: og:site_name, else the last part of its title."""
    named = page.root.xpath("//meta[@property='og:site_name']/@content")
    titles = [str(text).strip() for text in page.root.xpath("//title//text()") if str(text).strip()]
    pieces = re.split(r"\s[-|–—_](?:\s|$)|[|_]", titles[0]) if titles else []
    parts = [part.strip(" -|") for part in pieces if part.strip(" -|")]
    found = str(named[0]).strip() if named else parts[-1] if parts else None
    return found[:40] if found else None
