"""关键词: the lists in force, with owner and document; words are looked up here and changed by ``adwatch keywords``."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from adwatch.console.desk import At, Denied
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
    return desk.page("keywords.html", lists=lexicon.lists.values(), q=wanted, found=found, versions=lexicon.versions)


@router.get("/{name}")
def one(desk: At, name: str, after: int = 0) -> Response:
    """Entries of one list."""
    found = desk.office.lexicon.lists.get(name)
    if found is None:
        raise Denied(f"没有词表 {name[:60]}", 404)
    rows = found.entries[after : after + PAGE]
    following = after + PAGE if after + PAGE < len(found.entries) else None
    return desk.page("keywords_list.html", found=found, rows=rows, following=following)
