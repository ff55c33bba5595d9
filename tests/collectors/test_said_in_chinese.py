"""What a refusal of a handed-over file or a finding of ``platforms check`` says begins in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2] / "collectors"
READERS = ("captured.py", "check.py", "checked.py", "documents.py", "extract.py", "feed.py", "sitemap.py")
FILES = [*(ROOT / name for name in READERS), *sorted((ROOT / "handover").glob("*.py"))]
SAYS = {"ValueRefused": 1, "fault": 0, "doubt": 0, "RefusedRow": 2, "Unreadable": 0}
"""Calls that say something to a person, and the place of the sentence."""
HAN = re.compile(r"[\u4e00-\u9fff]")


def literal(node: ast.expr) -> str | None:
    """The fixed words of a sentence; None where it is made elsewhere (by an error, a function, a name)."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.BinOp):
        return literal(node.left)
    return None


def said(file: Path) -> Iterator[tuple[int, str]]:
    """(line, fixed words) of every sentence, those that are first given the name ``message`` among them."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = SAYS.get(name)
            found = literal(node.args[place]) if place is not None and len(node.args) > place else None
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "message":
            found = literal(node.value)
        else:
            continue
        if found is not None and found.strip(" :;"):
            yield node.lineno, found


def test_every_sentence_has_its_chinese() -> None:
    every = [(file.name, line, words) for file in FILES for line, words in said(file)]
    assert len(every) > 80, "the walk finds them"
    assert [each for each in every if not HAN.search(each[2])] == []


def test_a_sentence_without_would_be_found(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text('raise ValueRefused("no_id", f"no id in {row}")\nself.found.doubt("fine " + name)\n')
    assert [words for _, words in said(file)] == ["no id in ", "fine "]
    assert not any(HAN.search(words) for _, words in said(file))
