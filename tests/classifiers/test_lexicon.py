"""Lists and their errors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adwatch.errors import SpecError
from classifiers.lexicon import Lexicon, read

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
