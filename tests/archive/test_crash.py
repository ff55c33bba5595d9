"""A process killed while archiving leaves whole exchanges, and nothing that verification cannot name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adwatch.archive import captures_from_archive, read_body
from adwatch.evidence import verify

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from pathlib import Path
from adwatch.archive import Archive
from tests.archive.exchanges import exchange
with Archive(Path(sys.argv[1]), "r1") as archive:
    for number in range(3):
        print(archive.keep(exchange(number)).record_id, flush=True)
"""


@pytest.mark.parametrize(
    ("failpoint", "told", "kept"), [("archive.before_record@2", 1, 1), ("archive.after_record@2", 1, 2)]
)
def test_killed(tmp_path: Path, failpoint: str, told: int, kept: int) -> None:
    environment = {**os.environ, "ADWATCH_FAILPOINT": failpoint}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert len(done.stdout.splitlines()) == told
    captures = list(captures_from_archive(tmp_path, "2026-11-16"))
    assert len(captures) == kept
    assert [read_body(tmp_path, capture) for capture in captures]
    assert verify(tmp_path, captures[:told]).ok
    assert verify(tmp_path, captures[:told]).unclaimed == kept - told
