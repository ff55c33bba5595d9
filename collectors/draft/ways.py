"""How a page leads on: to its next page, and to a search; both by what stands on it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from collectors.documents import HtmlDocument
from collectors.draft.naming import named
from collectors.fields import absolute
from collectors.html import block_text
from collectors.selectors import find

_NEXT = re.compile(r"\s*(?:下一?页|下页|后一?页|next(?: page)?|older(?: posts)?|[›»>→])\s*[›»>→]?\s*", re.IGNORECASE)
_PAGE = re.compile(r"([?&](?:page|p|paged|pn|pageno|page_no|pg)=)(\d+)|(/page/)(\d+)", re.IGNORECASE)
_QUERY = re.compile(r"^(?:q|s|k|kw|wd|key|word|keyword|keywords|query|search|searchword|term)$", re.IGNORECASE)
_LISTS = re.compile(
    r"全部|所有|商品|产品|货品|目录|最新|帖子|列表|市场|课程|分类|catalog|shop|product|store|forum|latest|market|all ",
    re.I,
)


def paging_of(document: HtmlDocument, url: str) -> tuple[dict[str, Any], str, str]:
    """(paging, the list's address with its mark, how it was found)."""
    links = [(link, absolute(document.base, link.get("href", ""))) for link in find("a[href]", document.root)]
    numbered = [address for _, address in links if address and _same_list(address, url) and _PAGE.search(address)]
    for address in numbered:
        marked = _PAGE.sub(lambda found: f"{found[1] or found[3]}{{page}}", address, count=1)
        return {"by": "page"}, marked, "带页码的链接 links with a page number"
    if document.next_link(None):
        return {"by": "next_link"}, url, "rel=next 链接 a link that says rel=next"
    for link, following in links:
        if following and _NEXT.fullmatch(block_text(link)):
            way = named(link) if "." in named(link) else f"{named(link.getparent())} > a"
            if document.next_link(way) == link.get("href"):
                return {"by": "next_link", "next": way}, url, "“下一页”字样的链接 the words of a link"
    return {"by": "none"}, url, "未见下一页 no link to a next page is seen"


def _same_list(address: str, url: str) -> bool:
    one, other = urlsplit(address), urlsplit(url)
    path = re.sub(r"page/\d+/?$", "", one.path)
    return one.netloc == other.netloc and path.rstrip("/") == re.sub(r"page/\d+/?$", "", other.path).rstrip("/")


def search_of(document: HtmlDocument, base: str) -> str | None:
    """Address of the site's own search with {term}: a form that is sent by GET and asks for words."""
    for form in find("form", document.root):
        if (form.get("method") or "get").lower() != "get":
            continue
        inputs = find("input[name]", form)
        asked = [one for one in inputs if _QUERY.match(one.get("name")) or one.get("type") == "search"]
        address = absolute(base, form.get("action") or base)
        if not asked or address is None or urlsplit(address).netloc != urlsplit(base).netloc:
            continue
        fixed = [(one.get("name"), one.get("value") or "") for one in inputs if one.get("type") == "hidden"]
        query = urlencode(fixed)
        joint = "&" if urlsplit(address).query else "?"
        return f"{address.rstrip('?')}{joint}{asked[0].get('name')}={{term}}" + (f"&{query}" if query else "")
    return None


def towards_lists(document: HtmlDocument, url: str) -> list[str]:
    """Addresses of the site that a front page names like lists, the shortest first."""
    own = urlsplit(url).netloc
    found: dict[str, int] = {}
    for link in find("a[href]", document.root):
        address, words = absolute(document.base, link.get("href", "")), block_text(link).strip()
        if not address or urlsplit(address).netloc != own or address.rstrip("/") == url.rstrip("/"):
            continue
        if len(words) <= 12 and (_LISTS.search(words) or _LISTS.search(urlsplit(address).path)):
            found.setdefault(address, len(urlsplit(address).path) + 20 * bool(urlsplit(address).query))
    return sorted(found, key=lambda address: found[address])
