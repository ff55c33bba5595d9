"""Full captures: ``python -m bench.page_capture [--pages 20] [--pictures 30]``: a minute, memory, size of each.

A page of a shop's kind (text, pictures of 40 kB, a style sheet, a script) from a server on loopback, without a rate, so
that the figure is ours: at one request a second and host, a page of thirty pictures takes half a minute however fast
the browser is.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from adwatch.app.page_capture import capture_due
from tests.app.capturing import Capturing
from tests.evidence.hostile_site import lay_out

SENTENCE = "低压电工证包过，免考直接拿证，不过退款；全国可查，三天出证。"


class Shop(ThreadingHTTPServer):
    """Every path but pictures, styles and scripts is a page."""

    daemon_threads = True

    def __init__(self, pictures: int) -> None:
        self.pictures = pictures
        self.noise = random.Random(7).randbytes(40_000)
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        """A page or one of its parts."""
        path = self.path
        if path == "/robots.txt":
            kind, body = "text/plain", b"User-agent: *\nDisallow:\n"
        elif path.endswith(".bmp"):
            kind, body = "image/bmp", _bitmap(self.server.noise)
        elif path.endswith(".css"):
            kind, body = "text/css", b"img{width:200px}body{font:16px sans-serif}" * 200
        elif path.endswith(".js"):
            kind, body = "text/javascript", b"document.title += ' *';"
        else:
            images = "".join(f"<img src=/{number}.bmp>" for number in range(self.server.pictures))
            words = f"<p>{SENTENCE * 20}</p>" * 20
            head = "<!doctype html><meta charset=utf-8><title>电工证</title><link rel=stylesheet href=/a.css>"
            kind, body = "text/html; charset=utf-8", f"{head}{words}{images}<script src=/a.js></script>".encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


def _bitmap(noise: bytes) -> bytes:
    """115 x 115 pixels of 24 bits."""
    side, row = 115, 348
    body = noise[: row * side]
    head = b"BM" + (54 + len(body)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    info = (40).to_bytes(4, "little") + side.to_bytes(4, "little") * 2 + (1).to_bytes(2, "little")
    return head + info + (24).to_bytes(2, "little") + bytes(24) + body


def _memory(own: int) -> int:
    """Resident bytes of a process and its descendants; shared pages count for each, so it is an upper bound."""
    parents, sizes = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                sizes[int(entry.name)] = int((entry / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except OSError:
                continue  # it has just ended
    total = 0
    for pid, size in sizes.items():
        at = pid
        while at not in (own, 0, 1):
            at = parents.get(at, 0)
        total += size if at == own else 0
    return total


def main() -> None:
    """Capture, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--pictures", type=int, default=30)
    given = parser.parse_args()
    shop, peak, over = Shop(given.pictures), [0], threading.Event()
    threading.Thread(target=shop.serve_forever, daemon=True).start()

    def watch() -> None:
        while not over.wait(0.2):
            peak[0] = max(peak[0], _memory(os.getpid()))

    with tempfile.TemporaryDirectory() as folder:
        site: Any = shop  # an address is all that is needed of it
        lay_out(Path(folder) / "data", site, "*,1000,1000,yes,30,200,40,12000,30,")
        at = Capturing(Path(folder), site)
        for number in range(given.pages):
            at.flag(f"/item/{number}")
        threading.Thread(target=watch, daemon=True).start()
        begun, spent = time.perf_counter(), os.times()
        rows = list(capture_due(at.office))
        took, used = time.perf_counter() - begun, os.times()
        over.set()
        at.office.engine.dispose()
    own = used.user + used.system - spent.user - spent.system
    children = used.children_user + used.children_system - spent.children_user - spent.children_system
    whole = sum(row["state"] == "captured" for row in rows)
    print(f"attempts {len(rows)}, captured {whole}, answers of a page {rows[0]['facts']['answers']}")
    print(f"a minute {60 * len(rows) / took:.1f}, seconds of each {took / len(rows):.1f}")
    print(f"processor of each: ours {own / len(rows):.2f} s, the browser's {children / len(rows):.2f} s")
    print(f"memory at most, browser and all {peak[0] / 1e6:.0f} MB")
    for kind in ("page_archive", "page_screenshot", "page_facts"):
        sizes = [row["files"][kind]["size"] for row in rows if kind in row["files"]]
        print(f"{kind}: {statistics.median(sizes) / 1000:.0f} kB")
    print(f"answered {rows[0]['facts']['bytes'] / 1000:.0f} kB")
    print(f"load of the machine {os.getloadavg()[0]:.1f}")
    shop.shutdown()


if __name__ == "__main__":
    main()
