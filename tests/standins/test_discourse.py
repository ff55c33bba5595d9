"""The stand-in of Discourse keeps to the documented protocol."""

from __future__ import annotations

import httpx

from tests.standins.discourse import Discourse
from tests.standins.goods import CATALOGUE, matching
from tests.standins.server import running


def test_pages_topics_and_refusals() -> None:
    stand_in = Discourse(search_size=7, private=frozenset({5}), now=lambda: 0.0)
    with running(stand_in.app()) as url, httpx.Client(base_url=url, trust_env=False) as client:
        ids: list[int] = []
        for page in range(1, 50):
            found = client.get("/search.json", params={"q": "电工证", "page": page}).json()
            ids += [one["topic_id"] for one in found["posts"]]
            if not found["grouped_search_result"]["more_full_page_results"]:
                break
        assert ids == [good.number for good in matching("电工证")]
        listed, page = 0, 0
        while True:
            topics = client.get("/latest.json", params={"page": page, "per_page": 100}).json()["topic_list"]
            listed, page = listed + len(topics["topics"]), page + 1
            if "more_topics_url" not in topics:
                break
        assert listed == len(CATALOGUE)
        stream = client.get("/t/10.json").json()["post_stream"]
        rest = client.get("/t/10/posts.json", params={"post_ids[]": stream["stream"][20:]}).json()
        assert len(stream["posts"]) + len(rest["post_stream"]["posts"]) == len(stream["stream"]) == 30
        assert [client.get(f"/t/{number}.json").status_code for number in (5, 9999)] == [403, 404]
        assert client.get("/t/1.json").json()["tags"] == ["证书"]
        stand_in.tag_objects = True
        assert client.get("/t/1.json").json()["tags"][0]["name"] == "证书"
        stand_in.burst = 0
        assert client.get("/t/1.json").headers["Retry-After"] == "3"
        stand_in.json_limit = True
        assert client.get("/t/1.json").json()["error_type"] == "rate_limit"
