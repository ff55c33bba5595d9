"""Debian's promtool, or a skip; ``ADWATCH_TEST_REQUIRE_PROMTOOL=1`` (CI sets it) makes a failure of that skip."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def promtool(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run it; what it said, with its exit status."""
    program = shutil.which("promtool")
    if program is None:
        told = "alert rules are not tried: no promtool; install Debian's package prometheus"
        if os.environ.get("ADWATCH_TEST_REQUIRE_PROMTOOL", "") == "1":
            pytest.fail(told)
        pytest.skip(told)
    done = subprocess.run([program, *arguments], input=stdin, capture_output=True, check=False, timeout=120)
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")
    )
