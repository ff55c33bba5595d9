from __future__ import annotations

import socket
from pathlib import Path

import pytest

from adwatch.evidence.environment import clock_offset, hosts_entries, measure
from tests.evidence.ntp_server import time_server


@pytest.mark.parametrize("ahead", [0.0, 12.5, -3600.0])
def test_the_offset_of_the_clock_is_what_a_time_server_says(ahead: float) -> None:
    with time_server(ahead) as server:
        found = clock_offset(server.address, 60)
    assert found["offset"] == pytest.approx(ahead, abs=5)
    assert abs(found["offset"] - ahead) <= found["delay"] + 0.01
    assert found["stratum"] == 2
    assert found["server"] == server.address
    assert len(server.asked[0]) == 48


@pytest.mark.parametrize("how", [{"stratum": 0}, {"stratum": 16}, {"leap": 3}])
def test_a_server_that_has_no_time_gives_none(how: dict[str, int]) -> None:
    with time_server(0.0, **how) as server:
        found = clock_offset(server.address, 60)
    assert found["offset"] is None
    assert "未同步" in found["why"]


def test_no_server_or_no_answer_is_said() -> None:
    assert "ADWATCH_NTP_SERVER" in clock_offset("")["why"]
    with time_server(silent=1) as server:
        assert "未应答" in clock_offset(server.address, 0.05)["why"]


def test_a_hosts_file_that_names_the_host_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text(f"127.0.0.1 localhost {socket.gethostname()}\n::1 ip6-localhost\n", encoding="utf-8")
    assert hosts_entries(file, "shop.example") == {"readable": True, "foreign": [], "names_the_host": False}
    file.write_text("127.0.0.1 localhost\n10.0.0.1\tShop.example img.example # shop2.example\n", encoding="utf-8")
    found = hosts_entries(file, "shop.EXAMPLE")
    assert found == {"readable": True, "foreign": ["img.example", "shop.example"], "names_the_host": True}
    assert hosts_entries(tmp_path / "none", "shop.example")["readable"] is False


def test_what_is_measured_of_a_machine(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/resolv.conf").write_text("# x\nnameserver 192.0.2.53\nsearch a\nnameserver 192.0.2.54\n")
    (tmp_path / "etc/os-release").write_text('NAME="x"\nPRETTY_NAME="Some System 12"\n')
    found = measure("127.0.0.1", root=tmp_path, environ={"HTTPS_PROXY": "http://p.example", "HOME": "/"})
    assert found["system"] == "Some System 12"
    assert found["dns_servers"] == ["192.0.2.53", "192.0.2.54"]
    assert found["resolved"] == ["127.0.0.1"]
    assert found["proxies"] == ["https_proxy"]
    assert found["hosts_file"]["readable"] is False
