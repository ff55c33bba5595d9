"""Every recorded page is read as expected: one test for each field, and none too many."""

from __future__ import annotations

import re

import pytest

from adwatch.settings import load_settings
from collectors.registry import platform_files
from tests.platforms.cases import Case, all_cases

CASES = all_cases()
FIELDS = [
    pytest.param(case, number, field, id=f"{case.name}-{number}-{field}")
    for case in CASES
    for number, listing in enumerate(case.expected["listings"])
    for field in listing
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_item_too_many_or_too_few(case: Case) -> None:
    found, expected = case.read(), case.expected
    assert set(found) == set(expected)
    assert len(found["listings"]) == len(expected["listings"])
    assert found.get("links") == expected.get("links")
    assert found.get("no_results") == expected.get("no_results")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_extra_fields(case: Case) -> None:
    for found, expected in zip(case.read()["listings"], case.expected["listings"], strict=True):
        assert set(found) - set(expected) == set()


@pytest.mark.parametrize(("case", "number", "field"), FIELDS)
def test_field(case: Case, number: int, field: str) -> None:
    assert case.read()["listings"][number].get(field) == case.expected["listings"][number][field]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases_hold_no_secrets(case: Case) -> None:
    tokens = re.findall(rb'csrf\w*"\s+value="([^"]*)"', case.body)
    assert all(set(token) == {ord("0")} for token in tokens)
    assert b"/tmp/" not in case.body


def test_every_shipped_platform_has_a_case() -> None:
    shipped = {
        path.stem for path in platform_files(load_settings(_env_file=None)).values() if "collectors" in path.parts
    }
    assert shipped - {case.path.parent.name for case in CASES} == set()
