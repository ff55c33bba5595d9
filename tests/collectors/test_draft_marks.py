"""What a first look goes by: marks of known programs, where their base lies, patterns of addresses, names."""

from __future__ import annotations

import re

import pytest

from adwatch.settings import load_settings
from collectors.documents import HtmlDocument
from collectors.draft.look import name_of
from collectors.draft.naming import pattern_of
from collectors.draft.software import KNOWN, base_of, boards_of, recognised
from collectors.registry import load_platforms
from tests.collectors.fake_site import BASE
from tests.platforms.cases import all_cases


@pytest.mark.parametrize(
    ("addresses", "pattern"),
    [
        (["http://a/i/1", "http://a/i/22"], r"/i/\d+$"),
        (["http://a/t/x-y_1/", "http://a/t/z_20/"], None),
        (["http://a/v.php?id=3&s=1", "http://a/v.php?id=4&s=1"], r"/v\.php\?(?:.*&)?id=\d+"),
        (["http://a/g/p10.html", "http://a/g/p11.html"], r"/g/p\d+\.html$"),
    ],
)
def test_a_pattern_finds_its_examples_again(addresses: list[str], pattern: str | None) -> None:
    made = pattern_of(addresses)
    assert pattern is None or made == pattern
    assert all(re.search(made, address) for address in addresses)
    assert not re.search(made, "http://a/about")


def test_names() -> None:
    assert [name_of(url) for url in ("https://www.shop.example/x", "http://127.0.0.1:8802/")] == [
        *("shop_example", "site_127_0_0_1_8802")
    ]


def test_every_known_program_has_a_template() -> None:
    templates = load_platforms(load_settings(_env_file=None))
    assert [one.name for one in KNOWN if one.template not in templates or not templates[one.template].is_template] == []


@pytest.mark.parametrize(
    ("name", "source", "base"),
    [
        (
            *("WordPress", '<link rel="https://api.w.org/" href="http://shop.test/blog/wp-json/">'),
            "http://shop.test/blog",
        ),
        (
            "MediaWiki",
            '<meta name="generator" content="MediaWiki 1.39"><link rel="EditURI" href="//shop.test/w/api.php?action=rsd">',
            "http://shop.test/w",
        ),
        ("Telegram", '<div class="tgme_widget_message js-widget_message">', "http://shop.test/s/name"),
        ("Discourse", '<meta name="generator" content="Discourse 3.2">', "http://shop.test"),
    ],
)
def test_where_a_programs_base_lies(name: str, source: str, base: str) -> None:
    [known] = recognised(source)
    assert (known.name, base_of(known, source, "http://shop.test/s/name?before=7")) == (name, base)


def test_the_boards_of_a_forum_are_its_lists() -> None:
    source = (
        '<meta name="generator" content="Discuz! X3.4"><a href="forum.php?mod=forumdisplay&fid=37">供求</a>'
        '<a href="forum-2-1.html">灌水</a><a href="forum.php?mod=forumdisplay&fid=37">供求</a><a href="thread-9-1.html">帖</a>'
    )
    [known] = recognised(source)
    assert boards_of(known, HtmlDocument(source, BASE)) == [
        {"category": {"url": "/forum.php?mod=forumdisplay&fid=37&page={page}", "label": "供求"}},
        {"category": {"url": "/forum.php?mod=forumdisplay&fid=2&page={page}", "label": "灌水"}},
    ]


@pytest.mark.parametrize("platform", ["django_oscar", "django_machina"])
def test_pages_of_the_real_programs_are_recognised(platform: str) -> None:
    pages = [
        case.body.decode() for case in all_cases() if case.path.parent.name == platform and b"</html>" in case.body
    ]
    assert pages
    assert {one.template for page in pages for one in recognised(page)} == {platform}
