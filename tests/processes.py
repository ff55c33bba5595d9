"""``adwatch``, and programs that use it, in processes of their own, forked where it is loaded: ``process_server``.

To load it takes a second of processor, longer than most programs here run. Two servers take turns, whose hashes
differ, as those of two processes that are started do: what depends on them shows.
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
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from time import monotonic

_ROOT = Path(__file__).parent.parent
_TURN = count()
_OF_THE_INTERPRETER = ("PYTHON", "LANG", "LC_", "LD_")
_CALL = "import importlib, sys; getattr(importlib.import_module(sys.argv[1]), sys.argv[2])(*sys.argv[3:])"


def run_command(
    arguments: Sequence[str], environment: Mapping[str, str], stdin: bytes = b"", seconds: float = 240
) -> subprocess.CompletedProcess[bytes]:
    """``adwatch`` with this environment alone: what ``subprocess.run`` gives."""
    return run_python(["-m", "adwatch", *arguments], environment, stdin, seconds)


def run_python(
    line: Sequence[str], environment: Mapping[str, str], stdin: bytes = b"", seconds: float = 240
) -> subprocess.CompletedProcess[bytes]:
    """``python -m MODULE`` or ``-c CODE`` with this environment alone; TimeoutExpired where it does not end."""
    if _of_the_interpreter(environment) == _of_the_interpreter(os.environ):
        return Forked(line, environment, stdin).end(seconds)
    line = [sys.executable, *line]
    return subprocess.run(line, input=stdin, env=environment, capture_output=True, check=False, timeout=seconds)


def _of_the_interpreter(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if value and name.startswith(_OF_THE_INTERPRETER)}


class Forked:
    """``python -m MODULE`` or ``-c CODE``, begun; its environment is the one given."""

    def __init__(self, line: Sequence[str], environment: Mapping[str, str], stdin: bytes = b"") -> None:
        self._line = [sys.executable, *line]
        self._out, self._err = (tempfile.TemporaryFile() for _ in range(2))  # noqa: SIM115 - read at its end
        message = {"line": list(line), "environment": dict(environment), "folder": str(Path.cwd())}
        self._told, tells = os.pipe()
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            streams = [given.fileno(), self._out.fileno(), self._err.fileno(), tells]
            socket.send_fds(_server(os.getpid(), next(_TURN) % 2), [json.dumps(message).encode()], streams)
        os.close(tells)

    def end(self, seconds: float = 240) -> subprocess.CompletedProcess[bytes]:
        """Its exit status, negative where a signal ended it, and what it wrote; killed where it takes longer."""
        with self._out as out, self._err as err:
            try:
                status = self._status(seconds)
            finally:
                os.close(self._told)
            for each in (out, err):
                each.seek(0)
            return subprocess.CompletedProcess(self._line, status, out.read(), err.read())

    def _status(self, seconds: float) -> int:
        """What the server tells in two lines: the id of the process, and its end."""
        said, until = b"", monotonic() + seconds
        while said.count(b"\n") < 2:
            if not select.select([self._told], [], [], max(0.0, until - monotonic()))[0]:
                if said:
                    os.kill(int(said), signal.SIGKILL)
                raise subprocess.TimeoutExpired(self._line, seconds)
            part = os.read(self._told, 100)
            assert part, "the server of processes ended"
            said += part
        return int(said.split()[1])


class Called(Forked):
    """A function of a module, its arguments, what the environment has besides: done in a process of its own."""

    def __init__(self, function: Callable[..., object], *arguments: str, **environment: str) -> None:
        line = ("-c", _CALL, function.__module__, function.__qualname__, *arguments)
        super().__init__(line, {**os.environ, **environment})

    def ended(self) -> tuple[int, str]:
        """Exit status and what was written to standard output; fails for any end but the right one and SIGKILL's."""
        done = self.end()
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
        return done.returncode, done.stdout.decode()


@cache
def _server(process: int, turn: int) -> socket.socket:
    """The way to a server of this test process, with which it ends."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end_of_it in (ours, theirs):
        end_of_it.settimeout(None)  # whatever a program has set for sockets to come
    with theirs:
        line = [sys.executable, "-m", "tests.process_server", str(theirs.fileno())]
        server = subprocess.Popen(line, cwd=_ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)

    def end() -> None:
        if os.getpid() == process:
            ours.close()
            server.wait()

    atexit.register(end)
    return ours
