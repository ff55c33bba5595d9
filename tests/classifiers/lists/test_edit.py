"""Lists put in force and added to: who, when, and what was there before."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adwatch.errors import SpecError, UsageError
from classifiers.lexicon import Lexicon, read
from classifiers.lists.edit import HISTORY, NewWord, accept, approve

DAY = date(2026, 11, 20)
TEXT = """owner: 某应急
document: 某应急〔2026〕9号
version: {}
effective_from: 2026-01-01
effective_to:
---
# 第一部分
promise\t3\t咕本直送\tas=fast_track\t# 新词
{}"""


def handed(folder: Path, version: str = "1", more: str = "") -> Path:
    file = folder / "yj.txt"
    file.write_text(TEXT.format(version, more), encoding="utf-8")
    return file


def word(text: str = "咕本秒送", by: str = "李四", **more: object) -> NewWord:
    values = {"kind": "promise", "weight": 2, "speaks_for": "fast_track", "search": False, "on": DAY, "note": ""}
    return NewWord(word=text, by=by, **{**values, **more})  # type: ignore[arg-type]


def test_approved_list_is_in_force_with_who_and_when(tmp_path: Path) -> None:
    data = tmp_path / "data"
    found = approve(handed(tmp_path), data, "张三", DAY)
    assert (found.approved_by, found.approved_on) == ("张三", DAY)
    assert found.path == data / "keywords" / "yj.txt"
    text = found.path.read_text(encoding="utf-8")
    assert "# 第一部分\npromise\t3\t咕本直送\tas=fast_track\t# 新词\n" in text, "what was written stays as it was"
    assert "咕本直送" in {entry.word for entry in Lexicon.load(data).entries}


def test_the_version_before_is_kept_and_the_number_must_go_up(tmp_path: Path) -> None:
    data = tmp_path / "data"
    approve(handed(tmp_path), data, "张三", DAY)
    with pytest.raises(UsageError, match="next version"):
        approve(handed(tmp_path, more="promise 3 又一词 as=fast_track\n"), data, "张三", DAY)
    approve(handed(tmp_path, "2", "promise 3 又一词 as=fast_track\n"), data, "王五", DAY)
    [kept] = (data / "keywords" / HISTORY).iterdir()
    assert (read(kept).version, read(kept).approved_by) == ("1", "张三")
    assert read(data / "keywords" / "yj.txt").approved_by == "王五"
    assert len(Lexicon.load(data).lists) == len(Lexicon.load().lists) + 1, "what is kept is not in force"


def test_a_broken_list_is_not_put_in_force(tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        approve(handed(tmp_path, more="wish 3 x\n"), tmp_path / "data", "张三", DAY)
    assert not (tmp_path / "data").exists()
    with pytest.raises(UsageError, match="ADWATCH_DATA"):
        approve(handed(tmp_path), None, "张三", DAY)
    with pytest.raises(UsageError, match="--by"):
        approve(handed(tmp_path), tmp_path / "data", " ", DAY)


def test_accepted_words_and_who_accepted_them(tmp_path: Path) -> None:
    first = accept(word(note="群里 # 常见"), tmp_path, "accepted", "某局")
    second = accept(word("咕本光送", by="张三", search=True), tmp_path, "accepted", "某局")
    assert (first.version, second.version, second.owner) == ("1", "2", "某局")
    entries = read(tmp_path / "keywords" / "accepted.txt").entries
    assert [(e.word, e.list, e.weight, e.approved_by, e.approved_on, e.search, e.note) for e in entries] == [
        ("咕本秒送", "fast_track", 2, "李四", DAY, False, "群里 # 常见"),
        ("咕本光送", "fast_track", 2, "张三", DAY, True, ""),
    ]
    [kept] = (tmp_path / "keywords" / HISTORY).iterdir()
    assert len(read(kept).entries) == 1


@pytest.mark.parametrize(
    ("bad", "name", "part"),
    [
        (word(by="李 四"), "accepted", "without blanks"),
        (word(by=""), "accepted", "without blanks"),
        (word("咕本#送"), "accepted", "no #"),
        (word(), "fast_track", "replace the shipped list whole"),
    ],
)
def test_refused(tmp_path: Path, bad: NewWord, name: str, part: str) -> None:
    with pytest.raises(UsageError, match=part):
        accept(bad, tmp_path, name, "某局")
    assert not list(tmp_path.rglob("*.txt"))


def test_a_word_twice_is_refused_and_the_list_stays(tmp_path: Path) -> None:
    accept(word(), tmp_path, "accepted", "某局")
    with pytest.raises(SpecError, match="already"):
        accept(word(), tmp_path, "accepted", "某局")
    assert read(tmp_path / "keywords" / "accepted.txt").version == "1"
