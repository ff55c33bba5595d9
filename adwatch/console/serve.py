"""Starts the console's server; the first start prints the one-time link that makes the first account."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from adwatch.app import Office, accounts
from adwatch.console.application import LOOPBACK, application
from adwatch.console.guard import Guard
from adwatch.console.warm import warm
from adwatch.errors import SettingsError

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - named to be told from others


def names(office: Office, host: str) -> tuple[str, ...]:
    """Names by which browsers may call the console; bound to every address it must be told one."""
    named = urlsplit(office.settings.console_url).hostname
    if host in EVERYWHERE and not named:
        raise SettingsError(f"--host {host}: set ADWATCH_CONSOLE_URL to the address that browsers use")
    return tuple({*LOOPBACK, *((host,) if host not in EVERYWHERE else ()), *((named,) if named else ())})


def configured(
    app: Guard, host: str = "127.0.0.1", port: int = 0, certificate: Path | None = None, key: Path | None = None
) -> uvicorn.Config:
    """How it is served: no log of addresses, which hold keys and links, and no name of the server."""
    quiet = {"log_level": "warning", "access_log": False, "server_header": False}
    tls = {"ssl_certfile": certificate, "ssl_keyfile": key}
    return uvicorn.Config(app, host=host, port=port, **quiet, **tls)  # type: ignore[arg-type]


def serve(
    office: Office, host: str, port: int, say: Callable[[str], None], certificate: Path | None, key: Path | None
) -> None:
    """Serve until it is interrupted."""
    if (certificate is None) != (key is None):
        raise SettingsError("--tls-certificate and --tls-key belong together")
    app = application(office, names(office, host))
    config = configured(app, host, port, certificate, key)
    server = Server(config, app)
    socket = config.bind_socket()
    there = socket.getsockname()[1]
    scheme = "https" if certificate else "http"
    shown = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    base = office.settings.console_url or f"{scheme}://{shown}:{there}"
    say(f"控制台 console: {base}")
    token = accounts.first_link(office)
    if token is not None:
        say(f"首次启动，请打开一次性链接（24 小时内有效）开设第一个管理员: {accounts.address(office, token, base)}")
    if host not in LOOPBACK and certificate is None:
        say("注意：未用 TLS，密码会在网络上明文传送；请用 --tls-certificate，或只在反向代理之后使用")
    keep_what_is_loaded()
    server.run(sockets=[socket])


class Server(uvicorn.Server):
    """Pays at its start, but once it listens, what its first users would wait for (``warm``)."""

    def __init__(self, config: uvicorn.Config, app: Guard) -> None:
        super().__init__(config)
        self.warming = threading.Thread(target=self._warm, args=(app,), daemon=True)

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, then warm up beside the first answers."""
        await super().startup(sockets)
        if self.started:
            self.warming.start()

    def _warm(self, app: Guard) -> None:
        if isinstance(app.app, FastAPI):
            warm(app.app, lambda: not self.should_exit)
        keep_what_is_loaded()


def keep_what_is_loaded() -> None:
    """Programs and tables that are there before the first request stay to the end: no search for what nobody needs any
    more goes through them again, for which every answer waited up to 0.2 s."""
    gc.collect()
    gc.freeze()
