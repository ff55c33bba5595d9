"""The wheel works in an empty environment, in a folder that holds another ``keywords/`` of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from classifiers.loops import compiled

ROOT = Path(__file__).parent.parent
OFFER = {"id": 1, "title": "电工证", "text": "免考包过，人不用来，三天拿证，加微信 abcde12345"}


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode in (0, 3), done.stdout.decode()[-2000:] + done.stderr.decode()[-2000:]
    return done  # type: ignore[no-any-return]


@pytest.mark.slow
def test_wheel_uses_its_own_data(tmp_path: Path) -> None:
    source = tmp_path / "source"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", source)
    [wheel] = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"adwatch", "collectors", "classifiers", "keywords", "index_mappings"} <= tops
    assert not tops & {"tests", "dags", "bench", "docs"}
    assert any(name.startswith("collectors/platforms/") and name.endswith(".yml") for name in names)
    assert any(name.startswith("classifiers/_loops.") for name in names) == bool(compiled)
    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    python = venv / "bin" / "python"
    run(sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, wheel)
    folder = tmp_path / "office"
    (folder / "keywords").mkdir(parents=True)
    (folder / "keywords" / "__init__.py").write_text("raise RuntimeError('the wrong keywords')", encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ADWATCH_", "PYTHON"))}
    where = {"cwd": folder, "env": {**clean, "ADWATCH_HOME": str(folder / "var")}}
    answer = run(venv / "bin" / "adwatch", "classify", input=json.dumps(OFFER).encode(), **where)
    assert json.loads(answer.stdout)["flagged"] is True
    as_module = run(python, "-m", "adwatch", "classify", input=json.dumps(OFFER).encode(), **where)
    assert as_module.stdout == answer.stdout
    rows = [json.loads(line) for line in run(venv / "bin" / "adwatch", "doctor", "--json", **where).stdout.splitlines()]
    assert {row["item"]: row["word"] for row in rows}["store"] == "ok"
    assert "installed: none" in next(row["message"] for row in rows if row["item"] == "extras")
