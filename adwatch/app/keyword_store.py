"""Remembers in the store which keyword lists verdicts are made with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Engine

from adwatch.store.keyword_lists import ListVersion, record_lists

if TYPE_CHECKING:
    from classifiers.lexicon import KeywordList, Lexicon


def remember(engine: Engine, lexicon: Lexicon) -> bool:
    """Store the lists under their digest; whether they were new."""
    return record_lists(engine, lexicon.versions, [_row(item) for item in lexicon.lists.values()])


def _row(item: KeywordList) -> ListVersion:
    return ListVersion(
        sha256=item.sha256,
        name=item.name,
        owner=item.owner,
        document=item.document,
        version=item.version,
        effective_from=item.effective_from.isoformat(),
        effective_to=item.effective_to.isoformat() if item.effective_to else None,
        approved_by=item.approved_by or None,
        approved_on=item.approved_on.isoformat() if item.approved_on else None,
        text=item.path.read_text(encoding="utf-8-sig") if item.path.is_file() else "",
    )
