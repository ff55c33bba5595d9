"""A console that runs: the real application on a free port, and a plain client with cookies."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3
import uvicorn

from adwatch.app import Office, accounts, ingest
from adwatch.console.application import application
from adwatch.console.serve import configured
from adwatch.models import Actor
from adwatch.settings import Settings
from tests.conftest import RunningClock
from tests.store.databases import with_store

PASSWORD = "correct horse 电池"
ADMIN = Actor("王芳", "某市应急管理局", "admin")
UNIT = "某市应急管理局"
PATIENCE = 120.0


@dataclass
class Site:
    """A running console."""

    office: Office
    base: str
    links: dict[str, str] = field(default_factory=dict)

    def account(self, name: str, role: str, **limits: Any) -> None:
        """An account that can sign in."""
        values = {"name": name, "person": f"人员{name}", "unit": UNIT, "role": role, **limits}
        token = accounts.add(self.office, ADMIN, values)
        accounts.use_link(self.office, token, PASSWORD, PASSWORD, None)

    def client(self, name: str | None = None) -> Client:
        """A client, signed in under a name."""
        made = Client(self.base)
        if name is not None:
            assert made.sign_in(name, PASSWORD).status == 303
        return made


@dataclass
class Client:
    """Speaks HTTP as a browser does, without running anything."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=2))

    def ask(self, method: str, path: str, form: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
        """One exchange; redirects are not followed."""
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **headers}
        body = None
        if form is not None:
            body = urlencode(form, doseq=True)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self.pool.request(method, self.base + path, body=body, headers=sent, redirect=False, retries=False)
        for line in answer.headers.getlist("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return answer

    def get(self, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        """A page."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, form: Any = None, page: str | None = None, **headers: str) -> urllib3.BaseHTTPResponse:
        """A form with the token of a page that holds one."""
        given = {"csrf": self.token(page or "/queue"), **(form or {})}
        return self.ask("POST", path, given, **headers)

    def sure(self, path: str, form: Any = None, page: str | None = None) -> urllib3.BaseHTTPResponse:
        """A form that asks first, and the answer to the page that asks; what was refused before it asked."""
        asked = self.post(path, form, page)
        if asked.status != 200:
            return asked
        return self.ask("POST", path, hidden(text(asked)))

    def token(self, page: str) -> str:
        """The CSRF token that a page carries."""
        found = re.search(r'name="csrf" value="([^"]+)"', text(self.get(page)))
        assert found, page
        return found[1]

    def sign_in(self, name: str, password: str) -> urllib3.BaseHTTPResponse:
        """The sign-in form, filled in."""
        return self.post("/sign-in", {"name": name, "password": password}, page="/sign-in")


def hidden(page: str) -> list[tuple[str, str]]:
    """Fields of the form by which a page asks whether somebody is sure."""
    form = page[page.index('<form method="post"', page.index("请确认：")) :].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return [(name, unescape(value)) for name, value in found]


def text(answer: urllib3.BaseHTTPResponse) -> str:
    """The body as text."""
    return answer.data.decode("utf-8")


def walked(client: Client, most: int = 2) -> dict[str, str]:
    """Every page to which the pages of the console lead, each kind of page at most so many times."""
    found: dict[str, str] = {}
    kinds: dict[str, int] = {}
    waiting = ["/today"]
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"\?.*|(?<=/)[A-Z]+-[\w-]+|(?<=/)\d[\w-]*|(?<=/keywords/).*", "*", path)
        if path in found or kinds.get(kind, 0) >= most:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = client.get(path)
        if "html" not in answer.headers.get("content-type", "") or answer.status >= 300:
            continue
        found[path] = text(answer)
        waiting += [unescape(each) for each in re.findall(r'href="(/(?!static)[^"#]*)', found[path])]
    return found


@contextmanager
def running(office: Office) -> Iterator[Site]:
    """The console of an office, served until the block ends."""
    server = uvicorn.Server(configured(application(office)))
    socket = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    end = time.monotonic() + PATIENCE
    while not server.started:
        assert time.monotonic() < end and thread.is_alive()
        time.sleep(0.02)
    try:
        yield Site(office, f"http://127.0.0.1:{socket.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def opened(folder: Path, clock: Any = None) -> Office:
    """An office of its own, with a unit; by the machine's clock where a process of its own serves it too."""
    settings = Settings(home=with_store(folder / "home"), unit=UNIT, _env_file=None)  # type: ignore[call-arg]
    return Office(settings, clock or RunningClock())


def take_in(office: Office, folder: Path, rows: list[dict[str, Any]], day: str, platform: str = "tips") -> None:
    """Listings through the real door: a file handed over, archived, read, classified, with cases opened."""
    file = folder / f"handed-{len(list(folder.iterdir()))}.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))  # escapes lone surrogates
    ingest.ingest(office, file, platform, day)
