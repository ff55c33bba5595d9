"""``platforms new`` on a plain forum: who wrote a thread and when, by words beside it and by the list's columns."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from adwatch.cli.platform_view import show_draft
from collectors.documents import HtmlDocument
from collectors.draft import as_yaml, rows, samples
from collectors.draft.item import item_rules
from collectors.draft.repeated import lists_of
from tests.collectors.fake_site import BASE, FakeSite, page
from tests.collectors.looking import look

SEEN = datetime(2026, 11, 29, tzinfo=UTC)
WHO = ["城南老张", "小巷口", "茶馆掌柜"]
SAID = [
    "想打听一下复审的事，麻烦懂的朋友指点。",
    "成色还可以，有意的到市场门口来看。",
    "窗口的同志说带上旧证去办就行。",
]


def _thread(head: str, n: int, reply: str = "") -> str:
    said = head.format(who=WHO[n], day=f"2026-11-2{n} 09:30")
    return f"<h1>第{n}帖</h1><div class=post><div class=info>{said}</div><div class=body><p>{SAID[n]}</p></div></div>{reply}"


REPLY = (
    "<div class=reply><a class=name>路人</a> 回复于 <span class=when>2026-11-29 10:00</span><p class=said>顶</p></div>"
)


@pytest.mark.parametrize(
    ("head", "seller", "posted"),
    [
        (
            *("作者：<a class=name href=/u/1>{who}</a> 发表于 <span class=when>{day}</span>", "a.name"),
            {"select": "span.when", "format": "iso"},
        ),
        (
            "<span class=who>楼主: {who}</span> <em class=at>发布时间：{day}</em>",
            {"select": "span.who", "regex": r"楼主[^:：]{0,6}[:：]\s*(\S+)"},
            {
                "select": "em.at",
                "regex": r"(\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?)",
                "format": "iso",
            },
        ),
        (
            *("<label>发帖人：</label><b class=n>{who}</b><i>{day}</i>", "b.n"),
            {"select": "div.info i", "format": "iso"},
        ),
    ],
)
def test_who_and_when_by_the_words_beside_them(head: str, seller: object, posted: object) -> None:
    pages = [HtmlDocument(_thread(head, n, REPLY), f"{BASE}/t/{n}") for n in range(3)]
    _, fields = item_rules(pages, SEEN)
    assert (fields["seller_name"], fields["posted_at"], fields["text"]) == (seller, posted, "div.body")


def test_prose_that_names_a_time_stays_the_text() -> None:
    body = "<h1>第{n}帖</h1><div class=post><p>{said}</p><p class=x>活动时间：2026-11-2{n}，{said}请早点来，过期不候。</p></div>"
    pages = [HtmlDocument(body.format(n=n, said=SAID[n]), f"{BASE}/t/{n}") for n in range(3)]
    assert item_rules(pages, SEEN)[1]["text"] == "div.post"


def test_columns_of_a_list_by_their_headings() -> None:
    def table(heads: str) -> str:
        lines = "".join(
            f"<tr class=t><td><a href=/t/{n}>第{n}帖</a><td>{WHO[n]}<td>2026-11-2{n} 09:30" for n in range(3)
        )
        return f"<table><tr>{heads}</tr>{lines}</table>"

    fields = lists_of(HtmlDocument(table("<th>主题<th>作者<th>发表时间"), f"{BASE}/"))[0].fields
    assert (fields["seller_name"], fields["posted_at"]["select"]) == ("td:nth-child(2)", "td:nth-child(3)")
    assert set(lists_of(HtmlDocument(table("<th>主题<th>回复<th>最后回复"), f"{BASE}/"))[0].fields) == {"title"}
    assert set(lists_of(HtmlDocument(table("<th>主题<th>作者"), f"{BASE}/"))[0].fields) == {"title"}


def test_a_draft_that_is_not_written_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = FakeSite(tmp_path)
    lines = "".join(f"<li class=t><a href=/t/{n}>第{n}帖</a></li>" for n in range(3))
    head = "作者：<a class=name>{who}</a> <span class=when>{day}</span>"
    site.pages = {"/": page(f"<ul>{lines}</ul>")}
    site.pages |= {f"/t/{n}": page(_thread(head, n)) for n in range(3)}
    draft = look(site)
    found: dict[str, object] = {
        "name": "forum",
        "file": None,
        "pages": draft.pages,
        "facts": draft.facts,
        "notes": [],
        "why": "x",
    }
    found |= {"yaml": as_yaml(draft), "fields": rows(draft), "samples": samples(draft)}
    for unwritten, why in (("exists", "已有同名的平台文件"), ("nowhere", "没有设 ADWATCH_DATA")):
        show_draft({**found, "unwritten": unwritten}, ZoneInfo("Asia/Shanghai"))
        shown = capsys.readouterr().out
        assert why in shown
        assert "2026-11-21 09:30" in shown and "01:30" not in shown


def test_what_was_not_found_is_asked_for_with_a_line_to_begin_from(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    lines = "".join(f"<li class=t><a href=/t/{n}>第{n}帖</a></li>" for n in range(3))
    site.pages = {"/": page(f"<ul>{lines}</ul>")}
    site.pages |= {f"/t/{n}": page(_thread("路过", n)) for n in range(3)}
    draft = look(site)
    text = as_yaml(draft)
    assert samples(draft)[1]["text"] == SAID[1]
    asked = [line.removeprefix("#     ") for line in text.splitlines() if line.startswith("#     ")]
    assert [line.split(":")[0] for line in asked] == ["seller_name", "posted_at", "price"]
    values = yaml.safe_load(text)
    for line in asked:
        values["detail"]["fields"] |= yaml.safe_load(line)
    assert values["detail"]["fields"]["posted_at"]["format"] == "%Y-%m-%d %H:%M"
