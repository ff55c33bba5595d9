"""Section ``answers`` of a platform file: what an answer without items means.

The text under each field is its documentation in docs/adding-a-platform.md.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import field_validator, model_validator

from collectors.spec_fields import Strict, pattern

Meaning = Literal["blocked", "needs_cookie", "needs_browser", "busy", "unreachable", "refused", "unknown", "empty"]


class Answer(Strict):
    """One answer that holds no items; all that is given must fit, and the first that fits is taken."""

    status: tuple[int, ...] = (200,)
    """HTTP statuses; an error's status that is named here is read at once, and not asked for again."""
    says: str | None = None
    """Regular expression found in the body."""
    path: str | None = None
    """Regular expression found in the path of the address that answered, after redirects."""
    means: Meaning
    """blocked, needs_cookie, needs_browser, busy, unreachable, refused, unknown (nobody knows) or empty (a zero)."""
    why: str
    """What it means, in words: told in the place of the answer's own, which may name what was searched."""

    _check_patterns = field_validator("says", "path")(pattern)

    @model_validator(mode="after")
    def _needs_a_sign(self) -> Self:
        if self.says is None and self.path is None and 200 in self.status:
            raise ValueError("would fit every page; write says or path, or the statuses of an error")
        return self
