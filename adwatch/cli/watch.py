"""The verb that tells a watcher how the office stands: metrics."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Annotated, Any

import typer

from adwatch.cli.output import JsonFlag, examples, print_json, tell
from adwatch.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("metrics", epilog=examples("metrics", "metrics --serve 127.0.0.1:9464"))(metrics)


def metrics(
    serve: Annotated[
        str | None,
        typer.Option("--serve", metavar="HOST:PORT", help="Answer at http://HOST:PORT/metrics until stopped."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Print figures for Prometheus 监控指标. Patrols, queues, clocks, index lag, sizes; read from the store only. With
    --serve they are told at /metrics, on loopback where no host is named. No listing text and no personal data.
    """
    from adwatch.app import metrics as work
    from adwatch.app import open_office

    if serve is not None and as_json:
        raise UsageError("--json prints once; leave it out with --serve")
    with open_office() as office:
        if serve is not None:
            _serve(office, serve)
        elif as_json:
            print_json(work.samples(office))
        else:
            sys.stdout.buffer.write(work.exposition(office))
            sys.stdout.buffer.flush()


def _serve(office: Any, where: str) -> None:
    """Until SIGTERM or Ctrl-C; then the exit status is 0."""
    from adwatch.app.metrics_server import address, open_server

    host, port = address(where)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    with open_server(office, host, port) as server:
        shown = f"[{host}]" if ":" in host else host
        tell(f"adwatch: http://{shown}:{server.server_port}/metrics")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        ended.wait()
        server.shutdown()
        thread.join()
