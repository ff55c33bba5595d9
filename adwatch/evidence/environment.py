"""What a record says of the machine that captured: software, network, names, proxies, clock. Measured, never assumed.

Nothing of it leaves the machine but one question to the time server, where one is set.
"""

from __future__ import annotations

import os
import platform
import re
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ntplib

Facts = dict[str, Any]

_LOCAL = re.compile(r"localhost|ip6-\w+|.*\.localdomain\d?")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def clock_offset(server: str, timeout: float = 3.0) -> Facts:
    """Offset of this machine's clock by (S)NTP (RFC 5905): seconds to be added to it; or why it was not measured."""
    if not server:
        return {"offset": None, "why": "未设置时间服务器（ADWATCH_NTP_SERVER）"}
    host, _, port = server.rpartition(":") if re.fullmatch(r".+:\d+", server) else (server, "", "123")
    try:
        answer = ntplib.NTPClient().request(host, version=4, port=int(port), timeout=timeout)
    except (ntplib.NTPException, OSError, UnicodeError, ValueError) as error:
        return {"offset": None, "server": server, "why": f"时间服务器未应答：{str(error) or type(error).__name__}"}
    if answer.mode != 4 or not 1 <= answer.stratum <= 15 or answer.leap == 3:
        return {"offset": None, "server": server, "why": "时间服务器未同步，其时间不可用"}
    return {
        "offset": round(answer.offset, 3),
        "delay": round(answer.delay, 3),
        "stratum": answer.stratum,
        "server": server,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }


def measure(host: str, *, root: Path = Path("/"), environ: Mapping[str, str] | None = None) -> Facts:
    """The machine as it is now; ``host`` is the one that was or will be captured."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "system": _system(root),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "machine": socket.gethostname(),
        "hosts_file": hosts_entries(root / "etc/hosts", host),
        "dns_servers": _name_servers(root / "etc/resolv.conf"),
        "resolved": _resolved(host),
        "proxies": sorted({name.lower() for name in (environ or os.environ) if name.lower() in _PROXIES}),
        "proxy_used": False,
    }


def hosts_entries(file: Path, host: str) -> Facts:
    """Names that the hosts file sets besides this machine's own, and whether it sets the captured host."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        return {"readable": False, "why": error.strerror or "unreadable"}
    own = {socket.gethostname().lower(), socket.gethostname().partition(".")[0].lower()}
    named = {name.lower() for line in lines for name in line.partition("#")[0].split()[1:]}
    foreign = sorted(name for name in named - own if not _LOCAL.fullmatch(name))
    return {"readable": True, "foreign": foreign, "names_the_host": bool(host) and host.lower() in named}


def _name_servers(file: Path) -> list[str]:
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [words[1] for line in lines if len(words := line.split()) > 1 and words[0] == "nameserver"]


def _resolved(host: str) -> list[str]:
    """Addresses of the host as this machine resolves it; empty if it cannot."""
    if not host:
        return []
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError):
        return []


def _system(root: Path) -> str:
    try:
        release = (root / "etc/os-release").read_text("utf-8", "replace")
    except OSError:
        return platform.system()
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', release, re.MULTILINE)
    return found[1] if found else platform.system()
