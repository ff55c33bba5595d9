"""A site that shows pictures, and an office whose handed-over listings name them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from adwatch.app.ingest import ingest
from adwatch.app.office import Office
from adwatch.settings import load_settings
from tests.threads import on_a_thread

DAY = "2026-11-20"
PLATFORM = "bazaar"
FILE = """name: bazaar
label: 集市
kind: handover
access: handover
basis: 网络交易监督管理办法第三十四条
allow_hosts: ["127.0.0.1"]
rate: {per_second: 200, agreed: the test's own site}
"""


class Gallery(ThreadingHTTPServer):
    """Serves bytes by path; counts requests; can refuse all by robots.txt."""

    daemon_threads = True

    def __init__(self, shown: Mapping[str, bytes], robots: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.shown, self.robots = dict(shown), robots
        self.asked: Counter[str] = Counter()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Gallery

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].lstrip("/")
        self.server.asked[path] += 1
        body = self.server.robots.encode() if path == "robots.txt" else self.server.shown.get(path)
        self.send_response(404 if body is None else 200)
        kind = "text/plain" if path == "robots.txt" else "image/jpeg" if path.endswith("jpg") else "image/png"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def gallery(shown: Mapping[str, bytes], robots: str = "") -> Iterator[Gallery]:
    """The site, served."""
    with on_a_thread(Gallery(shown, robots)) as server:
        yield server


def office(folder: Path, name: str = "home", **settings: Any) -> Office:
    """An office that knows the platform."""
    platforms = folder / "data" / "platforms"
    platforms.mkdir(parents=True, exist_ok=True)
    (platforms / f"{PLATFORM}.yml").write_text(FILE, encoding="utf-8")
    own = {"home": folder / name, "data": folder / "data", "contact": "zfzd@example.cn", "unit": "测试局"}
    return Office(load_settings(**own, **settings))


def hand_over(at: Office, rows: list[dict[str, Any]]) -> None:
    """Take listings in as the platform's data."""
    file = at.home / "rows.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    ingest(at, file, PLATFORM, DAY)


def killed(place: Path, name: str, point: str) -> int:
    """Read pictures in a process of its own that dies at a point; its exit status."""
    code = (
        "import sys; from pathlib import Path; from tests.pictures.gallery import DAY, office\n"
        "from adwatch.app.pictures import read_pictures\n"
        f"with office(Path({str(place)!r}), {name!r}) as at: read_pictures(at, DAY)"
    )
    environment = {**os.environ, "ADWATCH_FAILPOINT": point}
    return subprocess.run([sys.executable, "-c", code], env=environment, check=False, timeout=300).returncode
