"""The house keeps its shape: one direction, small files, data under test, a core that names no platform and no offer class."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from adwatch.failpoints import FAILPOINTS
from classifiers.offers import OFFER_CLASSES

ROOT = Path(__file__).parent.parent
PACKAGES = ("adwatch", "adwatch_demo", "collectors", "classifiers", "dags")


def python_files(*folders: str) -> list[Path]:
    return sorted(
        file for folder in folders for file in (ROOT / folder).rglob("*.py") if "migrations/versions" not in str(file)
    )


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("no git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_core_names_no_platform_and_no_offer_class() -> None:
    platforms = [file.stem for file in (ROOT / "collectors" / "platforms").glob("*.yml")]
    assert platforms
    words = platforms + [row.id for row in OFFER_CLASSES]
    pattern = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words))
    assert pattern.search("guaranteed_pass"), "the pattern must be able to find something"
    found = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in python_files("adwatch")
        for match in pattern.finditer(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_files_stay_small() -> None:
    long = [
        (file.relative_to(ROOT).as_posix(), count)
        for file in python_files(*PACKAGES, "tests", "bench")
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > 300
    ]
    assert long == []


def test_every_bench_finds_what_it_imports() -> None:
    missing: list[str] = []
    for file in (ROOT / "bench").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in (*PACKAGES, "tests"):
                module = importlib.import_module(node.module)
                for each in node.names:
                    inner = hasattr(module, "__path__") and find_spec(f"{node.module}.{each.name}")
                    if not inner and not hasattr(module, each.name):
                        missing.append(f"{file.name}: {node.module}.{each.name}")
    assert missing == []


def test_every_failpoint_is_passed_somewhere() -> None:
    files = [file for file in python_files("adwatch", "collectors") if file.name != "failpoints.py"]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert [name for name in FAILPOINTS if f'"{name}"' not in source] == []


def test_only_dags_import_airflow() -> None:
    importing = [
        file.relative_to(ROOT).as_posix()
        for file in python_files("adwatch", "adwatch_demo", "collectors", "classifiers")
        if re.search(r"^\s*(from|import) airflow", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert importing == []


def test_data_packages_hold_no_code() -> None:
    for folder in ("keywords", "index_mappings"):
        files = python_files(folder)
        assert [file.name for file in files] == ["__init__.py"]
        assert len(files[0].read_text(encoding="utf-8").splitlines()) <= 1


def test_no_path_of_a_machine_and_no_registry_host_is_tracked() -> None:
    forbidden = re.compile(
        rb"(?:^|[^\w.])/(?:home|root|work)/\w|registry\.npmjs\.org|pypi\.org/simple|files\.pythonhosted"
    )
    found = [
        file.relative_to(ROOT).as_posix()
        for file in tracked_files()
        if file.is_file() and file != Path(__file__) and forbidden.search(file.read_bytes())
    ]
    assert found == []
