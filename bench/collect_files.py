"""Platform files of the collector's bench: the site's goods as HTML pages, as JSON lists and as JSON pages."""

from __future__ import annotations

from pathlib import Path

DAY = "2026-11-22"

HEAD = """\
name: {name}
label: 集市
kind: {kind}
base_url: {url}
allow_hosts: ["{url}"]
access: public_page
basis: 测速
rate: {{per_second: {rate}, agreed: 测速}}
"""
HTML = """\
lists: [{latest: "/list?page={page}"}]
paging: {by: next_link, max_pages: 1000}
items: {select: li.good, link: a}
detail:
  root: article
  fields:
    native_id: {attr: data-id}
    title: h1
    text: .text
    price: .price
    seller_name: .seller
    posted_at: {select: time, attr: datetime}
    images: {select: img.pic, attr: src}
"""
JSON_FIELDS = (
    "{native_id: id, title: title, text: text, price: price, seller_name: seller, posted_at: posted, images: images}"
)
JSON_LISTS = f"""\
lists: [{{latest: "/api/list?page={{page}}"}}]
paging: {{by: page, max_pages: 1000}}
items: {{select: data, fields: {JSON_FIELDS}}}
"""
JSON_PAGES = f"""\
lists: [{{latest: "/api/list?page={{page}}"}}]
paging: {{by: page, max_pages: 1000}}
items: {{select: data, link: {{template: "/api/item/{{native_id}}"}}, fields: {{native_id: number}}}}
detail: {{root: data, fields: {JSON_FIELDS}}}
"""
FORMS = {"html detail": ("html", HTML), "json list of 50": ("json", JSON_LISTS), "json detail": ("json", JSON_PAGES)}


def write(data: Path, name: str, form: str, url: str, rate: float) -> int:
    """Write a platform file into a data folder; how many lines it has."""
    kind, rules = FORMS[form]
    text = HEAD.format(name=name, kind=kind, url=url, rate=f"{rate:g}") + rules
    path = data / "platforms" / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return len(text.splitlines())
