"""Real Elasticsearch servers for the tests: the one that is named, else those that the run starts and ends itself.

All processes of a run share the folder ADWATCH_TEST_SERVERS (see tests/conftest.py); a server in it is started by the
first test that wants it. Without Java or Maven such tests are skipped, or fail where ADWATCH_TEST_REQUIRE_SEARCH is 1.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from adwatch.settings import Settings
from tests.ports import free_row

SCRIPT = Path(__file__).parents[2] / "deploy" / "elasticsearch.sh"
ROWS = ExitStack()
"""The ports of servers that were started here, until this process ends: while one is killed no other takes them."""
atexit.register(ROWS.close)
NOTHING_WRONG = 4
"""Exit status of the script where there can be no server: a tool is missing, or Maven cannot fetch it."""


@dataclass(frozen=True)
class Server:
    """A server that the tests started."""

    folder: Path
    url: str

    @property
    def pid(self) -> int:
        """Its process."""
        return int((self.folder / "pid").read_text())

    def settings(self, home: Path, user: str = "") -> Settings:
        """What an installation sets to use it, as this user where security is on."""
        if not user:
            return Settings(home=home, search_url=self.url)
        password = (self.folder / "password").read_text().strip()
        ca = str(self.folder / "ca.crt")
        return Settings(home=home, search_url=self.url, search_user=user, search_password=password, search_ca=ca)

    def kill(self) -> None:
        """End it as a power cut would, and see it gone."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{pid}").exists())

    def start(self) -> None:
        """Start it again: on the same port, with the data that is there."""
        run_script("start", self.folder)

    def stop(self) -> None:
        """End it in order."""
        run_script("stop", self.folder)


def until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    """Ask again until it is so; that it never becomes so is an error."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not so within {seconds:.0f} s"
        time.sleep(0.05)


def unavailable(why: str) -> None:
    """Skip the test, and say why; where a server is required (CI) it fails."""
    words = f"no Elasticsearch: {why}; or set ADWATCH_TEST_SEARCH_URL to a server of yours"
    if os.environ.get("ADWATCH_TEST_REQUIRE_SEARCH") == "1":
        pytest.fail(words)
    pytest.skip(words)


def run_script(verb: str, folder: Path, *more: str, port: int | None = None, node: str = "") -> str:
    """Run deploy/elasticsearch.sh; gives the last line it prints."""
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    environment = {**os.environ, "ADWATCH_ES_HEAP": "512m", "ADWATCH_ES_OWNER": str(owner)}
    environment["ADWATCH_ES_SERVER"] = os.environ.get("ADWATCH_TEST_SERVERS", str(folder))
    if port is not None:
        environment["ADWATCH_ES_PORT"] = str(port)
    if node:
        environment |= {"ADWATCH_ES_NODE": node, "ADWATCH_ES_HEAP": "256m"}
    command = [str(SCRIPT), verb, str(folder), *more]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == NOTHING_WRONG:
        unavailable(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return (done.stdout.splitlines() or [""])[-1]


def _need_client() -> None:
    if find_spec("elasticsearch") is None:
        unavailable("the client is not installed: pip install adwatch[elasticsearch]")


def started(name: str, verb: str = "start") -> Server:
    """The run's server of that name; the first who asks starts it."""
    _need_client()
    servers = Path(os.environ["ADWATCH_TEST_SERVERS"])
    folder = servers / name
    with (servers / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "started").exists():
            return Server(folder, (folder / "url").read_text().strip())
        url = run_script(verb, folder, port=ROWS.enter_context(free_row(2)))
        (folder / "started").touch()
    return Server(folder, url)


def started_cluster() -> tuple[Server, Server]:
    """A cluster of its own for the caller: a node that is master and holds no data, and one that holds all data."""
    _need_client()
    servers = Path(os.environ["ADWATCH_TEST_SERVERS"])
    made = []
    port = ROWS.enter_context(free_row(4))
    with (servers / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first of all unpacks the server
        nodes = {
            "master": "node.roles: [master]\ncluster.initial_master_nodes: [master]",
            "data": f"node.roles: [data]\ndiscovery.seed_hosts: ['127.0.0.1:{port + 1}']",
        }
        for number, (name, node) in enumerate(nodes.items()):
            folder = servers / f"cluster-{name}"
            url = run_script("start", folder, port=port + 2 * number, node=f"node.name: {name}\n{node}")
            made.append(Server(folder, url))
    return made[0], made[1]


def shared_url() -> str:
    """Address of the server without security that all tests share."""
    return os.environ.get("ADWATCH_TEST_SEARCH_URL") or started("shared").url


def end_all(servers: Path) -> None:
    """Kill what runs in the folder of a test run, and delete it."""
    for file in servers.glob("*/pid"):
        server = Server(file.parent, "")
        if b"/logs/" in _command(server.pid) and str(servers).encode() in _command(server.pid):
            server.kill()
    shutil.rmtree(servers, ignore_errors=True)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
