"""A loopback server whose pages try what a page can do to the one who captures it; every request is remembered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.threads import on_a_thread

HEAD = "<!doctype html><meta charset=utf-8><title>低压电工证</title>"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
ABUSE = """<h1>免考直接拿证</h1><img src=/pixel.png><script>
alert('薇'); confirm('?'); prompt('?'); print();
navigator.geolocation.getCurrentPosition(() => fetch('/located'), () => fetch('/not-located'));
try { Notification.requestPermission(); } catch (_) {}
window.open('/popup'); window.open('{other}/popup');
new WebSocket('{other_ws}/socket');
fetch('{other}/secret').catch(() => 0); fetch('http://169.254.169.254/latest/').catch(() => 0);
fetch('/forbidden/x').catch(() => 0); navigator.sendBeacon('{other}/beacon', 'x');
new Image().src = '{other}/image'; navigator.serviceWorker && navigator.serviceWorker.register('/worker.js');
const a = document.createElement('a'); a.href = '/file.zip'; a.download = 'x.zip'; document.body.append(a); a.click();
new RTCPeerConnection({iceServers: [{urls: 'stun:{other_host}'}]}).createDataChannel('x');
</script><iframe src=/leads></iframe><link rel=preconnect href='{other}'><link rel=dns-prefetch href='//{other_host}'>"""


class HostileSite(ThreadingHTTPServer):
    """Answers by path; ``hooks`` are called before an answer."""

    daemon_threads = True

    def __init__(self, other: str = "http://127.0.0.1:1") -> None:
        self.other = other
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.hooks: dict[str, Callable[[], None]] = {}
        self.robots = "User-agent: *\nDisallow: /forbidden\n"
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def page(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        html = {"Content-Type": "text/html; charset=utf-8"}
        host = self.other.removeprefix("http://")
        abuse = ABUSE.replace("{other}", self.other).replace("{other_ws}", f"ws://{host}").replace("{other_host}", host)
        pages = {
            "/fine": "<h1>电工证包过，不过退款</h1><img src=/pixel.png><script>document.title += ' 在线'</script>",
            "/abuse": abuse,
            "/busy": "<h1>x</h1><script>setTimeout(() => { for (;;); }, 0)</script>",
            "/alerts": "<h1>x</h1><script>for (;;) alert(1)</script>",
            "/never": "<h1>一直在载入</h1><img src=/hang.png>",
            "/again": "<h1>x</h1><meta http-equiv=refresh content='0;url=/again'>",
            "/crash": "<h1>x</h1><img src=/killer.png>",
            "/tall": "<h1>长</h1>" + "<p>办证</p>" * 4000,
            "/leads": "",
            "/led": "<b>led</b>",
        }
        if path == "/leads":
            return 302, {"Location": "/led"}, b""
        if path == "/circle":
            return 302, {"Location": "/circle2"}, b""
        if path == "/circle2":
            return 302, {"Location": "/circle"}, b""
        if path.startswith("/endless"):
            return 302, {"Location": f"/endless{int(path[8:] or 0) + 1}"}, b""
        if path == "/file.zip":
            told = {"Content-Disposition": "attachment; filename=x.zip", "Set-Cookie": "session=geheim"}
            return 200, {"Content-Type": "application/zip", **told}, b"PK"
        if path == "/huge":
            return 200, html, b"<p>" + b"a" * (17 * 1024 * 1024)
        if path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, self.robots.encode()
        if path.endswith(".png"):
            return 200, {"Content-Type": "image/png"}, PIXEL
        if path == "/inward":
            return 302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""
        if path in pages:
            return 200, html, (HEAD + pages[path]).encode()
        return 404, html, (HEAD + "<h1>该内容已被删除</h1>").encode()


class _Handler(BaseHTTPRequestHandler):
    server: HostileSite

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(path)
        self.server.agents.add(self.headers["User-Agent"])
        if path in self.server.hooks:
            self.server.hooks[path]()
        if path == "/hang.png":
            self.server.ended.wait(300)
        status, headers, body = self.server.page(path)
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has gone, as is meant here

    do_POST = do_GET

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


@contextmanager
def hostile(other: str = "http://127.0.0.1:1") -> Iterator[HostileSite]:
    """The site while the block lasts."""
    with on_a_thread(HostileSite(other)) as site:
        try:
            yield site
        finally:
            site.ended.set()


PLATFORM = """\
name: plaza
label: 广场网
kind: html
base_url: {url}
allow_hosts: ["{url}"]
access: public_page
basis: 测试
rate: {{per_second: 200, agreed: test}}
lists:
  - latest: /market?page={{page}}
paging: {{by: next_link, max_pages: 1}}
items:
  select: li
  link: a
  no_results: {{words: [没有找到]}}
  fields: {{title: a}}
detail:
  fields:
    native_id: {{select: article, attr: data-id}}
    title: h1
    text: p
gone: {{words: [已下架]}}
"""
RULES = "platform,per_day,per_host,javascript,seconds,requests,megabytes,height,within_days,note\n"


def lay_out(data: Path, site: HostileSite, rule: str = "*,200,60,yes,20,60,40,3000,30,") -> None:
    """The office's own files: the platform and the rules."""
    (data / "platforms").mkdir(parents=True, exist_ok=True)
    (data / "tables").mkdir(exist_ok=True)
    (data / "platforms" / "plaza.yml").write_text(PLATFORM.format(url=site.url), encoding="utf-8")
    (data / "tables" / "capture_rules.csv").write_text(RULES + rule + "\n", encoding="utf-8")
