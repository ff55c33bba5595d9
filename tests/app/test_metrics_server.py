"""Metrics served: on loopback where no host is named, at /metrics only, a store that fails is a failed scrape."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app.metrics_server import address, open_server
from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.settings import load_settings
from adwatch.store.captures import end_run, start_run
from tests.conftest import FixedClock
from tests.store.world import DAY, NOON
from tests.threads import on_a_thread


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(load_settings(home=tmp_path / "home"), FixedClock(NOON)) as found:
        yield found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("9464", ("127.0.0.1", 9464)),
        (":9464", ("127.0.0.1", 9464)),
        ("0.0.0.0:9464", ("0.0.0.0", 9464)),  # noqa: S104 - only when it is written out
        ("[::1]:9464", ("::1", 9464)),
    ],
)
def test_an_address_without_a_host_is_loopback(text: str, wanted: tuple[str, int]) -> None:
    assert address(text) == wanted


@pytest.mark.parametrize("text", ["", "here", "127.0.0.1", "1.2.3.4:99999", "::1:9464", "a:b:1"])
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="write HOST:PORT"):
        address(text)


def get(url: str, **more: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **more), timeout=10) as answer:  # type: ignore[arg-type]
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_served_at_metrics_only(office: Office) -> None:
    with on_a_thread(open_server(office, "127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        made = start_run(office.engine, "patrol", DAY, "plaza", "html", NOON)
        end_run(office.engine, made, "ok", {"seen": 5}, NOON)
        status, text = get(f"{url}/metrics")
        assert (status, 'adwatch_patrol_seen{platform="plaza"} 5.0' in text) == (200, True)
        assert get(f"{url}/other")[0] == 404
        assert get(f"{url}/metrics", method="POST")[0] == 405
        with pytest.raises(UsageError, match=f"127.0.0.1:{server.server_port}: .*name another address"):
            open_server(office, "127.0.0.1", server.server_port)


def test_a_store_that_cannot_be_read_is_a_failed_scrape(office: Office) -> None:
    with on_a_thread(open_server(office, "127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.server_port}/metrics"
        assert get(url)[0] == 200
        office.engine.dispose()
        (office.home / "adwatch.db").write_bytes(b"no database, whatever the name says" * 200)
        status, text = get(url)
        assert (status, text.startswith("the store cannot be read")) == (503, True)


def test_the_command_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
    command = [sys.executable, "-m", "adwatch", "metrics", "--serve", "127.0.0.1:0"]
    environment = {**clean, "ADWATCH_HOME": str(tmp_path / "home")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("adwatch: http://127.0.0.1:"), line
        status, text = get(line.split()[1])
        process.send_signal(signal.SIGTERM)
        assert (process.wait(20), status) == (0, 200)
    assert "adwatch_build_info" in text
