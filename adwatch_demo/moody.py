"""喜怒商城, a shop that misbehaves: what a patrol makes of it stands in expected.jsonl.

Every day the second page of ``/new`` and one item answer 429 with Retry-After when first asked, the third page is slow,
one item is cut off when first asked, ``/tools`` is honestly empty and ``/members`` is forbidden by robots.txt. On day 1
``/papers`` shows a captcha; on day 2 all class names have changed; from day 3 on they are the old ones and the page of
the newest item is always cut off.
"""

from __future__ import annotations

from datetime import date
from html import escape
from threading import Lock

from adwatch_demo.serving import Answer, Asked, html_page, paragraphs, plain
from adwatch_demo.world import FIRST_DATE, Row, standing

NAME = "喜怒商城"
PER_PAGE = 4
WAIT = 1
"""Seconds of Retry-After."""
SLOW = 1.5
"""Seconds of the slow answer."""
ROBOTS = "User-agent: *\nDisallow: /members\n"
PAPERS = ("x011", "x012")
"""Goods that stand in /papers only."""
HASTY = ("/new?page=2", "/item/x003")
"""Answer 429 when first asked."""
TORN = "/item/x005"
"""Cut off when first asked."""
ALWAYS_TORN = "/item/x013"
"""Cut off whenever asked."""


class Moody:
    """The shop on a simulated day."""

    def __init__(self, day: int, first: date = FIRST_DATE) -> None:
        self.day = day
        self.goods = standing("moody", day, first)
        self._met: set[str] = set()
        self._lock = Lock()

    def answer(self, asked: Asked) -> Answer:
        """Route one request, in the mood of the day."""
        number = asked.number("page")
        address = f"{asked.path}?page={number}" if asked.path == "/new" else asked.path
        first = self._first(address)
        if first and address in HASTY:
            busy = html_page(NAME, "请稍候", "<p>访问人数较多，请稍候</p>", 429)
            return Answer(busy.body, busy.kind, 429, (("Retry-After", str(WAIT)),))
        page = self._page(asked.path, number)
        if address == "/new?page=3":
            return Answer(page.body, page.kind, page.status, delay=SLOW)
        torn = page.status == 200 and (address == ALWAYS_TORN or (first and address == TORN))
        return Answer(page.body, page.kind, page.status, cut=True) if torn else page

    def _first(self, address: str) -> bool:
        with self._lock:
            new = address not in self._met
            self._met.add(address)
            return new

    def _page(self, path: str, number: int) -> Answer:
        if path == "/robots.txt":
            return plain(ROBOTS)
        if path in ("/", "/new"):
            return self._list([row for row in self.goods if row["id"] not in PAPERS], number)
        if path == "/tools":
            return html_page(NAME, "工具", "<p>这个分类暂时没有宝贝</p>")
        if path == "/papers" and self.day == 1:
            return html_page(NAME, "安全验证", '<div id="captcha"><p>请完成安全验证，拖动滑块到最右</p></div>')
        if path == "/papers":
            return self._list([row for row in self.goods if row["id"] in PAPERS], number)
        row = next((row for row in self.goods if path == f"/item/{row['id']}"), None)
        return item_page(row) if row else html_page(NAME, NAME, "<p>宝贝已下架</p>", 404)

    def _list(self, goods: list[Row], number: int) -> Answer:
        box, good, title = ("c-9f2", "c-a71", "c-04d") if self.day == 2 else ("goods", "good", "title")
        items = "\n".join(
            f'<div class="{good}"><a class="{title}" href="/item/{row["id"]}">{escape(row["title"])}</a></div>'
            for row in goods[(number - 1) * PER_PAGE : number * PER_PAGE]
        )
        more = f'\n<a rel="next" href="/new?page={number + 1}">更多</a>' if number * PER_PAGE < len(goods) else ""
        return html_page(NAME, NAME, f'<div class="{box}">\n{items}\n</div>{more}')


def item_page(row: Row) -> Answer:
    """One item."""
    body = (
        f'<section class="item" id="{escape(row["id"])}">\n<h2>{escape(row["title"])}</h2>\n'
        f'<em class="price">{escape(row["price"])}</em>\n<div class="text">{paragraphs(row["text"])}</div>\n'
        f'<cite>{escape(row["seller_name"])}</cite>\n<time datetime="{escape(row["posted_at"])}"></time>\n</section>'
    )
    return html_page(NAME, row["title"], body)
