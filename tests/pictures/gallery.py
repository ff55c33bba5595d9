"""A site that shows pictures, and an office whose handed-over listings name them."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.app.conftest import Command
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


def office(folder: Path, name: str = "home", **settings: str) -> Command:
    """The command of an office that knows the platform."""
    platforms = folder / "data" / "platforms"
    platforms.mkdir(parents=True, exist_ok=True)
    (platforms / f"{PLATFORM}.yml").write_text(FILE, encoding="utf-8")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("ADWATCH_")}
    own = {
        "ADWATCH_HOME": str(folder / name),
        "ADWATCH_DATA": str(folder / "data"),
        "ADWATCH_CONTACT": "zfzd@example.cn",
        "ADWATCH_UNIT": "测试局",
        "COLUMNS": "200",
    }
    return Command({**clean, **own, **{f"ADWATCH_{key.upper()}": value for key, value in settings.items()}})


def hand_over(command: Command, folder: Path, rows: list[dict[str, Any]]) -> None:
    """Take listings in as the platform's data."""
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    command.ok("ingest", str(file), "--platform", PLATFORM, "--day", DAY)
