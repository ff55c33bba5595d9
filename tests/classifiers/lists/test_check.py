"""What a check of the lists finds, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.lexicon import list_files
from classifiers.lists.check import Finding, check_files

HEAD = "owner: 某应急\ndocument: 一号\nversion: 1\neffective_from: 2026-01-01\neffective_to:\n---\n"


def findings(folder: Path, **lists: str) -> list[Finding]:
    files = {}
    for name, lines in lists.items():
        files[name] = folder / f"{name}.txt"
        files[name].write_text(HEAD + lines, encoding="utf-8")
    return check_files(files)[1]


def kinds(found: list[Finding]) -> list[tuple[str, str, int | None, str]]:
    return [(f.level, f.kind, f.line, f.word) for f in found if f.kind != "not_approved"]


def test_the_shipped_lists_have_no_error_and_no_warning() -> None:
    lists, found = check_files(list_files())
    assert len(lists) == len(list_files())
    assert [f for f in found if f.level != "note"] == []


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("promise 3 包过\n", []),
        ("wish 3 包过\n", [("error", "schema", 7, "")]),
        ("promise 3 包过\npromise 2 包过\n", [("error", "schema", 8, "")]),
        ("promise 3 包过\npromise 3 包-过\n", [("warning", "same_fold", 8, "包-过")]),
        ("promise 3 包過\npromise 3 包过\n", [("warning", "same_fold", 8, "包过")]),
        ("promise 3 包过\npromise 3 苞过\n", [("note", "homophone", 8, "苞过")]),
        ("promise 3 ❤️\n", []),
        ("promise 3 ～～\n", [("error", "same_fold", 7, "～～")]),
        ("promise 3 包过 as=wishes\n", [("error", "unknown_class", 7, "包过")]),
        ("certificate 3 电工证 as=special_operations\n", []),
        ("certificate 3 电工证\n", [("error", "unknown_class", 7, "电工证")]),
        ("lawful 3 包过滤\n", []),
    ],
)
def test_one_list(tmp_path: Path, lines: str, wanted: list[tuple[str, str, int, str]]) -> None:
    assert kinds(findings(tmp_path, guaranteed_pass=lines)) == wanted


def test_the_same_word_in_two_lists(tmp_path: Path) -> None:
    one = "promise 3 包过\ncontact 2 滴滴\n"
    two = "promise 3 包过 as=guaranteed_pass\nseller 2 滴滴\n"
    found = findings(tmp_path, guaranteed_pass=one, own=two)
    assert kinds(found) == [("warning", "duplicate", 7, "包过"), ("note", "duplicate", 8, "滴滴")]
    assert "guaranteed_pass:7" in found[0].message


def test_a_list_that_nobody_approved(tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text(HEAD + "contact 2 滴滴\n", encoding="utf-8")
    assert [f.kind for f in check_files({"own": file})[1]] == ["not_approved"]
    file.write_text(HEAD.replace("---", "approved_by: 张三\n---") + "contact 2 滴滴\n", encoding="utf-8")
    assert check_files({"own": file})[1] == []
