"""Lists and their errors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adwatch.errors import SpecError
from classifiers.lexicon import Lexicon, parse, read

HEAD = "owner: 应急管理\ndocument: 一号\nversion: 1\neffective_from: 2026-01-01\neffective_to:\n---\n"


def file(folder: Path, body: str, name: str = "fast_track.txt") -> Path:
    path = folder / name
    path.write_text(body, encoding="utf-8")
    return path


def test_reads_entry_and_flag(tmp_path: Path) -> None:
    found = read(file(tmp_path, HEAD + "promise 3 三天出证 search # of old\n"))
    assert [(e.word, e.kind, e.weight, e.search, e.line) for e in found.entries] == [
        ("三天出证", "promise", 3, True, 7)
    ]
    assert found.in_force(date(2026, 5, 1))
    assert not found.in_force(date(2025, 5, 1))


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (HEAD + "promise 三天出证\n", ":7: write"),
        (HEAD + "wish 3 三天出证\n", ":7: kind"),
        (HEAD + "promise 9 三天出证\n", ":7: weight"),
        (HEAD + "promise 3 三天出证 loud\n", ":7: flag"),
        (HEAD + "promise 3 包过\npromise 2 包过\n", ":8: word: '包过' stands in line 7"),
        (HEAD.replace("2026-01-01", "soon"), ":4: effective_from"),
        ("owner: x\n---\n", "document"),
        ("colour: x\n---\n", ":1: colour"),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, body: str, part: str) -> None:
    with pytest.raises(SpecError) as error:
        read(file(tmp_path, body))
    assert part in str(error.value)
    assert "fast_track.txt" in str(error.value)


def test_the_offices_list_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "keywords").mkdir()
    file(tmp_path / "keywords", HEAD + "promise 3 隔夜出证 search\n")
    lexicon = Lexicon.load(tmp_path)
    assert [entry.word for entry in lexicon.lists["fast_track"].entries] == ["隔夜出证"]
    assert "隔夜出证" in lexicon.search_terms()
    assert lexicon.versions != Lexicon.load().versions
    assert "包过" in lexicon.search_terms(date(2026, 6, 1))
    assert lexicon.search_terms(date(2020, 1, 1)) == []


def test_notes_approvals_and_what_a_word_speaks_for(tmp_path: Path) -> None:
    head = HEAD.replace("---\n", "approved_by: 张三\napproved_on: 2026-02-01\nnote: 试行\n---\n")
    lines = "promise 3 当天拿 search as=exam_exemption by=李四 on=2026-03-01 # 群里常见 # 两次\npromise 2 秒拿\n"
    found = read(file(tmp_path, head + lines, "yj.txt"))
    assert (found.approved_by, found.approved_on, found.note) == ("张三", date(2026, 2, 1), "试行")
    [first, second] = found.entries
    assert (first.list, first.file, first.search, first.note) == ("exam_exemption", "yj", True, "群里常见 # 两次")
    assert (first.approved_by, first.approved_on) == ("李四", date(2026, 3, 1))
    assert (second.list, second.note, second.approved_by, second.approved_on) == ("yj", "", "", None)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("promise 3 x on=soon", ":7: on"),
        ("promise 3 x as=", ":7: flag"),
        ("promise 3 x as=a as=b", ":7: flag"),
        ("promise 3 x who=a", ":7: flag"),
    ],
)
def test_a_wrong_value_names_its_line(tmp_path: Path, line: str, part: str) -> None:
    with pytest.raises(SpecError, match=part):
        read(file(tmp_path, HEAD + line + "\n"))


def test_every_mistake_is_found_in_one_reading(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + "wish 3 x\npromise 3 包过\npromise 3 包过\npromise 8 y\n")
    found, errors = parse(path)
    assert [error.line for error in errors] == [7, 9, 10]
    assert found is not None
    assert [entry.word for entry in found.entries] == ["包过"]
    found, errors = parse(file(tmp_path, HEAD.replace("effective_to:", "effective_to: 2025-01-01")))
    assert "lies before" in str(errors[0])


def test_only_lists_in_force_are_left_on_a_day(tmp_path: Path) -> None:
    (tmp_path / "keywords").mkdir()
    ended = HEAD.replace("effective_to:", "effective_to: 2026-06-30")
    file(tmp_path / "keywords", ended + "promise 3 隔夜出证 as=fast_track\n", "own.txt")
    lexicon = Lexicon.load(tmp_path)
    assert lexicon.on(date(2026, 6, 30)) is lexicon, "nothing is copied where all are in force"
    after = lexicon.on(date(2026, 7, 1))
    assert "own" not in after.lists
    assert "隔夜出证" not in {entry.word for entry in after.entries}
    assert after.versions == Lexicon.load().versions, "a verdict without the list says so by its digest"
    assert lexicon.on(None) is lexicon
