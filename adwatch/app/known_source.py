"""Whose data a hand-over is: a name that is nearly a known one is more likely a slip than a new source."""

from __future__ import annotations

from difflib import get_close_matches

from sqlalchemy import select

from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.store import schema as s
from adwatch.store.engine import reading

NEAR = 0.8
"""Likeness (difflib) from which a name counts as a slip of another."""


def check_source(office: Office, name: str, new_source: bool) -> None:
    """A UsageError for an unknown name that is nearly a known one, unless a new source is meant.

    A known name with something behind it (douyin_2) is meant: offices number their sources.
    """
    with reading(office.engine) as connection:
        known = {*office.platforms, *connection.scalars(select(s.platform.c.name))}
    if new_source or name in known:
        return
    folded = {each.casefold(): each for each in sorted(known)}
    close = get_close_matches(name.casefold(), folded, n=3, cutoff=NEAR)
    near = [each for each in close if not name.startswith(folded[each]) or name == folded[each]]
    if near:
        told = "、".join(folded[each] for each in near)
        raise UsageError(
            f"--platform {name}: 没有这个来源，相近的有 {told}；确是新来源请加 --new-source"
            " (no such source; the near ones are named; --new-source makes a new one)"
        )
