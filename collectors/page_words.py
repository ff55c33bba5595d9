"""What pages without a readable item say in general words: that the item is gone, or why nothing can be known.

``page_words.csv`` (a file of that name in ``ADWATCH_DATA/tables`` replaces it) has rows of kind, word, note. A *notice*
is a line or a title that consists wholly of words of the kinds ``filler``, ``subject`` and ``state``, with at least one
subject and one state: "很抱歉，您查看的宝贝不存在或已下架" is one, "本店商品不存在假货" is none. What a seller, an
article or a buyer says about things removed is thus never taken for the site's own word. The other kinds (``login``,
``captcha``, ``outage``, ``parked``, ``loading``) are looked for inside short lines; they only ever make a page unknown.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from adwatch.errors import SpecError
from adwatch.tables import table_file
from adwatch.text import normal
from collectors.documents import Document, HtmlDocument

NOTICE = ("filler", "subject", "state")
UNKNOWN = ("login", "captcha", "outage", "parked", "loading")
LABELS = {"login": "login page", "captcha": "block page", "outage": "outage", "parked": "parked", "loading": "shell"}
"""What the page is, for the message of a check."""
LONGEST = 60
"""Characters, in the search fold, of a line that may be the site's own word."""
FEWEST = 8
"""Characters below which a page with nothing else on it is an empty shell."""
_PARTS = re.compile(r"\s*[-_|—–·•/：:,，。.!！?？;；]+\s*|\s{2,}")


class PageWords:
    """The lists, folded for search."""

    def __init__(self, data: Path | None = None) -> None:
        self.words: dict[str, frozenset[str]] = {}
        file = table_file("page_words.csv", data)
        found: dict[str, set[str]] = {kind: set() for kind in (*NOTICE, *UNKNOWN)}
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            if reader.fieldnames != ["kind", "word", "note"]:
                raise SpecError(str(file), 1, "", "the columns must be kind, word, note")
            for row in reader:
                word = normal(row["word"] or "")
                if row["kind"] not in found or not word:
                    raise SpecError(str(file), reader.line_num, "kind", f"write one of {', '.join(found)} and a word")
                found[row["kind"]].add(word)
        self.words = {kind: frozenset(words) for kind, words in found.items()}
        self._longest = max((len(word) for kind in NOTICE for word in self.words[kind]), default=0)

    def notice(self, line: str) -> bool:
        """Whether a line is nothing but a site's word that something is gone."""
        folded = normal(line)
        if not 0 < len(folded) <= LONGEST:
            return False
        reached: list[set[tuple[bool, bool]]] = [set() for _ in range(len(folded) + 1)]
        reached[0].add((False, False))
        for at in range(len(folded)):
            for subject, state in reached[at]:
                if folded[at].isdecimal():
                    reached[at + 1].add((subject, state))
                for end in range(at + 1, min(at + self._longest, len(folded)) + 1):
                    word = folded[at:end]
                    for kind in NOTICE:
                        if word in self.words[kind]:
                            reached[end].add((subject or kind == "subject", state or kind == "state"))
        return (True, True) in reached[-1]

    def unknown(self, lines: Sequence[str]) -> tuple[str, str] | None:
        """(kind, word) of the first thing said for which a page can tell nothing about an item."""
        folded = [line for line in map(normal, lines) if line]
        for kind in UNKNOWN[:-1]:
            for word in sorted(self.words[kind]):
                if any(word in line and len(line) <= LONGEST for line in folded):
                    return kind, word
        return None

    def shell(self, lines: Sequence[str]) -> bool:
        """Whether next to nothing is shown: an empty page, or one that a script would fill."""
        shown = "".join(map(normal, lines))
        for word in sorted(self.words["loading"], key=len, reverse=True):
            shown = shown.replace(word, "")
        return len(shown) < FEWEST


def page_lines(document: Document) -> tuple[list[str], list[str]]:
    """(titles and headings, lines shown); of JSON its strings as lines."""
    if isinstance(document, HtmlDocument):
        titles = [str(text) for text in document.root.xpath("//title//text()")]
        heads = [" ".join(node.itertext()) for node in document.root.xpath("//h1|//h2")]
        parts = [part for title in titles for part in (title, *_PARTS.split(title))]
        return [*parts, *heads], document.shown().split("\n")[len(titles) :]
    return [], list(_strings(document.root))


def says_gone(words: PageWords, document: Document, heads_only: bool = False) -> str | None:
    """The site's own word that the item is gone, as it is written, or None."""
    heads, lines = page_lines(document)
    return next((line.strip() for line in (heads if heads_only else [*heads, *lines]) if words.notice(line)), None)


def still_shows(document: Document, title: str | None, text: str | None) -> bool | None:
    """Whether a page shows what is known of an item; None where too little is known of it to tell."""
    html = isinstance(document, HtmlDocument)
    shown = normal(document.shown() if html else json.dumps(document.root, ensure_ascii=False))
    head, body = normal(title or ""), normal(text or "")
    pieces = [head] if len(head) >= 4 else []
    if len(body) >= 8:
        size = min(12, len(body))
        pieces += [body[at : at + size] for at in (0, (len(body) - size) // 2, len(body) - size)]
    return any(piece in shown for piece in pieces) if pieces else None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)
