"""The archived page of a case in ReplayWeb.page from its package: text, picture, style, and nothing asked elsewhere."""

from __future__ import annotations

import functools
import io
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from adwatch.evidence.wacz import ArchivedPage, make_wacz
from adwatch.ports import Exchange
from tests.console.browser import CHROMIUM

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]
PLAYER = "replaywebpage@2.4.6"
URL = "https://www.shop.example/item?b=2&a=%E8%AF%81"
PICTURE = "https://shop.example:8443/Pic.png"
AT = datetime(2026, 11, 18, 4, 0, 1, tzinfo=UTC)
PAGE = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>电工证</title><link rel="stylesheet" href="/s.css"></head>
<body><h1>低压电工证 包过</h1><img src="{PICTURE}"><p>一周到手</p></body></html>"""
LOOK = """[document.title, document.querySelector('h1').innerText, document.querySelector('img').naturalWidth,
getComputedStyle(document.querySelector('p')).color]"""


def archived() -> bytes:
    """A page with a style sheet of its host and a picture of another."""
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "PNG")
    answers = (
        (URL, "text/html; charset=utf-8", PAGE.encode()),
        (PICTURE, "image/png", drawn.getvalue()),
        ("https://www.shop.example/s.css", "text/css", b"p{color:rgb(1,2,3)}"),
    )
    exchanges = [
        Exchange("plaza", "2026-11-18", "page", url, "GET", AT, 200, "OK", response_headers=(("Content-Type", kind),), body=body)
        for url, kind, body in answers
    ]  # fmt: skip
    return make_wacz(exchanges, ArchivedPage(URL, "电工证", AT), "AdWatch/0", AT)


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder, without a log."""

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    """Address of the player with the archive beside it."""
    if shutil.which("npm") is None or not Path(CHROMIUM).exists():
        pytest.skip("no npm or chromium (Debian: apt-get install npm chromium)")
    subprocess.run(["npm", "pack", PLAYER], cwd=tmp_path, check=True, capture_output=True)
    (packed,) = tmp_path.glob("*.tgz")
    shutil.unpack_archive(packed, tmp_path, filter="data")
    site = tmp_path / "site"
    (site / "replay").mkdir(parents=True)
    shutil.copy(tmp_path / "package" / "ui.js", site)
    shutil.copy(tmp_path / "package" / "sw.js", site / "replay")
    (site / "page.wacz").write_bytes(archived())
    player = f'<replay-web-page source="/page.wacz" url="{URL.replace("&", "&amp;")}" replayBase="/replay/"></replay-web-page>'
    (site / "index.html").write_text(
        f'<!doctype html><meta charset="utf-8"><script src="/ui.js"></script>{player}', encoding="utf-8"
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_page_is_played_as_it_was(base: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page, asked = browser.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{base}/index.html")
        inner = page.frame_locator("iframe").frame_locator("iframe")
        inner.locator("h1").wait_for(timeout=120_000)
        inner.locator("img").evaluate("each => each.decode()")
        seen = inner.locator("html").evaluate(f"() => {LOOK}")
        browser.close()
    assert seen == ["电工证", "低压电工证 包过", 40, "rgb(1, 2, 3)"]
    assert [url for url in asked if not url.startswith((base, "data:", "blob:"))] == []
