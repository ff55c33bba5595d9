"""工友夜话, a forum: threads as HTML, posts as an Atom feed, replies as an RSS feed, both paged by rel=next.

``/feed.atom?page=N`` and ``/comments.rss?page=N`` newest first, ``/t/ID`` a thread with its replies, ``/`` threads.
"""

from __future__ import annotations

from datetime import date, datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

from adwatch_demo.serving import Answer, Asked, html_page, paragraphs, plain
from adwatch_demo.world import FIRST_DATE, Row, morning, standing

NAME = "工友夜话"
PER_PAGE = 15
TAG = "tag:yehua.example,2026:"
"""Begins the ids of posts (RFC 4151): an Atom id has to be an address of some kind."""
ROBOTS = "User-agent: *\nDisallow: /messages/\nCrawl-delay: 2\n"


class Forum:
    """The forum on a simulated day."""

    def __init__(self, day: int, first: date = FIRST_DATE) -> None:
        self.begun = morning(1, first).isoformat()
        posts = standing("forum", day, first)
        self.threads = [row for row in posts if row["reply_to"] is None]
        self.replies = [row for row in posts if row["reply_to"] is not None]

    def answer(self, asked: Asked) -> Answer:
        """Route one request."""
        number = asked.number("page")
        if asked.path == "/robots.txt":
            return plain(ROBOTS)
        if asked.path == "/feed.atom":
            return self._atom(asked.base, number)
        if asked.path == "/comments.rss":
            return self._rss(asked.base, number)
        if asked.path == "/":
            links = "\n".join(f'<li><a href="/t/{row["id"]}">{escape(row["title"])}</a></li>' for row in self.threads)
            return html_page(NAME, NAME, f"<ol>\n{links}\n</ol>")
        if asked.path.startswith("/t/"):
            return self._thread(asked.path.removeprefix("/t/"))
        return html_page(NAME, NAME, "<p>没有这个页面</p>", 404)

    def _thread(self, wanted: str) -> Answer:
        row = next((row for row in self.threads if row["id"] == wanted), None)
        if row is None:
            return html_page(NAME, NAME, '<p class="gone">主题已被删除</p>', 404)
        below = "\n".join(
            f'<li id="comment-{number_of(reply)}"><b>{escape(reply["seller_name"])}</b>{paragraphs(reply["text"])}</li>'
            for reply in reversed(self.replies)
            if reply["reply_to"] == wanted
        )
        body = f'<h1>{escape(row["title"])}</h1>\n<div class="post">{paragraphs(row["text"])}</div>\n<ol>{below}</ol>'
        return html_page(NAME, row["title"], body)

    def _atom(self, base: str, number: int) -> Answer:
        rows = self.threads[(number - 1) * PER_PAGE : number * PER_PAGE]
        entries = "\n".join(
            f'<entry><id>{TAG}{escape(row["id"])}</id><link href="{base}/t/{quote(row["id"])}"/>'
            f"<title>{escape(row['title'])}</title>"
            f"<published>{escape(row['posted_at'])}</published><updated>{escape(row['modified'])}</updated>"
            f"<author><name>{escape(row['seller_name'])}</name></author>"
            f'<content type="html">{escape(paragraphs(row["text"]))}</content></entry>'
            for row in rows
        )
        newest = self.threads[0]["posted_at"] if self.threads else self.begun
        following = following_page(f"{base}/feed.atom", number, len(self.threads), "link")
        text = (
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
            f"<id>{base}/</id><title>{NAME}</title><updated>{newest}</updated>{following}\n{entries}\n</feed>\n"
        )
        return Answer(text.encode("utf-8"), "application/atom+xml; charset=utf-8")

    def _rss(self, base: str, number: int) -> Answer:
        titles = {row["id"]: row["title"] for row in self.threads}
        items = "\n".join(
            f'<item><guid isPermaLink="false">{escape(row["id"])}</guid>'
            f"<title>{escape(row['seller_name'])}回复《{escape(titles.get(row['reply_to'], '已删除的主题'))}》</title>"
            f"<link>{base}/t/{quote(row['reply_to'])}#comment-{number_of(row)}</link>"
            f"<dc:creator>{escape(row['seller_name'])}</dc:creator>"
            f"<pubDate>{format_datetime(datetime.fromisoformat(row['posted_at']))}</pubDate>"
            f"<description>{escape(paragraphs(row['text']))}</description></item>"
            for row in self.replies[(number - 1) * PER_PAGE : number * PER_PAGE]
        )
        following = following_page(f"{base}/comments.rss", number, len(self.replies), "atom:link")
        text = (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{NAME} 回帖</title><link>{base}/</link>'
            f"<description>最新回帖</description>{following}\n{items}\n</channel></rss>\n"
        )
        return Answer(text.encode("utf-8"), "application/rss+xml; charset=utf-8")


def number_of(row: Row) -> int:
    """A reply's number on its page."""
    return int(row["id"][1:])


def following_page(address: str, number: int, count: int, tag: str) -> str:
    """The link to the next page of a feed, or none."""
    return f'<{tag} rel="next" href="{address}?page={number + 1}"/>' if number * PER_PAGE < count else ""
