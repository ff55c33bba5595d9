"""CSS selectors and JMESPath expressions, compiled once; a wrong one is a ValueError that says what is wrong."""

from __future__ import annotations

from functools import cache
from typing import Any

import cssselect
import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from lxml import etree

_TRANSLATOR = cssselect.HTMLTranslator()


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


def search_json(expression: str, value: Any) -> Any:
    """What the expression finds; None where types do not fit."""
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
