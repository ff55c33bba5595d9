"""The stand-in of Telegram's previews keeps to the documented markup."""

from __future__ import annotations

import re

import httpx

from tests.standins.goods import CATALOGUE
from tests.standins.server import running
from tests.standins.telegram import Telegram


def test_pages_end_and_a_channel_without_preview_is_redirected() -> None:
    with running(Telegram().app()) as url, httpx.Client(base_url=url, trust_env=False) as client:
        address, seen = "/s/demo", []
        while address:
            page = client.get(address).text
            seen += [int(one) for one in re.findall(r'data-post="demo/(\d+)"', page)]
            older = re.search(r'<a href="([^"]+)" class="tme_messages_more"', page)
            address = older[1] if older else ""
        assert sorted(seen) == [good.number for good in CATALOGUE]
        refused = client.get("/s/closed")
        assert (refused.status_code, refused.headers["location"]) == (302, "/closed")
