"""Words of listings' pictures as the search index takes them: of versions whose verdict knows what was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from adwatch.store import schema as s
from adwatch.store.opening import chunks
from adwatch.store.picture_rows import BEGUN, WHOLE, picture_texts


@dataclass(frozen=True, slots=True)
class PictureWords:
    """What was read of one picture; personal data is still raw."""

    sha256: str
    """Digest of the picture, by which the verdict names it."""
    text: str
    """Its words."""
    judged: bool
    """Whether the version's verdict is sure to have known them: all its pictures are gone through."""


def words_of_pictures(connection: Connection, version_ids: Sequence[int]) -> dict[int, tuple[PictureWords, ...]]:
    """By version, in the listing's order; versions without any are left out, and those that are being gone through:
    their verdict, which alone knows what is to be masked, is of before.
    """
    t = s.picture_version
    states: dict[int, str] = {}
    for ids in chunks(version_ids):
        query = select(t.c.version_id, t.c.state).where(t.c.version_id.in_(ids), t.c.state != BEGUN)
        states.update((row.version_id, row.state) for row in connection.execute(query))
    if not states:
        return {}
    found: dict[int, tuple[PictureWords, ...]] = {}
    for version_id, shown in picture_texts(connection, list(states)).items():
        judged = states[version_id] == WHOLE
        words = tuple(PictureWords(each.sha256, each.text, judged) for each in shown if each.text.strip())
        if words:
            found[version_id] = words
    return found
