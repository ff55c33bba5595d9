"""Python without the loading: each program is a process forked from one in which all of ``adwatch`` is loaded.

It has what one that is started by the shell has: its own process, environment, folder and streams, an end by exit
status or signal. Started by ``tests.processes``; asked over a socket with the streams and a pipe for the status in hand.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import socket
import sys
import threading
import time
import traceback
from typing import Any

LOADED = ("adwatch", "adwatch_demo", "collectors", "keywords")
"""Packages of which every module is loaded; what they load themselves comes with them."""
PROGRAMS = ("__main__", ".env")
"""Modules that do something when they are loaded."""
LATER = (
    "scipy.sparse",
    "alembic.command",
    "tests.casework.differing_process",
    "tests.casework.subject_process",
)
"""What they load when it is asked for, and what processes of the tests do."""


def load() -> None:
    """Load what a verb may use, so that no program waits for it."""
    for name in LOADED:
        package = importlib.import_module(name)
        for each in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not each.name.endswith(PROGRAMS):
                importlib.import_module(each.name)
    for name in LATER:
        importlib.import_module(name)


def serve(asked: socket.socket) -> None:
    """Fork for each message until the other end closes."""
    gc.collect()
    gc.freeze()
    while True:
        message, streams, _, _ = socket.recv_fds(asked, 1 << 20, 4)
        if not message:
            return
        keeper = os.fork()
        if not keeper:
            asked.close()
            _keep(json.loads(message), streams)
        for each in streams:
            os.close(each)
        while _over():
            pass


def _over() -> int:
    try:
        return os.waitpid(-1, os.WNOHANG)[0]
    except ChildProcessError:
        return 0


def _keep(message: dict[str, Any], streams: list[int]) -> None:
    """Start the program, tell its id, wait for it and tell its status."""
    told = streams.pop()
    program = os.fork()
    if not program:
        os.close(told)
        os._exit(_run(message["line"], message["environment"], message["folder"], streams))
    os.write(told, f"{program}\n".encode())
    _, status = os.waitpid(program, 0)
    os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _run(line: list[str], environment: dict[str, str], folder: str, streams: list[int]) -> int:
    """As the interpreter does it: streams, ``-m`` or ``-c``, what is done at exit; its status."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout = sys.__stdout__ = _writing(1)
    sys.stderr = sys.__stderr__ = _writing(2, errors="backslashreplace", line_buffering=True)
    how, what, *arguments = line
    sys.argv[:] = ["-c", *arguments]
    status = 0
    try:
        if how == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), sys.modules["__main__"].__dict__)  # noqa: S102 - a test's own
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if not isinstance(ended.code, int | None):
            sys.stderr.write(f"{ended.code}\n")
    except BaseException:  # noqa: BLE001 - what is raised is shown, as the interpreter does
        traceback.print_exc()
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            status = 120
    return status & 0xFF


def _writing(number: int, **more: Any) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(number, "w", closefd=False)), encoding="utf-8", **more)


if __name__ == "__main__":
    load()
    serve(socket.socket(fileno=int(sys.argv[1])))
