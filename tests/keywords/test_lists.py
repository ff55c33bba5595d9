"""The shipped lists as data."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.lexicon import SHIPPED, Lexicon
from classifiers.offers import OFFER_CLASSES
from classifiers.scan import Scanner

LEXICON = Lexicon.load()
SCANNER = Scanner(LEXICON)
FAMILIES = {"special_operations", "safety_knowledge", "construction", "special_equipment", "other_credential"}


def test_every_offer_class_and_family_has_its_list() -> None:
    assert {name for row in OFFER_CLASSES for name in row.lists} <= LEXICON.lists.keys()
    assert LEXICON.lists.keys() >= FAMILIES
    for entry in LEXICON.entries:
        if entry.kind == "promise":
            assert entry.list in {row.id for row in OFFER_CLASSES}
        if entry.kind == "certificate":
            assert entry.list in FAMILIES


def test_enough_terms_to_search_with() -> None:
    terms = LEXICON.search_terms()
    assert len(terms) == len(set(terms))
    assert 60 <= len(terms) <= 200
    assert all(2 <= len(term) <= 16 for term in terms)


@pytest.mark.parametrize("name", sorted(LEXICON.lists))
def test_every_word_is_found_where_it_stands(name: str) -> None:
    for entry in LEXICON.lists[name].entries:
        heavy = SCANNER.folds.heavily(SCANNER.folds.fold(entry.word))
        found = SCANNER.automaton.find_matches_as_indexes(heavy)
        assert found, f"{name}:{entry.line}: {entry.word} is never hit"


def test_the_readme_names_every_list() -> None:
    text = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in LEXICON.lists)


def test_the_package_holds_data_only() -> None:
    assert [file.name for file in Path(SHIPPED).glob("*.py")] == ["__init__.py"]
    assert len((SHIPPED / "__init__.py").read_text(encoding="utf-8").splitlines()) == 1
