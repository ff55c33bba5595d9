"""docs/adding-a-platform.md names every field as the code documents it, docs/platforms.md every platform; the examples work."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import collectors.spec
import collectors.spec_answers
import collectors.spec_fields
import collectors.spec_interface
import collectors.spec_parts
import collectors.spec_plan
import collectors.spec_render
import collectors.spec_replies
from adwatch.settings import load_settings
from collectors.registry import read_platforms
from tests.collectors.platform_files import load

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "adding-a-platform.md").read_text(encoding="utf-8")


def _documented() -> list[tuple[str, str, str]]:
    """(class, field, text under it) of every field of a platform file."""
    out = []
    modules = (collectors.spec, collectors.spec_answers, collectors.spec_fields, collectors.spec_interface)
    for module in (
        *modules,
        collectors.spec_parts,
        collectors.spec_plan,
        collectors.spec_render,
        collectors.spec_replies,
    ):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for node in tree.body:
            if not isinstance(node, ast.ClassDef) or node.name == "ListSource":
                continue
            for field, text in zip(node.body, node.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    assert isinstance(text, ast.Expr), f"{node.name}.{field.target.id} has no text under it"
                    assert isinstance(text.value, ast.Constant)
                    out.append((node.name, field.target.id, " ".join(str(text.value.value).split())))
    return out


@pytest.mark.parametrize(("kind", "field", "text"), _documented())
def test_every_field_is_documented(kind: str, field: str, text: str) -> None:
    assert f"| `{field}` | {text.replace('|', chr(92) + '|')} |" in PAGE, kind


def test_every_shipped_platform_is_named() -> None:
    shipped = (Path(str(collectors.spec.__file__)).parent / "platforms").glob("*.yml")
    table = (DOCS / "platforms.md").read_text(encoding="utf-8")
    assert [path.stem for path in shipped if f"| `{path.stem}` |" not in table] == []


def test_every_shipped_platform_says_what_it_was_proven_against() -> None:
    shipped = read_platforms(load_settings(_env_file=None))[0]
    assert [name for name, spec in shipped.items() if spec.proven is None] == []


def test_every_shipped_platform_states_its_lawful_access() -> None:
    """§7 of the issue: the right, its ground, who answers for it (or that nobody knows, and what to ask), a day's requests."""
    shipped, errors = read_platforms(load_settings(_env_file=None))
    assert (errors, len(shipped) > 30) == ([], True)
    for name, spec in shipped.items():
        assert spec.access and spec.basis.strip(), name
        assert spec.contact is not None, (
            f"{name}: contact is missing; write a published channel, or unknown and what to ask"
        )
        asks = "启用前写明" in spec.contact or "写明：" in spec.contact
        assert "unknown" not in spec.contact or asks or spec.demo, f"{name}: unknown, but not what to ask"
        assert spec.kind == "handover" or spec.budget is not None, f"{name}: nothing bounds a day's requests"


def test_the_examples_work(tmp_path: Path) -> None:
    no_selector, _interface, first, second = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert load(tmp_path, no_selector, "school_mall").detail_kind == "structured"
    spec = load(tmp_path, first, "corner_shop")
    assert spec.label == "街角百货"
    head = "name: graph\nlabel: x\nkind: json\nbase_url: https://g.example\naccess: open_interface\nbasis: x\n"
    assert load(tmp_path, head + second, "graph").paging.by == "cursor"
