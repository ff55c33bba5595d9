"""Processes of their own for what is killed in the middle: forked from a server that has the code loaded already.

To load it takes longer than most acts do. The server begins with nothing of a test: no connection, no thread.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from io import StringIO
from multiprocessing import get_context
from multiprocessing.connection import Connection

_FORKED = get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.casework.differing_process", "tests.casework.subject_process"])


class Forked:
    """A process that does one thing: a function of a module, its arguments, what the environment has besides."""

    def __init__(self, function: Callable[..., object], *arguments: str, **environment: str) -> None:
        self._told, theirs = _FORKED.Pipe(duplex=False)
        self._process = _FORKED.Process(target=_main, args=(theirs, function, arguments, {**os.environ, **environment}))
        self._process.start()
        theirs.close()

    def end(self, seconds: float = 300) -> tuple[int, str]:
        """Exit status, negative where a signal ended it, and what was written to standard output; fails for an error."""
        said, error = "", ""
        with self._told:
            if not self._told.poll(seconds):
                error = "it did not end"
                self._process.kill()
            else:
                with suppress(EOFError):  # it was killed
                    said, error = self._told.recv()
        self._process.join()
        status = self._process.exitcode
        self._process.close()
        assert not error and status in (0, -signal.SIGKILL), f"{status}: {error}"
        return status, said


def _main(
    told: Connection, function: Callable[..., object], arguments: tuple[str, ...], given: Mapping[str, str]
) -> None:
    os.environ.clear()
    os.environ.update(given)
    said = StringIO()
    try:
        with redirect_stdout(said):
            function(*arguments)
    except BaseException:  # noqa: BLE001 - it is told to whoever waits
        told.send((said.getvalue(), traceback.format_exc()))
        sys.exit(1)
    told.send((said.getvalue(), ""))
