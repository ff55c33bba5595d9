"""docs/kibana.md names everything that ships, and what it tells people to type is asked of fields that are there."""

from __future__ import annotations

import re
from pathlib import Path

from adwatch.app import kibana as work
from adwatch.kibana import build, kql, roles
from adwatch.kibana.given import TYPES
from adwatch.kibana.shapes import SHAPES
from adwatch.settings import Settings
from docs.generate import kibana_page

PAGE = (Path(__file__).parents[2] / "docs" / "kibana.md").read_text(encoding="utf-8")
OBJECTS = build(work.vocabulary())


def test_every_search_dashboard_role_version_and_setting_is_named() -> None:
    for one in OBJECTS:
        if one["type"] in ("search", "dashboard"):
            assert f"**{one['attributes']['title']}**" in PAGE
    assert [name for name in roles() if f"`{name}`" not in PAGE] == []
    assert [shape.version for shape in SHAPES.values() if shape.version not in PAGE] == []
    settings = [name for name in Settings.model_fields if name.startswith("kibana_") or name == "console_url"]
    assert len(settings) == 6
    assert [name for name in settings if f"`ADWATCH_{name.upper()}`" not in PAGE] == []


def test_the_table_of_codes_is_generated() -> None:
    assert kibana_page() == PAGE, "run make docs"
    assert "`guaranteed_pass` 保证通过" in PAGE and "`registered` 待甄别" in PAGE


def test_what_people_are_told_to_type_is_kql_over_fields_that_can_be_asked() -> None:
    typed = [text for text in re.findall(r"`([^`]+)`", PAGE) if re.match(r"(not )?\w+ (:|<=?|>=?) ", text)]
    assert len(typed) >= 12
    for text in typed:
        for term in kql.terms(text):
            assert term.field in TYPES, text
            words = work.vocabulary().get(term.field)
            assert words is None or term.value in words, text
