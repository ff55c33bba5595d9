"""KQL as far as the shipped objects use it."""

from __future__ import annotations

from typing import Any

import pytest

from adwatch.kibana import kql

TYPES = {"a": "keyword", "t": "text"}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", {"match_all": {}}),
        ('a : "x y"', {"match_phrase": {"a": "x y"}}),
        ("a : x", {"match": {"a": "x"}}),
        ("a:*", {"exists": {"field": "a"}}),
        ('a : "*"', {"match_phrase": {"a": "*"}}),
        ("a : *b*", {"wildcard": {"a": {"value": "*b*"}}}),
        ("t : b*", {"query_string": {"fields": ["t"], "query": "b*"}}),
        ("a >= now-5d", {"range": {"a": {"gte": "now-5d"}}}),
        (r'a : "say \"x\""', {"match_phrase": {"a": 'say "x"'}}),
        ("not a : x", {"bool": {"must_not": [{"match": {"a": "x"}}]}}),
    ],
)
def test_what_is_asked(text: str, asked: dict[str, Any]) -> None:
    assert kql.elastic(text, TYPES) == asked


def test_and_binds_closer_than_or() -> None:
    tree = kql.parse("a : 1 or b : 2 and not c : (3 or 4)")
    assert isinstance(tree, kql.Group) and tree.word == "or"
    right = tree.parts[1]
    assert isinstance(right, kql.Group) and right.word == "and"
    assert [term.field for term in kql.terms("a : 1 or b : 2 and not c : (3 or 4)")] == ["a", "b", "c", "c"]


@pytest.mark.parametrize("text", ["a", "a :", "a : (x", "a : x)", "a : x b : y", 'a : "x', ": x", "a : x and", "()", "a < <"])
def test_what_is_no_kql(text: str) -> None:
    with pytest.raises(kql.KqlError):
        kql.parse(text)
