"""The section ``render`` of a platform file: pages that are made by their own scripts.

The text under each field is its documentation in docs/adding-a-platform.md.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from collectors.selectors import check_css
from collectors.spec_fields import Strict


class Render(Strict):
    """How pages are rendered in a browser; ``render: true`` for all by default."""

    pages: tuple[Literal["list", "detail"], ...] = ("list", "detail")
    """Which pages are rendered."""
    wait_for: str | None = None
    """CSS selector: a list page is there once this matches; without it items.select (an item's page: detail.root)."""
    hosts: tuple[str, ...] = ()
    """Hosts besides its own that a page may ask, such as that of its data; others are refused."""
    images: bool = False
    """Whether pictures are fetched for the screenshot; each is a request at the platform's rate."""
    screenshot: bool = True
    """Whether a picture of each page is archived."""
    seconds: int = Field(45, ge=2, le=600)
    """Time of a page, and five more for each step of paging."""
    requests: int = Field(100, ge=1, le=2000)
    """Requests of a page at most, and twenty more for each step of paging."""

    @field_validator("wait_for")
    @classmethod
    def _css(cls, value: str | None) -> str | None:
        if value is not None:
            check_css(value)
        return value


def _short(value: Any) -> Any:
    """``true`` is short for a section without fields, ``false`` for none."""
    return {} if value is True else None if value is False else value


R = Annotated[Render | None, BeforeValidator(_short)]
