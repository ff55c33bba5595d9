"""``adwatch platforms new``: a first look finds the way in which a site is read best, and drafts a file that reads it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from adwatch.errors import UsageError
from adwatch.http import Reply
from adwatch.settings import load_settings
from collectors.draft import as_yaml, look_at, rows, samples
from collectors.draft.look import name_of
from collectors.draft.software import KNOWN, recognised
from collectors.registry import load_platforms
from tests.collectors.fake_site import BASE, DAY, FakeSite, page
from tests.collectors.looking import look
from tests.platforms.cases import all_cases

SHELL = (
    '<html><head><title>{title} - 街角市场</title></head><body><nav class="menu"><ul><li><a href="/">首页</a></li>'
    '<li><a href="/all">全部商品</a></li><li><a href="/help">帮助</a></li><li><a href="/about">关于我们</a></li></ul></nav>'
    '<form action="/find" method="get"><input name="kw" type="text"></form>{body}'
    '<footer class="footer"><p>街角市场，客服热线请见帮助页，公平买卖，诚信经营。</p></footer></body></html>'
)
WARES = ["手工陶瓷茶杯", "二手山地自行车", "纯棉四件套", "电动工具套装", "儿童绘本", "露营帐篷"]


def _shop(title: str, body: str) -> Reply:
    return page(SHELL.format(title=title, body=body))


def _rows(numbers: range) -> str:
    return "".join(
        f'<li class="ware item-{n} category-{"ab"[n % 2]}"><a class="pic" href="/ware/{n}.html"><img src="/p/{n}.jpg"></a>'
        f'<p class="name"><a href="/ware/{n}.html">出售{WARES[n]}</a></p><em class="cost">¥{n + 3}9.50</em></li>'
        for n in numbers
    )


def _ware(number: int, more: str = "") -> Reply:
    return _shop(
        WARES[number],
        f'<div class="ware-page"><h1>出售{WARES[number]}</h1><em class="cost">¥{number + 3}9.50</em>'
        f'<div class="say"><p>{WARES[number]}一件，成色九成新，当面交易，地铁站口见。</p><img src="/p/{number}.jpg"></div>'
        f"<table><tr><th>卖家</th><td>周末集市{number}</td></tr><tr><th>发布时间</th><td>2026-11-1{number} 10:00</td></tr>"
        f"</table></div>{more}",
    )


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """A shop of nobody's software: a list of six with a second page, items with a table, a search."""
    made = FakeSite(tmp_path)
    pager = '<div class="pager"><a href="/all?page=1">1</a><a href="/all?page=2">2</a></div>'
    full = f'<ul class="wares">{_rows(range(6))}</ul>{pager}'
    made.pages |= {
        "/": _shop("首页", "<p>欢迎光临</p>"),
        "/all": _shop("全部", full),
        "/all?page=1": _shop("全部", full),
    }
    made.pages |= {f"/ware/{n}.html": _ware(n) for n in range(6)}
    made.pages["/find?kw=出售&page=1"] = _shop("搜索", f'<ul class="wares">{_rows(range(4))}</ul>')
    made.pages["/find?kw=zqxjkvw&page=1"] = _shop("搜索", "<p>抱歉，没有找到相关商品</p>")
    return made


def test_a_shop_of_unknown_make_is_drafted_by_its_repeated_structure(site: FakeSite) -> None:
    draft = look(site)
    values = yaml.safe_load(as_yaml(draft))
    assert (values["kind"], values["items"]["select"], values["items"]["link"]) == (
        "html",
        "li.ware",
        "p.name a",
    )
    assert values["lists"] == [
        {"search": f"{BASE}/find?kw={{term}}&page={{page}}"},
        {"latest": f"{BASE}/all?page={{page}}"},
    ]
    assert (values["paging"], values["probe"]) == ({"by": "page"}, "出售")
    assert values["items"]["no_results"] == {"words": ["抱歉，没有找到相关商品"]}
    fields = values["detail"]["fields"]
    assert (values["detail"]["root"], fields["title"], fields["text"], fields["price"]) == (
        *("div.ware-page", "h1"),
        *("div.say", "em.cost"),
    )
    assert (fields["seller_name"], fields["posted_at"]) == ({"th": "卖家"}, {"th": "发布时间", "format": "iso"})
    assert [row["filled"] for row in rows(draft)] == ["3/3"] * len(rows(draft))
    assert samples(draft)[1]["text"] == "二手山地自行车一件，成色九成新，当面交易，地铁站口见。"
    assert draft.label == "街角市场"
    assert draft.pages <= 12
    assert all(capture.role in ("robots", "check") for capture in site.captures)


def test_the_draft_is_a_platform_file_that_patrols_the_site(site: FakeSite) -> None:
    text = as_yaml(look(site))
    file = site.folder / "platforms" / "corner.yml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text.replace("enabled: false", "enabled: true"), encoding="utf-8")
    spec = load_platforms(load_settings(home=site.folder, data=site.folder, _env_file=None))["corner"]
    assert (spec.enabled, spec.access, spec.budget) == (True, "public_page", 2000)
    site.captures.clear()
    site.pages["/all?page=2"] = site.pages["/all?page=1"]
    listings, events = site.patrol(spec, "出售")
    assert sorted(one.title or "" for one in listings) == sorted(f"出售{ware}" for ware in WARES)
    assert [event.outcome for event in events if event.outcome != "ok"] == []


def test_nothing_is_switched_on_by_itself(site: FakeSite) -> None:
    values = yaml.safe_load(as_yaml(look(site)))
    assert (values["enabled"], values["contact"]) == (False, None)
    assert "请核对" in values["basis"]


LD = (
    '<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "Product", "name": "出售{name}",'
    '"description": "{name}一件，成色九成新，当面交易。", "sku": "k{n}", "offers": {{"@type": "Offer", "price": "39.50",'
    '"priceCurrency": "CNY", "seller": {{"@type": "Organization", "name": "周末集市"}}}}}}</script>'
)


def test_structured_data_is_preferred_to_selectors(site: FakeSite) -> None:
    site.pages |= {f"/ware/{n}.html": _ware(n, LD.format(name=WARES[n], n=n)) for n in range(6)}
    draft = look(site, "/all")
    values = yaml.safe_load(as_yaml(draft))
    assert (values["kind"], values["items"]["links"]) == ("structured", r"/ware/\d+\.html$")
    assert draft.facts["structured data"] == "Product"
    assert samples(draft)[0]["native_id"] == "k0"


FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>新帖</title>{items}</channel></rss>',
    "<item><title>出售{name}</title><link>http://shop.test/t/{n}</link><author>甲</author>"
    "<pubDate>Mon, 16 Nov 2026 09:00:00 +0800</pubDate><description>{name}一件，成色九成新，当面交易。</description></item>",
)


def test_a_feed_that_the_page_names(site: FakeSite) -> None:
    items = "".join(FEED[1].format(name=name, n=n) for n, name in enumerate(WARES))
    site.pages = {
        "/": page('<head><link rel="alternate" type="application/rss+xml" href="/new.xml"></head><p>论坛</p>'),
        "/new.xml": Reply(
            200, "", (("Content-Type", "application/rss+xml"),), FEED[0].format(items=items).encode(), ""
        ),
    }
    draft = look(site)
    values = yaml.safe_load(as_yaml(draft))
    assert (values["kind"], values["access"], values["lists"]) == ("feed", "feed", [{"latest": f"{BASE}/new.xml"}])
    assert len(draft.best.listings if draft.best else []) == 6


def test_a_sitemap_where_no_page_lists_anything(site: FakeSite) -> None:
    urls = "".join(f"<url><loc>{BASE}/ware/{n}.html</loc></url>" for n in range(6))
    site.pages = {f"/ware/{n}.html": _ware(n, LD.format(name=WARES[n], n=n)) for n in range(6)}
    site.pages |= {
        "/": page("<p>欢迎</p>"),
        "/robots.txt": Reply(200, "", (), f"User-agent: *\nSitemap: {BASE}/map.xml".encode(), ""),
        "/map.xml": Reply(200, "", (), f"<urlset>{urls}</urlset>".encode(), ""),
    }
    values = yaml.safe_load(as_yaml(look(site)))
    assert (values["kind"], values["lists"]) == ("sitemap", [{"latest": f"{BASE}/map.xml"}])
    assert values["items"]["links"] == r"/ware/\d+\.html$"


def test_known_software_gets_its_template(site: FakeSite) -> None:
    cases = {case.path.name: case for case in all_cases() if case.path.parent.name == "django_oscar"}

    def shown(name: str) -> Reply:
        return Reply(200, "", (("Content-Type", "text/html; charset=utf-8"),), cases[name].body, "")

    links = [unquote(urlsplit(link).path) for link in cases["search_with_hits"].expected["links"]]
    site.pages = dict.fromkeys(links, shown("detail_with_picture"))
    site.pages |= dict.fromkeys(("/", "/catalogue/?page=1"), shown("search_with_hits"))
    draft = look(site)
    values = yaml.safe_load(as_yaml(draft))
    assert draft.facts["software"] == "django-oscar"
    assert (values["extends"], values["base_url"], "items" in values) == ("django_oscar", BASE, False)
    assert "the repeated structure of its list: 3 listings with" in as_yaml(draft)


@pytest.mark.parametrize("known", KNOWN, ids=lambda one: one.name)
def test_every_mark_is_a_programs_own(known: object) -> None:
    ordinary = (
        "<p>本店用 WordPress 建站，论坛是 Discuz 风格，wiki 用 MediaWiki，客服在 Telegram，商城 WooCommerce 与 oscar 电影周边</p>"
        '<meta name="description" content="Discourse, WordPress">'
    )
    assert known not in recognised(ordinary)


def test_a_page_without_items_says_so_and_still_gives_a_file(site: FakeSite) -> None:
    site.pages = {"/": page("<p>欢迎光临</p>")}
    draft = look(site)
    assert (draft.best, rows(draft)) == (None, [])
    assert "ask for a hand-over" in as_yaml(draft)


@pytest.mark.parametrize(
    ("answer", "words"), [(page("", 404), "answers 404"), (page("", 403), "blocked"), (None, "robots_denied")]
)
def test_a_site_that_may_not_be_looked_at(site: FakeSite, answer: Reply | None, words: str) -> None:
    if answer is None:
        site.pages["/robots.txt"] = Reply(200, "", (), b"User-agent: *\nDisallow: /", "")
    else:
        site.pages["/"] = answer
    with pytest.raises(UsageError, match=words):
        look(site)


def test_what_is_no_address_is_named() -> None:
    for url in ("http://[::1", "https://shop.example:port/", "https://shop.example:99999/"):
        with pytest.raises(UsageError, match="is no address"):
            name_of(url)


def test_a_private_host_says_how_it_may_be_asked(site: FakeSite) -> None:
    with pytest.raises(UsageError, match="add --private"):
        look_at(load_settings(), "http://127.0.0.1:9/", site.tools, lambda *_a, **_k: 1, DAY)  # type: ignore[arg-type]


def test_hostile_pages_end_in_a_draft_that_reads_nothing_and_says_so(site: FakeSite) -> None:
    deep = "<div class='x'>" * 3000 + "<a href='/i/1'>1</a>"
    for body in (
        deep,
        "<ul>" + "<li><a href='javascript:1'>¥1</a></li>" * 50,
        "\x00<h1>\ud7ff</h1>",
        "<a href='http://[::1'>x</a>" * 9,
    ):
        site.pages = {"/": page(body)}
        text = as_yaml(look(site))
        drafted = yaml.safe_load(text)
        assert (drafted["enabled"], drafted["lists"]) == (False, [{"latest": f"{BASE}/"}])
        assert "没有读到条目" in text
        assert "javascript" not in text and "[::1" not in text
