"""A real S3 server (moto's, a process of its own), and a line to it that can be cut, held or made to damage bytes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import boto3

PATIENCE = 120.0
KEY, SECRET = "AKIDTESTONLY0000", "test-secret-never-shown"


@dataclass
class S3Server:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str = "s3") -> Any:
        """Amazon's own client, made once."""
        if service not in self.clients:
            keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}
            self.clients[service] = boto3.client(service, endpoint_url=self.url, region_name="us-east-1", **keys)
        return self.clients[service]

    def bucket(self, name: str, locked_days: int = 0) -> str:
        """Make a bucket; with days, one with object lock in compliance mode."""
        client = self.client()
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=bool(locked_days))
        if locked_days:
            rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": locked_days}}
            lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
            client.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
        return name

    def authenticate(self, calls: int) -> None:
        """From so many calls on each must be signed by a known key that has the right."""
        plain = {"Content-Type": "text/plain"}
        asked = urllib.request.Request(f"{self.url}/moto-api/reset-auth", str(calls).encode(), plain, method="POST")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert answer.status == 200


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A server on a free loopback port, ended by its process id."""
    log = (folder / "s3.log").open("wb")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    process = None
    until = time.monotonic() + PATIENCE
    try:
        while True:
            port = free_port()
            command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-p", str(port)]
            process = subprocess.Popen(command, env=clean, stdout=log, stderr=log, start_new_session=True)
            while process.poll() is None and time.monotonic() < until:
                if _listens(port):
                    server = S3Server(f"http://127.0.0.1:{port}", process)
                    yield server
                    for client in server.clients.values():
                        client.close()
                    return
                time.sleep(0.05)
            if time.monotonic() >= until:
                raise TimeoutError((folder / "s3.log").read_text(errors="replace"))
    finally:
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Line(ThreadingTCPServer):
    """A line to a server; counts the bytes that go up and does to them what it is told."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self.target = (host, int(port))
        self.up = 0
        """Bytes that went up."""
        self.cut_at: int | None = None
        """So many bytes up, and the line is dead until this is None again."""
        self.hold_at: int | None = None
        """So many bytes up, and no more passes; ``held`` says that it is so."""
        self.held = threading.Event()
        self.damage: bytes | None = None
        """The first occurrence of this in what goes up has a bit flipped."""
        super().__init__(("127.0.0.1", 0), _Pump)

    @property
    def url(self) -> str:
        """Address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def dead(self) -> bool:
        """Whether the line is cut."""
        return self.cut_at is not None and self.up >= self.cut_at


class _Pump(BaseRequestHandler):
    server: Line

    def handle(self) -> None:
        line = self.server
        if line.dead():
            return
        with socket.create_connection(line.target) as server:
            back = threading.Thread(target=self._back, args=(server,), daemon=True)
            back.start()
            with suppress(OSError):
                while data := self.request.recv(1 << 16):
                    line.up += len(data)
                    if line.dead():
                        break
                    if line.hold_at is not None and line.up >= line.hold_at:
                        line.held.set()
                        return
                    server.sendall(self._damaged(data))
            for each in (server, self.request):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            back.join()

    def _damaged(self, data: bytes) -> bytes:
        mark = self.server.damage
        at = data.find(mark) if mark else -1
        if at < 0:
            return data
        self.server.damage = None
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    def _back(self, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                self.request.sendall(data)
            self.request.shutdown(socket.SHUT_WR)
