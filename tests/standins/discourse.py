"""A Discourse forum's public JSON after its documented protocol; each article is a topic of its number.

[M] or unverified, each a switch: ``more_topics_url`` (``more_url``), the JSON form of 429 (``json_limit``), the bodies of 403 and 404,
tags as text or objects (``tag_objects``), ``topics`` in a search (``search_topics``). Operators in ``q`` are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.standins.gateway import Gateway
from tests.standins.goods import CATALOGUE, Good, matching

CHUNK = 20
LONG = 30
"""Posts of a topic whose number divides by ten; the others have one."""


@dataclass
class Discourse(Gateway):
    """``retry_after``: seconds named by a 429; ``private``: topics answered by 403."""

    retry_after: int = 3
    json_limit: bool = False
    tag_objects: bool = False
    more_url: bool = True
    search_topics: bool = True
    search_size: int = 50
    private: frozenset[int] = frozenset()

    def app(self) -> Starlette:
        """The four addresses."""
        paths = ("/search.json", "/latest.json", "/t/{number:int}.json", "/t/{number:int}/posts.json")
        return Starlette(routes=[Route(path, self.answer, methods=["GET"]) for path in paths])

    async def answer(self, request: Request) -> Response:
        """One call."""
        query = request.query_params
        self.note(request, dict(query))
        if self.throttled():
            self.counts["error:429"] += 1
            return self.limited()
        number = request.path_params.get("number")
        if number is None:
            found = self.search if request.url.path == "/search.json" else self.latest
            return await self.spoilt(JSONResponse(found(dict(query))))
        if number in self.private:
            return JSONResponse({"errors": ["not permitted"], "error_type": "invalid_access"}, 403)
        if not 1 <= number <= len(CATALOGUE):
            return JSONResponse({"errors": ["not found"], "error_type": "not_found"}, 404)
        good = CATALOGUE[number - 1]
        if request.url.path.endswith("/posts.json"):
            wanted = {int(one) for one in query.getlist("post_ids[]")}
            posts = [one for one in every_post(good) if one["id"] in wanted]
            return await self.spoilt(JSONResponse({"id": number, "post_stream": {"posts": posts}}))
        posts = every_post(good)
        stream = {"posts": posts[:CHUNK], "stream": [one["id"] for one in posts]}
        return await self.spoilt(JSONResponse(self.topic(good) | {"post_stream": stream}))

    def limited(self) -> Response:
        """Status 429 in either form."""
        headers = {"Retry-After": str(self.retry_after), "Discourse-Rate-Limit-Error-Code": "ip_10_secs_limit"}
        if self.json_limit:
            extras = {"wait_seconds": self.retry_after}
            return JSONResponse({"errors": ["slow down"], "error_type": "rate_limit", "extras": extras}, 429, headers)
        return PlainTextResponse("Slow down, too many requests from this IP address.", 429, headers)

    def topic(self, good: Good) -> dict[str, Any]:
        """A topic without its posts."""
        tags = [{"id": 1, "name": "证书", "slug": "cert"}] if self.tag_objects else ["证书"]
        when = f"{good.created:%Y-%m-%dT%H:%M:%S.000Z}"
        count = len(every_post(good))
        numbers = {"id": good.number, "posts_count": count, "views": good.sold, "category_id": 1}
        return numbers | {"title": good.title, "slug": f"topic-{good.number}", "created_at": when, "tags": tags}

    def search(self, query: dict[str, str]) -> dict[str, Any]:
        """A page of the search, counted from 1."""
        page, term = int(query.get("page", "1")), query.get("q", "")
        goods = matching(term) if term else []
        some = goods[(page - 1) * self.search_size : page * self.search_size]
        posts = [every_post(good)[0] | {"blurb": good.description, "like_count": 0} for good in some]
        posts = [{key: value for key, value in one.items() if key != "cooked"} for one in posts]
        more = True if len(goods) > page * self.search_size else None
        grouped = {"term": term, "more_full_page_results": more, "post_ids": [one["id"] for one in posts]}
        topics = {"topics": [self.topic(good) for good in some]} if self.search_topics else {}
        return {"posts": posts, "users": [], "categories": [], "tags": [], "grouped_search_result": grouped} | topics

    def latest(self, query: dict[str, str]) -> dict[str, Any]:
        """A page of the topics, newest first, counted from 0."""
        page, size = int(query.get("page", "0")), min(max(int(query.get("per_page", "30")), 1), 100)
        goods = CATALOGUE[::-1]
        topics = [self.topic(good) for good in goods[page * size : (page + 1) * size]]
        more = (
            {"more_topics_url": f"/latest?page={page + 1}"} if self.more_url and len(goods) > (page + 1) * size else {}
        )
        return {"users": [], "topic_list": {"per_page": size, "topics": topics} | more}


def every_post(good: Good) -> list[dict[str, Any]]:
    """All posts of the article's topic; the first is the seller's, ``cooked`` is HTML."""
    return [
        {
            "id": good.number * 100 + index,
            "name": good.seller,
            "username": f"user{good.seller_id}",
            "created_at": f"{good.created:%Y-%m-%dT%H:%M:%S.000Z}",
            "cooked": f"<p>{good.description}</p>" if index == 1 else f"<p>回复 {index}</p>",
            "post_number": index,
            "topic_id": good.number,
            "topic_slug": f"topic-{good.number}",
            "user_id": good.seller_id,
        }
        for index in range(1, (LONG if good.number % 10 == 0 else 1) + 1)
    ]
