"""Reads KQL, as far as the shipped objects use it, and says what Elasticsearch is asked for it.

or, and, not, brackets; ``field : value``, ``field : "phrase"``, ``field : (a or b)``, ``field : *``, ``field < value``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r'\s+|"(?:[^"\\]|\\.)*"|[()]|:|<=|>=|<|>|[^\s():<>"]+')
RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


class KqlError(ValueError):
    """The text is no KQL that we know."""


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison."""

    field: str
    operator: str
    value: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Group:
    """and, or, not over others."""

    word: str
    parts: tuple[Node, ...]


Node = Term | Group


def parse(text: str) -> Node | None:
    """The tree of a query; None for a blank one, which asks for everything."""
    reader = _Reader(list(_tokens(text)))
    if not reader.tokens:
        return None
    tree = reader.either()
    if reader.at < len(reader.tokens):
        raise KqlError(f"{text!r}: {reader.peek()!r} is not expected")
    return tree


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise KqlError(f"{text!r}: a quotation mark is not closed")
        at = found.end()
        if not found.group().isspace():
            yield found.group()


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise KqlError(f"{' '.join(self.tokens)}: {expected or 'something'} is missing")
        self.at += 1
        return token

    def either(self, field: str = "") -> Node:
        return self._joined("or", field)

    def _joined(self, word: str, field: str) -> Node:
        def part() -> Node:
            return self._joined("and", field) if word == "or" else self._negated(field)

        parts = [part()]
        while self.peek().lower() == word:
            self.take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Group(word, tuple(parts))

    def _negated(self, field: str) -> Node:
        if self.peek().lower() == "not":
            self.take()
            return Group("not", (self._negated(field),))
        if self.peek() == "(":
            self.take()
            inside = self.either(field)
            self.take(")")
            return inside
        return self._value(field, ":") if field else self._comparison()

    def _comparison(self) -> Node:
        field = self.take()
        if not re.fullmatch(r"[\w.@-]+", field):
            raise KqlError(f"{field!r} is no field")
        operator = self.take()
        if operator in RANGES:
            return self._value(field, operator)
        if operator != ":":
            raise KqlError(f"{field} {operator!r}: no operator")
        if self.peek() == "(":
            self.take()
            inside = self.either(field)
            self.take(")")
            return inside
        return self._value(field, ":")

    def _value(self, field: str, operator: str) -> Term:
        value = self.take()
        if value in {":", "(", ")", *RANGES} or value.lower() in {"and", "or", "not"}:
            raise KqlError(f"{field}: {value!r} is no value")
        quoted = value.startswith('"')
        return Term(field, operator, re.sub(r"\\(.)", r"\1", value[1:-1]) if quoted else value, quoted)


def terms(text: str) -> list[Term]:
    """Every comparison in a query."""

    def walk(node: Node | None) -> Iterator[Term]:
        if isinstance(node, Term):
            yield node
        elif node is not None:
            for part in node.parts:
                yield from walk(part)

    return list(walk(parse(text)))


def elastic(text: str, types: Mapping[str, str]) -> dict[str, Any]:
    """The query that Kibana sends for it, in filter context; ``types`` are those of the mapping."""
    tree = parse(text)
    return _elastic(tree, types) if tree is not None else {"match_all": {}}


def _elastic(node: Node, types: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(node, Group):
        parts = [_elastic(part, types) for part in node.parts]
        if node.word == "not":
            return {"bool": {"must_not": parts}}
        if node.word == "and":
            return {"bool": {"filter": parts}}
        return {"bool": {"should": parts, "minimum_should_match": 1}}
    if node.operator in RANGES:
        return {"range": {node.field: {RANGES[node.operator]: node.value}}}
    if node.value == "*" and not node.quoted:
        return {"exists": {"field": node.field}}
    if "*" in node.value and not node.quoted:
        if types.get(node.field) == "keyword":
            return {"wildcard": {node.field: {"value": node.value}}}
        return {"query_string": {"fields": [node.field], "query": node.value}}
    return {"match_phrase" if node.quoted else "match": {node.field: node.value}}
