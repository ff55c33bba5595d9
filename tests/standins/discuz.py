"""A Discuz! X forum's HTML after its documented markup; each article is a thread of its number, newest reply first in the list.

[M] or unverified: how dates read and that they are UTC+8, the refusals' box, the prompt to log in and the cookie (``*_auth``) that spares
it, stickies on the first page only, pages past the end (the last is shown), ``div.pattl``, status 429. There is no search.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.standins.discuz_markup import DELETED, FORBIDDEN, LOGIN, Row, dated, page_html, pager, refusal, thread_row
from tests.standins.gateway import Gateway
from tests.standins.goods import CATALOGUE, FIRST_SEEN, SIZE, Good

LONG = 30
"""Posts of a thread whose number divides by ten; the others have one."""
BETWEEN = timedelta(minutes=10)
"""From one post of a thread to the next."""
CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Post:
    """One post; ``floor`` counts from 1, ``uid`` and ``author`` are the poster's."""

    number: int
    floor: int
    uid: int
    author: str
    created: datetime
    text: str


@dataclass
class Discuz(Gateway):
    """``forum``: the forum that guests may read; it and each of ``members`` list all threads.

    ``rewritten``: links are ``forum-N-P.html`` and ``thread-T-P-1.html``, else those addresses are unknown; ``forum.php`` answers always.
    ``encoding``: ``utf-8`` or ``gbk`` (what GBK lacks becomes a character reference), named in the header only if ``header_charset``.
    ``today``: the forum's clock, from which dates of the last week are relative; ``nested_dates``: ``span > span[title]``, else one span.
    ``closed``, ``members``: forums refused to all or to guests. ``deleted``: threads gone, though still listed.
    ``private``: threads refused to guests. ``hidden``: threads whose text is seen only after a reply. ``sticky``: threads at the top.
    ``zoomfile``: pictures have that attribute beside ``file``; ``inline``: they stand in the text, else below it.
    ``missing``: status of the page for a thread or forum that never was (real forums: 200).
    """

    goods: tuple[Good, ...] = CATALOGUE
    forum: int = 2
    rewritten: bool = False
    encoding: str = "utf-8"
    header_charset: bool = True
    threads_per_page: int = 20
    posts_per_page: int = 20
    today: datetime = FIRST_SEEN + timedelta(hours=SIZE + 6)
    nested_dates: bool = True
    closed: frozenset[int] = frozenset({3})
    members: frozenset[int] = frozenset({4})
    sticky: frozenset[int] = frozenset({1, 2})
    deleted: frozenset[int] = frozenset()
    private: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()
    zoomfile: bool = True
    inline: bool = True
    missing: int = 404

    def app(self) -> Starlette:
        """Both forms of the list's and the threads' addresses."""
        return Starlette(
            routes=[
                Route("/forum.php", self.plain),
                Route("/forum-{number:int}-{page:int}.html", self.short),
                Route("/thread-{number:int}-{page:int}-{origin:int}.html", self.short),
                Route("/{rest:path}", self.unknown),
            ]
        )

    async def plain(self, request: Request) -> Response:
        """``forum.php?mod=…``."""
        query = request.query_params
        name = {"forumdisplay": "fid", "viewthread": "tid"}.get(query.get("mod", ""))
        if name is None:
            return await self.unknown(request)
        number, page = (_whole(query.get(key, "")) for key in (name, "page"))
        return await self.answer(request, name == "tid", number, page)

    async def short(self, request: Request) -> Response:
        """A rewritten address."""
        if not self.rewritten:
            return await self.unknown(request)
        numbers = request.path_params
        return await self.answer(request, "origin" in numbers, numbers["number"], numbers["page"])

    async def unknown(self, request: Request) -> Response:
        """An address that the forum does not have."""
        self.note(request, dict(request.query_params))
        return self.sent("<html><body><h1>404 Not Found</h1></body></html>", 404)

    async def answer(self, request: Request, thread: bool, number: int, page: int) -> Response:
        """Page ``page`` of a thread or of a forum's list; ``number`` is its tid or fid."""
        self.note(request, dict(request.query_params))
        if self.throttled():
            self.counts["error:429"] += 1
            return self.sent("<html><body>Too Many Requests</body></html>", 429)
        guest = not any(name.endswith("_auth") for name in request.cookies)
        good = next((one for one in self.goods if thread and one.number == number), None)
        if good is None if thread else number not in {self.forum} | self.closed | self.members:
            return self.refused(DELETED if thread else "抱歉，指定的版块不存在", guest, self.missing)
        if number in (self.deleted if thread else self.closed):
            return self.refused(DELETED if thread else FORBIDDEN, guest)
        if guest and number in (self.private if thread else self.members):
            return self.refused(LOGIN, guest)
        if good is not None:
            title, body = f"{good.title} - 示例版块", self.thread(good, page)
        else:
            title, body = "示例版块", self.listing(number, page)
        return await self.spoilt(self.sent(page_html(title, body, self.encoding, guest)))

    def sent(self, text: str, status: int = 200) -> Response:
        """``text`` in the forum's encoding."""
        kind = f"text/html; charset={self.encoding}" if self.header_charset else "text/html"
        return Response(text.encode(self.encoding, "xmlcharrefreplace"), status, {"Content-Type": kind})

    def refused(self, message: str, guest: bool, status: int = 200) -> Response:
        """A page that holds only ``message``; a refusal, yet status 200."""
        self.counts["refused"] += 1
        return self.sent(page_html("提示信息", refusal(message, guest), self.encoding, guest), status)

    def list_address(self, forum: int, page: int) -> str:
        """A list page's address as links give it, not yet escaped."""
        return f"forum-{forum}-{page}.html" if self.rewritten else f"forum.php?mod=forumdisplay&fid={forum}&page={page}"

    def thread_address(self, number: int, page: int) -> str:
        """A thread page's address as links give it, not yet escaped; the first page is not named."""
        if self.rewritten:
            return f"thread-{number}-{page}-1.html"
        return f"forum.php?mod=viewthread&tid={number}&extra=page%3D1" + (f"&page={page}" if page > 1 else "")

    def date(self, moment: datetime, timed: bool) -> str:
        """``moment`` as the forum shows it, with the time of day if ``timed``."""
        return dated(moment.astimezone(CHINA), self.today.astimezone(CHINA), timed)

    def pages(self, posts: int) -> int:
        """The pages that ``posts`` posts fill."""
        return -(-posts // self.posts_per_page)

    def listing(self, forum: int, page: int) -> str:
        """A page of a forum's threads."""
        goods = sorted(self.goods, key=lambda good: every_post(good)[-1].created, reverse=True)
        normal = [good for good in goods if good.number not in self.sticky]
        size = self.threads_per_page
        last = max(-(-len(normal) // size), 1)
        page = min(max(page, 1), last)
        some = [self.row(good, "normalthread") for good in normal[(page - 1) * size : page * size]]
        if page == 1:
            top = [self.row(good, "stickthread") for good in goods if good.number in self.sticky]
            some = [*top, '<tbody id="separatorline"><tr><td colspan="5">版块主题</td></tr></tbody>', *some]
        links = pager(page, last, lambda one: self.list_address(forum, one))
        table = f'<table summary="forum_{forum}" cellspacing="0" id="threadlisttableid">{"".join(some)}</table>'
        return f'<div id="pgt">{links}</div><div id="threadlist" class="tl bm bmw">{table}</div><div class="pgs">{links}</div>'

    def row(self, good: Good, kind: str) -> str:
        """A thread's row in the list."""
        posts = every_post(good)
        first, last = posts[0], posts[-1]
        created = self.date(first.created, False)
        return thread_row(
            Row(
                name=f"{kind}_{good.number}",
                title=good.title,
                address=self.thread_address(good.number, 1),
                more=[(n, self.thread_address(good.number, n)) for n in range(2, self.pages(len(posts)) + 1)],
                uid=first.uid,
                author=first.author,
                created=created if not self.nested_dates and "<span" in created else f"<span>{created}</span>",
                replies=len(posts) - 1,
                views=good.sold,
                last_author=last.author,
                last=self.date(last.created, True),
                last_address=f"forum.php?mod=redirect&tid={good.number}&goto=lastpost#lastpost",
            )
        )

    def thread(self, good: Good, page: int) -> str:
        """A page of a thread's posts."""
        posts = every_post(good)
        last = self.pages(len(posts))
        page = min(max(page, 1), last)
        size = self.posts_per_page
        links = pager(page, last, lambda one: self.thread_address(good.number, one))
        subject = f'<h1 class="ts"><span id="thread_subject">{escape(good.title)}</span></h1>'
        some = "".join(self.post(good, post) for post in posts[(page - 1) * size : page * size])
        return f'<div id="pgt">{links}</div><div id="postlist" class="pl bm">{subject}{some}</div><div class="pgs">{links}</div>'

    def post(self, good: Good, post: Post) -> str:
        """One post's markup."""
        number, floor = post.number, f"<em>{post.floor}</em><sup>#</sup>" if post.floor > 1 else "楼主"
        text, picture = escape(post.text), ""
        if post.floor == 1 and good.number in self.hidden:
            text = '<div class="locked">游客，如果您要查看本帖隐藏内容请<a href="forum.php?mod=post&amp;action=reply">回复</a></div>'
        elif post.floor == 1:
            zoom = f' zoomfile="{good.picture}"' if self.zoomfile else ""
            picture = f'<img id="aimg_{good.number}" src="static/image/common/none.gif"{zoom} file="{good.picture}" class="zoom">'
        if self.inline:
            text, picture = f"{text}<br>{picture}" if picture else text, ""
        below = f'<div class="pattl">{picture}</div>' if picture else ""
        return (
            f'<div id="post_{number}"><table id="pid{number}" class="plhin"><tr><td class="pls"><div class="pi"><div class="authi">'
            f'<a href="home.php?mod=space&amp;uid={post.uid}" class="xw1">{escape(post.author)}</a></div></div></td>'
            f'<td class="plc"><div class="pi"><strong><a href="forum.php?mod=redirect&amp;pid={number}" id="postnum{number}">{floor}</a></strong>'
            f'<div class="pti"><div class="authi"><em id="authorposton{number}">发表于 {self.date(post.created, True)}</em></div></div></div>'
            f'<div class="pct"><table><tr><td class="t_f" id="postmessage_{number}">{text}</td></tr></table>{below}</div></td></tr></table></div>'
        )


def every_post(good: Good) -> list[Post]:
    """All posts of the article's thread; the first is the seller's."""
    first = Post(good.number * 100 + 1, 1, good.seller_id, good.seller, good.created.astimezone(UTC), good.description)
    replies = [
        Post(
            number=good.number * 100 + floor,
            floor=floor,
            uid=2000 + floor,
            author=f"示例网友{floor:02d}",
            created=first.created + (floor - 1) * BETWEEN,
            text=f"回复 {floor}",
        )
        for floor in range(2, (LONG if good.number % 10 == 0 else 1) + 1)
    ]
    return [first, *replies]


def _whole(text: str) -> int:
    """The number in a query, 0 where there is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
