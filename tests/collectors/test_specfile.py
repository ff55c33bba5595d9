"""Mistakes in platform files: named by file, line and field, with what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.errors import SpecError
from adwatch.settings import load_settings
from collectors.registry import enabled_platforms, load_platforms, platform_files, read_platforms, replaced_files
from tests.collectors.platform_files import load, write

GOOD = """\
name: shop
label: 小店
kind: html
base_url: https://shop.example
access: public_page
basis: 公开页面
lists:
  - search: /s?q={term}&p={page}
paging:
  by: page
items:
  select: li
  link: a
detail:
  fields:
    title: h1
    price: {select: .price, unit: fen}
"""


def _error(folder: Path, text: str) -> SpecError:
    with pytest.raises(SpecError) as caught:
        load(folder, text)
    return caught.value


def test_a_right_file(tmp_path: Path) -> None:
    spec = load(tmp_path, GOOD)
    assert (spec.name, spec.label, spec.rate.per_second, spec.is_template) == ("shop", "小店", 1.0, False)
    assert spec.detail is not None
    assert spec.detail.fields.price is not None
    assert spec.detail.fields.price.unit == "fen"
    assert [name for name, _ in spec.detail.fields.given()] == ["title", "price"]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("label: 小店\n", "", 1, "label", "is missing; write `label: ...`"),
        ("label: 小店", "lable: 小店", 2, "lable", "did you mean label?"),
        ("kind: html", "kind: htlm", 3, "kind", "write one of html, json, signed_json, feed, structured, sitemap or handover"),
        ("name: shop", "name: shpo", 1, "name", "write name: shop"),
        ("access: public_page", "access: scraping", 5, "access", "write one of"),
        ("https://shop.example", "shop.example", 4, "base_url", "write an address such as"),
        ("  by: page", "  by: pages", 10, "paging.by", "write one of"),
        ("  by: page", "  by: page\n  max_pages: 0", 11, "paging.max_pages", "greater than or equal to 1"),
        ("  by: page", "  by: page\n  max_pages: many", 11, "paging.max_pages", "'many'"),
        ("  by: page", "  by: offset", 9, "paging.size", "is missing"),
        ("  by: page", "  by: cursor", 9, "paging.next", "is missing"),
        ("&p={page}", "", 8, "lists[0].search", "needs {page}"),
        ("q={term}", "q=x", 8, "lists[0]", "{term}"),
        ("  - search: /s?q={term}&p={page}", "  - {}", 8, "lists[0]", "exactly one of"),
        ("  - search: /s?q={term}&p={page}", "  - find: /s", 8, "lists[0].find", "known here: search, category"),
        ("  select: li", "  select: 'li['", 12, "items.select", "is no CSS selector"),
        ("  link: a", "  limk: a", 13, "items.limk", "did you mean link?"),
        ("  select: li\n", "", 11, "items.select", "is missing"),
        ("  select: li", "  links: '('", 12, "items.links", "is no regular expression"),
        ("  link: a\n", "", 11, "items.link", "is missing"),
        ("    title: h1\n", "", 15, "detail.fields.title", "is missing"),
        ("    title: h1", "    titel: h1", 16, "detail.fields.titel", "did you mean title?"),
        ("    title: h1", "    title: {attribute: x}", 16, "detail.fields.title.attribute", "did you mean attr?"),
        ("    title: h1", "    title: {regex: '('}", 16, "detail.fields.title.regex", "is no regular expression"),
        ("    title: h1", "    title: {th: A, value: b}", 16, "detail.fields.title", "exclude each other"),
        ("    title: h1", "    posted_at: {zone: Mars}", 16, "detail.fields.posted_at.zone", "is no time zone"),
        ("unit: fen", "unit: jiao", 17, "detail.fields.price.unit", "write one of yuan, fen or wan"),
        ("kind: html", "kind: html\nrate: {per_second: 5}", 4, "rate", "needs `agreed:`"),
        ("kind: html", "kind: html\nkind: json", 4, "kind", "stands here twice"),
        ("kind: html", "kind: html\nlisting_kind: car", 4, "listing_kind", "write one of product"),
        ("kind: html", "kind: html\nextends: nothing", 4, "extends", "there is no platform file 'nothing'"),
        ("kind: html", "kind: html\nextends: django_osca", 4, "extends", "did you mean django_oscar?"),
        ("kind: html", "kind: html\nextends: shop", 4, "extends", "goes in a circle"),
        ("https://shop.example", "${ADWATCH_SECRET}", 4, "base_url", "is unknown here"),
        ("label: 小店", "label: [小店", 3, "", "is not YAML"),
        ("label: 小店", "label: 2026-11-16", 2, "label", "valid string"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, line: int, field: str, words: str) -> None:
    assert old in GOOD
    error = _error(tmp_path, GOOD.replace(old, new, 1))
    assert error.file.endswith("platforms/shop.yml")
    assert (error.line, error.field) == (line, field)
    assert words in error.message
    assert str(error).startswith(f"{error.file}:{line}: ")


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words", "\t"])
def test_what_is_no_platform_file(tmp_path: Path, text: str) -> None:
    assert _error(tmp_path, text).file.endswith("shop.yml")


def test_not_utf8(tmp_path: Path) -> None:
    write(tmp_path, GOOD).write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(SpecError, match="UTF-8"):
        load_platforms(load_settings(home=tmp_path, data=tmp_path, _env_file=None))


def test_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, "kind: [", "broken")
    write(tmp_path, GOOD.replace("name: shop", "name: wrong").replace("kind: html", "kind: ftp"), "wrong")
    specs, errors = read_platforms(load_settings(home=tmp_path, data=tmp_path, _env_file=None))
    assert "shop" in specs
    assert sorted(Path(error.file).stem for error in errors) == ["broken", "wrong"]


def test_a_template_is_filled_in(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("base_url: https://shop.example\n", ""), "base")
    path = tmp_path / "platforms" / "base.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("name: shop", "name: base"), encoding="utf-8")
    spec = load(
        tmp_path,
        "name: shop\nextends: base\nlabel: 甲店\nbase_url: https://a.example\ndetail: {fields: {text: .t}}\n",
    )
    assert (spec.label, spec.kind, spec.basis) == ("甲店", "html", "公开页面")
    assert spec.detail is not None
    assert [name for name, _ in spec.detail.fields.given()] == ["title", "text", "price"]
    error = _error(
        tmp_path, "name: shop\nextends: base\nlabel: 甲店\nbase_url: https://a.example\npaging: {by: cursor}\n"
    )
    assert (Path(error.file).name, error.line, error.field) == ("shop.yml", 5, "paging.next")


def test_the_data_folder_is_laid_over_the_package(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, _env_file=None)
    shipped = load_platforms(settings)
    over = load_settings(home=tmp_path, data=tmp_path, _env_file=None)
    assert replaced_files(over) == []
    text = platform_files(settings)["demo_shop"].read_text(encoding="utf-8").replace("便民集市（演示）", "自己的商城")
    path = write(tmp_path, text, "demo_shop")
    assert load_platforms(over)["demo_shop"].label == "自己的商城"
    assert shipped["demo_shop"].label == "便民集市（演示）"
    assert replaced_files(over) == [path]


def test_who_is_patrolled(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("name: shop", "name: paused\nenabled: false"), "paused")
    for demo, expected in ((False, {"shop"}), (True, {"shop", "demo_shop"})):
        settings = load_settings(home=tmp_path, data=tmp_path, demo=demo, _env_file=None)
        enabled = enabled_platforms(settings, load_platforms(settings))
        assert {
            name for name in enabled if name in ("shop", "paused", "demo_shop", "django_oscar", "wordpress")
        } == expected


def test_the_demo_lives_where_the_settings_say(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, demo_url="http://127.0.0.1:9999", _env_file=None)
    spec = load_platforms(settings)["demo_shop"]
    assert spec.base_url == "http://127.0.0.1:9999"
    assert spec.allow_hosts == ("http://127.0.0.1:9999",)


def test_a_handover_needs_little(tmp_path: Path) -> None:
    spec = load(tmp_path, "name: tips\nlabel: 举报\nkind: handover\naccess: handover\nbasis: 12315 转交\n", "tips")
    assert not spec.is_template
    assert spec.handover.folder is None


@pytest.mark.parametrize(
    ("kind", "body", "field", "words"),
    [
        ("handover", "handover: {columns: {线索编号: native_id, 反馈时限: text+, 备注: '-'}}\n", None, ""),
        ("handover", "handover: {columns: {线索编号: number}}\n", "handover.columns.线索编号", "'number' is no field"),
        ("feed", "", None, ""),
        ("feed", "items: {fields: {title: '['}}\n", "items.fields.title.select", "is no JMESPath"),
        ("feed", "items: {links: /i/}\n", "items.links", "needs items.link"),
        ("feed", "detail: {}\n", "detail.fields.title", "is missing"),
        ("sitemap", "", None, ""),
        ("sitemap", "sitemap: {depth: 0}\n", "sitemap.depth", "greater than or equal to 1"),
        ("sitemap", "detail: {kind: html, fields: {title: h1}}\n", None, ""),
        ("structured", "", None, ""),
        ("structured", "items: {links: '('}\n", "items.links", "is no regular expression"),
        (
            "structured",
            "detail: {fields: {title: null, text: null}}\nitems: {links: /i/}\n",
            "detail.fields.title",
            "is missing",
        ),
        ("html", "items: {links: /i/}\n", "detail", "is missing"),
    ],
)
def test_each_kind_says_what_it_needs(tmp_path: Path, kind: str, body: str, field: str | None, words: str) -> None:
    text = f"name: shop\nlabel: x\nkind: {kind}\naccess: feed\nbasis: x\n{body}"
    text += "" if kind == "handover" else "base_url: https://a.example\nlists: [{latest: /x}]\n"
    if field is None:
        assert load(tmp_path, text).kind == kind
        return
    error = _error(tmp_path, text)
    assert error.field == field
    assert words in error.message


def test_an_address_is_all_that_a_file_on_a_template_needs(tmp_path: Path) -> None:
    spec = load(tmp_path, "extends: django_oscar\nbase_url: https://shop.example\n", "corner_shop")
    assert (spec.name, spec.label, spec.is_template) == ("corner_shop", "corner_shop", False)
    with pytest.raises(SpecError, match=r"corner_shop\.yml:1: name: is 'shop' but the file is corner_shop\.yml"):
        load(tmp_path, "name: shop\nextends: django_oscar\nbase_url: https://shop.example\n", "corner_shop")
