"""Pages of a wiki for the items of a file (see items.py), as MediaWiki imports them: text to standard output.

``python pages_mediawiki.py ITEMS.jsonl KEPT.json GONE.txt > pages.xml``: a page an item, its text between nowiki marks,
its editor the seller, its time the item's. KEPT.json remembers titles between two calls; GONE.txt names what to delete.
"""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

NOT_IN_TITLES = re.compile(r"[#<>\[\]|{}_\s\x00-\x1f:/%&+~?]+")


def title_of(item):
    """The item's id and what a title of a page may hold of its title."""
    title = f"商品 {item['id']} {NOT_IN_TITLES.sub(' ', item['title']).strip(' .')}".strip()
    while len(title.encode()) > 200:
        title = title[:-1]
    title = " ".join(title.split())
    return title[:1].upper() + title[1:]


def page(item, title, when):
    """One page with one revision."""
    safe = item["text"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = "<br />".join(f"<nowiki>{line}</nowiki>" for line in safe.split("\n"))
    return (
        f"<page><title>{escape(title)}</title><ns>0</ns><revision><timestamp>{when:%Y-%m-%dT%H:%M:%SZ}</timestamp>"
        f"<contributor><username>{escape(item['seller'])}</username><id>0</id></contributor><model>wikitext</model>"
        f'<format>text/x-wiki</format><text xml:space="preserve">{escape(text)}</text>'
        "</revision></page>"
    )


def main():
    """Pages that are new or changed, and the titles of those that are gone."""
    items, kept, gone = (Path(name) for name in sys.argv[1:])
    rows = [json.loads(line) for line in items.read_text(encoding="utf-8").splitlines()]
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    now = {title_of(row): [row["text"], row["posted"]] for row in rows}
    names = [title for title in before if title not in now] or ["首页"]  # the page that it is installed with
    gone.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    kept.with_name("sellers.txt").write_text("".join(f"{name}\n" for name in sorted({row["seller"] for row in rows})))
    print('<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="zh-cn">')
    for row in rows:
        title = title_of(row)
        if title in before and before[title][0] == row["text"]:
            continue
        when = datetime.fromisoformat(row["posted"]).astimezone(UTC)
        print(page(row, title, datetime.now(UTC) if title in before else when))
    print("</mediawiki>")
    kept.write_text(json.dumps(now, ensure_ascii=False), encoding="utf-8")


main()
