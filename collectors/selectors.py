"""CSS selectors and JMESPath expressions, compiled once; a wrong one is a ValueError that says what is wrong."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import cssselect
import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from lxml import etree

_TRANSLATOR = cssselect.HTMLTranslator()
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


@cache
def _css(selector: str) -> etree.XPath:
    try:
        return etree.XPath(_TRANSLATOR.css_to_xpath(selector, prefix="descendant::"))
    except (cssselect.SelectorError, etree.XPathSyntaxError) as error:
        raise ValueError(f"{selector!r} is no CSS selector: {error}") from error


def find(selector: str, node: Any) -> list[Any]:
    """Elements below ``node`` that match, in the order of the page."""
    found: Any = _css(selector)(node)
    return list(found)


@cache
def json_path(expression: str) -> ParsedResult:
    """A compiled JMESPath expression."""
    try:
        return jmespath.compile(expression)
    except JMESPathError as error:
        raise ValueError(f"{expression!r} is no JMESPath: {str(error).splitlines()[0]}") from error


@cache
def _plain_names(expression: str) -> tuple[str, ...]:
    """The names of a path that is only names, ``a.b``: most are, and walking them costs a tenth of the interpreter."""
    return tuple(expression.split(".")) if _NAMES.fullmatch(expression) else ()


def search_json(expression: str, value: Any) -> Any:
    """What the expression finds; None where types do not fit."""
    names = _plain_names(expression)
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if names:
        return value
    try:
        return json_path(expression).search(value)
    except JMESPathError:
        return None


def check_css(selector: str) -> str:
    """The selector, if it is one."""
    _css(selector)
    return selector


def check_jmespath(expression: str) -> str:
    """The expression, if it is one."""
    json_path(expression)
    return expression
