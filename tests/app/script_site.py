"""A shop of which the server knows only data: its pages are made by a script, and some of them try to keep whoever looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.app.sites import OFFER, Good
from tests.threads import on_a_thread

SHELL = "<!doctype html><meta charset=utf-8><title>小店</title><div id=app></div><script src=/app.js></script>"
APP = """
const app = document.getElementById('app'), path = location.pathname;
const get = async (url) => { const said = await fetch(url); if (!said.ok) throw said.status; return said.json(); };
const row = (g) => `<li><a href="/i/${g.number}">劳保手套 ${g.number} 号</a><b>${g.price}</b></li>`;
const draw = async () => {
  if (path.startsWith('/i/')) {
    const g = await get('/api' + path);
    app.innerHTML = g.gone ? '<p>已下架</p>' : `<article data-id="g${g.number}"><h1>劳保手套 ${g.number} 号</h1>
      <b>${g.price}</b><p>${g.text}，货号${g.number}</p><img src="/p/${g.number}.png"></article>`;
    return;
  }
  app.innerHTML = '<ul style="height:' + (path === '/window' ? '300px;overflow-y:auto' : 'auto') + '"></ul>';
  const list = app.firstChild;
  let page = 0, busy = false, over = false;
  const next = async () => {
    if (busy || over) return;
    busy = true;
    const found = await get(`/api/items?page=${++page}`);
    over = !found.more;
    if (page === 1 && !found.items.length) app.append('没有找到');
    if (path === '/window') list.innerHTML = '';  // a list that holds what shows and nothing else
    list.insertAdjacentHTML('beforeend', found.items.map(row).join(''));
    if (path === '/window') { list.insertAdjacentHTML('beforeend', '<div style="height:900px"></div>'); list.scrollTop = 1; }
    else if (path === '/market' && !over) list.style.minHeight = list.scrollHeight + 2000 + 'px';
    busy = false;
    if (over && window.button) button.remove();
  };
  await next();
  if (path === '/more' && !over) {
    const button = window.button = document.createElement('button');
    button.className = 'load-more'; button.textContent = '加载更多'; button.onclick = next; app.append(button);
  }
  if (path === '/market') addEventListener('scroll', next);
  if (path === '/window') list.addEventListener('scroll', () => list.scrollTop > 100 && next());
};
draw().catch((why) => { app.textContent = '出错 ' + why; });
"""
TAKEN_OVER = """<!doctype html><meta charset=utf-8><script>
const write = (said) => `<article data-id="g{0}"><h1>劳保手套</h1><b>1</b><p>${{said}}</p></article>`;
onload = () => setTimeout(() => {{
  document.open();
  document.write('<!doctype html><meta charset=utf-8>' + write('载入中'));
  setTimeout(() => {{
    document.body.innerHTML = write(new Date(0).getHours() + '点上架');
    document.close();
  }}, 800);
}}, 0);
</script>"""
"""A page that shows what is awaited while it is still being written, and another once it is complete."""
BAD = {
    "busy": "<script>setTimeout(() => { for (;;); }, 0)</script>",
    "alerts": "<script>for (;;) alert(1)</script>",
    "windows": "<ul><li><a href=/i/1>x</a></li></ul><script>setInterval(() => open('/popup'), 20)</script>",
    "download": "<script>location = '/file.zip'</script>",
    "worker": "<script>navigator.serviceWorker.register('/worker.js').catch(() => 0)</script>",
    "nodes": "<script>for (let n = 0; n < 700000; n++) document.body.append(document.createElement('p'))</script>",
    "text": "<script>document.body.append('办证'.repeat(20000000))</script>",
    "memory": "<script>const all = []; setInterval(() => all.push(new Uint8Array(5e7).fill(7)), 10)</script>",
    "endless": "<ul></ul><script>let n = 100; setInterval(() => { document.querySelector('ul').insertAdjacentHTML("
    "'beforeend', `<li style='height:300px'><a href=/i/${n++}>x</a></li>`) }, 30)</script>",
    "polling": "<script>setInterval(() => fetch('/api/items?page=1&at=' + Math.random()), 20)</script>",
    "away": "<script>location = '/bad/away?' + Math.random()</script>",
    "inward": "<script>fetch('http://169.254.169.254/latest/'); fetch('http://127.0.0.1:1/')</script>",
    "clobber": "<img name=documentElement><img name=querySelector><img name=getElementsByTagName>"
    "<ul><li><a href=/i/1>x</a></li></ul>",
}


class ScriptSite(ThreadingHTTPServer):
    """The shop; the pages of ``BAD`` are below /bad/."""

    daemon_threads = True

    def __init__(self, stock: list[Good], per_page: int = 5) -> None:
        self.stock, self.per_page = stock, per_page
        self.asked: list[str] = []
        self.gone: set[int] = set()
        self.taken_over: set[int] = set()
        self.robots = ""
        self.failing: dict[str, int] = {}
        """Statuses by the beginning of a path."""
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, target: str) -> tuple[int, str, bytes]:
        """Status, content type, body."""
        parts = urlsplit(target)
        path = parts.path
        status = next((status for start, status in self.failing.items() if path.startswith(start)), 200)
        if status != 200:
            return status, "application/json", b"{}"
        if path == "/robots.txt":
            return (200 if self.robots else 404), "text/plain", self.robots.encode()
        if path == "/app.js":
            return 200, "text/javascript; charset=utf-8", APP.encode()
        if path == "/file.zip":
            return 200, "application/zip", b"PK"
        if path.startswith("/i/") and int(path[3:]) in self.taken_over:
            return 200, "text/html", TAKEN_OVER.format(path[3:]).encode()
        if path.startswith("/bad/"):
            return 200, "text/html", f"<!doctype html><meta charset=utf-8><body>{BAD[path[5:]]}".encode()
        if path == "/api/items":
            at = (int(parse_qs(parts.query)["page"][0]) - 1) * self.per_page
            shown = self.stock[at : at + self.per_page]
            items = [{"number": good.number, "price": good.price} for good in shown]
            return (
                200,
                "application/json",
                json.dumps({"items": items, "more": len(self.stock) > at + self.per_page}).encode(),
            )
        if path.startswith("/api/i/"):
            number = int(path[7:])
            good = next((good for good in self.stock if good.number == number), None)
            known = {"number": number, "price": good.price, "text": good.text} if good else {"gone": True}
            return 200, "application/json", json.dumps(known if number not in self.gone else {"gone": True}).encode()
        if path == "/i/404":
            return 404, "text/html", b"<h1>404</h1>"
        return 200, "text/html; charset=utf-8", SHELL.encode()


class _Handler(BaseHTTPRequestHandler):
    server: ScriptSite
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, kind, body = self.server.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


@contextmanager
def scripted(ordinary: int, offers: int = 0) -> Iterator[ScriptSite]:
    """The shop, on a thread."""
    stock = [Good(number, OFFER if number >= ordinary else Good.text) for number in range(ordinary + offers)]
    with on_a_thread(ScriptSite(stock)) as site:
        yield site
