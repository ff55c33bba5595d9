"""Starts a real LibreOffice without a screen, does in it what a person does, and ends it again."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from tests.ports import free_row

STEPS = Path(__file__).with_name("office_steps.py")
PYTHONS = ("python3", "/usr/bin/python3", "/usr/lib/libreoffice/program/python", "/opt/libreoffice/program/python")
SAVED = {
    "xlsx": ("Calc MS Excel 2007 XML", ""),
    "xls": ("MS Excel 97", ""),
    "ods": ("calc8", ""),
    "utf-8.csv": ("Text - txt - csv (StarCalc)", "44,34,76,1"),
    "gbk.csv": ("Text - txt - csv (StarCalc)", "44,34,85,1"),
}
"""Formats as the menu 另存为 has them: (filter, its options), by the end of the file's name."""


class Program:
    """A running LibreOffice; each step is a method of ``office_steps.Desk``."""

    def __init__(self, steps: subprocess.Popen[str]) -> None:
        self._in, self._out = steps.stdin, steps.stdout

    def __call__(self, what: str, *about: Any) -> Any:
        """Do a step and give what came of it."""
        sent: IO[str] = self._in  # type: ignore[assignment]
        answers: IO[str] = self._out  # type: ignore[assignment]
        sent.write(json.dumps([what, *(str(each) if isinstance(each, Path) else each for each in about)]) + "\n")
        sent.flush()
        line = answers.readline()
        assert line, f"the program ended at {what} {about}"
        return json.loads(line)


def python_with_bridge() -> str | None:
    """A Python that can talk to LibreOffice."""
    for name in PYTHONS:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", "import uno"], capture_output=True, check=False).returncode == 0:
            return found
    return None


@contextmanager
def libreoffice(folder: Path) -> Iterator[Program]:
    """A LibreOffice with a profile of its own in a folder; skipped where it or its Python bridge is absent."""
    soffice, python = shutil.which("soffice"), python_with_bridge()
    if soffice is None or python is None:
        pytest.skip(
            "LibreOffice with its Python bridge is absent (Debian: libreoffice-calc libreoffice-writer python3-uno)"
        )
    with free_row(1) as port:
        accept = f"--accept=socket,host=127.0.0.1,port={port};urp;"
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        talk: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        with subprocess.Popen([soffice, "--headless", "--norestore", "--nologo", profile, accept], **quiet) as office:
            try:
                with subprocess.Popen([python, STEPS, str(port)], **talk) as steps:
                    yield Program(steps)
            finally:
                office.terminate()
