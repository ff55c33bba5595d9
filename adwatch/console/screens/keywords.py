"""关键词: the lists in force, with owner and document; words are looked up here and changed by ``adwatch keywords``."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from adwatch.app import keyword_words
from adwatch.app.keyword_words import KINDS
from adwatch.console.desk import At, Denied, Desk
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("keywords", "关键词", 90, None, router)
PAGE = 300


@router.get("")
def show(desk: At, q: str = "") -> Response:
    """The lists; with ``q`` the entries that hold it."""
    lexicon = desk.office.lexicon
    wanted = q.strip().lower()[:40]
    found = [each for each in lexicon.entries if wanted in each.word][:PAGE] if wanted else []
    about = {"lists": lexicon.lists.values(), "q": wanted, "found": found, "versions": lexicon.versions}
    return desk.page("keywords.html", **about, **_words(desk))  # type: ignore[arg-type]


@router.get("/{name}")
def one(desk: At, name: str, after: int = 0) -> Response:
    """Entries of one list."""
    found = desk.office.lexicon.lists.get(name)
    if found is None:
        raise Denied(f"没有词表 {name[:60]}", 404)
    rows = found.entries[after : after + PAGE]
    following = after + PAGE if after + PAGE < len(found.entries) else None
    return desk.page("keywords_list.html", found=found, rows=rows, following=following, **_words(desk))


def _words(desk: Desk) -> dict[str, Any]:
    """What templates name things by."""
    return {"kinds": KINDS, "speaks": keyword_words.speaks(desk.office), "document": keyword_words.document}
