"""Public Telegram channels' previews (``/s/<channel>``) after the documented markup; each article is a post of its number.

[M] or unverified: posts a page (``page_size``), search by ``?q=`` (``search``: whether it is heeded). Links keep Telegram's own host.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.standins.gateway import Gateway
from tests.standins.goods import Good, matching


@dataclass
class Telegram(Gateway):
    """``channels`` have a preview; any other name is redirected to the address without ``/s/``. ``service``: posts to skip."""

    channels: frozenset[str] = frozenset({"demo"})
    page_size: int = 20
    search: bool = True
    service: frozenset[int] = frozenset({7})

    def app(self) -> Starlette:
        """A channel's preview and its bare page."""
        return Starlette(routes=[Route("/s/{channel}", self.answer), Route("/{channel}", self.bare)])

    async def bare(self, request: Request) -> Response:
        """The page of a channel without a preview."""
        self.note(request, dict(request.query_params))
        return HTMLResponse('<div class="tgme_page_title">demo</div>')

    async def answer(self, request: Request) -> Response:
        """One page, oldest post first, the newest page unless ``before`` is given."""
        query = dict(request.query_params)
        self.note(request, query)
        if self.throttled():
            return HTMLResponse("Too Many Requests", 429)
        channel = request.path_params["channel"]
        if channel not in self.channels:
            return RedirectResponse(f"/{channel}", 302)
        before = int(query["before"]) if query.get("before", "").isdecimal() else 2**31
        goods = [good for good in matching(query.get("q", "") if self.search else "") if good.number < before]
        some = goods[-self.page_size :]
        more = link = ""
        if len(goods) > len(some):
            address = f"/s/{channel}?before={some[0].number}"
            more = f'<a href="{address}" class="tme_messages_more" data-before="{some[0].number}"></a>'
            link = f'<link rel="prev" href="{address}">'
        posts = "".join(self.post(channel, good) for good in some)
        info = (
            '<div class="tgme_channel_info"><div class="tgme_channel_info_header_title"><span>示例频道</span></div>'
            f'<div class="tgme_channel_info_header_username">@{channel}</div></div>'
        )
        return await self.spoilt(HTMLResponse(f"<html><head>{link}</head><body>{info}{more}{posts}</body></html>"))

    def post(self, channel: str, good: Good) -> str:
        """One post's markup."""
        kind = " service_message" if good.number in self.service else ""
        return (
            f'<div class="tgme_widget_message_wrap"><div class="tgme_widget_message{kind}" data-post="{channel}/{good.number}">'
            f'<a class="tgme_widget_message_photo_wrap" style="background-image:url(\'https:{good.picture}\')"></a>'
            '<div class="tgme_widget_message_text js-message_text">'
            f"{escape(good.title)}<br>{escape(good.description)}</div>"
            '<span class="tgme_widget_message_views">1.2K</span>'
            f'<a class="tgme_widget_message_date" href="https://t.me/{channel}/{good.number}">'
            f'<time datetime="{good.created.isoformat()}"></time></a></div></div>'
        )
