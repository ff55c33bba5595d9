"""``adwatch``, and programs that use it, in processes of their own, forked where it is loaded: ``command_server``.

To load it takes a second of processor, longer than most commands do. Two servers take turns, whose hashes differ, as
those of two processes that are started do: what depends on them shows.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from time import monotonic

_ROOT = Path(__file__).parent.parent
_TURN = count()
_OF_THE_INTERPRETER = ("PYTHON", "LANG", "LC_", "LD_")


def run_command(
    arguments: Sequence[str], environment: Mapping[str, str], stdin: bytes = b"", seconds: float = 240
) -> subprocess.CompletedProcess[bytes]:
    """``adwatch`` with this environment alone: what ``subprocess.run`` gives."""
    return run_python(["-m", "adwatch", *arguments], environment, stdin, seconds)


def run_python(
    line: Sequence[str], environment: Mapping[str, str], stdin: bytes = b"", seconds: float = 240
) -> subprocess.CompletedProcess[bytes]:
    """``python -m MODULE`` or ``-c CODE`` with this environment alone; TimeoutExpired where it does not end."""
    line = [sys.executable, *line]
    if _of_the_interpreter(environment) != _of_the_interpreter(os.environ):
        return subprocess.run(line, input=stdin, env=environment, capture_output=True, check=False, timeout=seconds)
    message = {"line": line[1:], "environment": dict(environment), "folder": str(Path.cwd())}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        told, tells = os.pipe()
        try:
            streams = [given.fileno(), out.fileno(), err.fileno(), tells]
            socket.send_fds(_server(os.getpid(), next(_TURN) % 2), [json.dumps(message).encode()], streams)
            os.close(tells)
            status = _end(told, line, seconds)
        finally:
            os.close(told)
        for each in (out, err):
            each.seek(0)
        return subprocess.CompletedProcess(line, status, out.read(), err.read())


def _of_the_interpreter(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_OF_THE_INTERPRETER)}


@cache
def _server(process: int, turn: int) -> socket.socket:
    """The way to a server of this test process, with which it ends."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        line = [sys.executable, "-m", "tests.command_server", str(theirs.fileno())]
        server = subprocess.Popen(line, cwd=_ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)

    def end() -> None:
        if os.getpid() == process:
            ours.close()
            server.wait()

    atexit.register(end)
    return ours


def _end(told: int, line: list[str], seconds: float) -> int:
    """Exit status of the command of whose id and end is told here; killed where it takes longer."""
    said, until = b"", monotonic() + seconds
    while said.count(b"\n") < 2:
        if not select.select([told], [], [], max(0.0, until - monotonic()))[0]:
            if said:
                os.kill(int(said), signal.SIGKILL)
            raise subprocess.TimeoutExpired(line, seconds)
        part = os.read(told, 100)
        assert part, "the server of commands ended"
        said += part
    return int(said.split()[1])
