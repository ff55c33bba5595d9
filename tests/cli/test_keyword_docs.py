"""The page of the keyword lists names every verb and every part of the grammar, and its example is a list."""

from __future__ import annotations

import re
from pathlib import Path

from adwatch.cli.keywords import keywords
from classifiers.lexicon import APPROVAL, FLAGS, HEAD, KINDS, SHIPPED, VALUES, read_text

PAGE = (Path(__file__).parents[2] / "docs" / "adding-a-keyword-list.md").read_text(encoding="utf-8")
README = (SHIPPED / "README.md").read_text(encoding="utf-8")


def test_every_verb_is_on_the_page() -> None:
    names = [command.name for command in keywords.registered_commands]
    assert len(names) >= 7
    assert [name for name in names if f"adwatch keywords {name}" not in PAGE] == []
    assert "adwatch retrohunt" in PAGE


def test_every_part_of_the_grammar_is_in_the_readme() -> None:
    assert [field for field in (*HEAD, *APPROVAL) if f"\n{field}:" not in README] == []
    assert [flag for flag in FLAGS if f"**{flag}**" not in README] == []
    assert [flag for flag in VALUES if f"**{flag}=**" not in README] == []
    assert [kind for kind in KINDS if f"`{kind}`" not in README] == []


def test_the_example_is_a_list() -> None:
    [example] = re.findall(r"```\n(owner: .*?)```", README, re.DOTALL)
    lines = [re.split(r" {3,}", line)[0] for line in example.splitlines()]
    found = read_text("\n".join(lines), Path("guaranteed_pass.txt"))
    assert (found.owner, found.approved_by, found.version) == ("应急管理", "张三", "3")
    assert [entry.word for entry in found.entries] == ["免考", "免试", "速办"]
    assert found.entries[2].approved_by == "李四"
