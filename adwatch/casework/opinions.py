"""Which second opinions no text needs any more: they quote what a model was asked about, and must not outlive it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from adwatch.casework.shown import show
from adwatch.store import opinions as store
from adwatch.store.erasures import Gone
from adwatch.store.views import ListingView, versions_of


class Left(NamedTuple):
    """Opinions that no living version needs, as of a version."""

    opinions: dict[int, str]
    """Digest of the masked text by number of the opinion."""
    newest: int
    """Number of the newest version that was looked at."""


def text_digest(view: ListingView) -> str:
    """Digest of the text as it may be shown: masked, so that the same offer with another number is the same."""
    return hashlib.sha256(show(view).whole.encode("utf-8", "surrogatepass")).hexdigest()


def unneeded(connection: Connection) -> Left:
    """Opinions with a quote or a reason whose masked text no version has that has its words.

    An opinion names no listing: every text is looked at, newest first, until all are found. Offices that ask no model,
    and those whose opinions are all of living texts, pay little or nothing for it.
    """
    wanted = store.worded(connection)
    newest = store.newest_version(connection)
    return Left(_without(connection, wanted, store.living(connection, newest) if wanted else ()), newest)


def still_unneeded(connection: Connection, left: Left) -> list[Gone]:
    """Those of them that no version needs that was stored since; with the digest of what is to go."""
    since = store.living_since(connection, left.newest)
    kept = _without(connection, left.opinions, [since] if since else [])
    return store.contents(connection, kept)


def _without(connection: Connection, wanted: dict[int, str], parts: Iterable[list[int]]) -> dict[int, str]:
    """Those opinions whose text none of some listings has."""
    digests = set(wanted.values())
    for ids in parts:
        for views in versions_of(connection, ids).values():
            digests -= {text_digest(view) for view in views if view.erased is None}
        if not digests:
            break
    return {key: digest for key, digest in wanted.items() if digest in digests}
