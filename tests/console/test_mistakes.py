"""Whatever goes wrong is told in the console's frame, in Chinese, with the way back, and says nothing of the inside."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from adwatch.console import guard, mistakes
from adwatch.errors import LockHeld, SearchError, StoreError
from tests.console.site import Client, Site, text

EVIL = "<img src=x onerror=alert(1)>"
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[^\S\n]+[A-Za-z]{2,}){2,}")
SECRET = RuntimeError(f"the inside of the machine {EVIL}")


def held(answer: Any, status: int, htmx: bool) -> str:
    """The words of an error that is shown as it should be."""
    page = text(answer)
    assert answer.status == status
    if htmx:
        assert page.startswith('<p class="error">')
        assert (answer.headers["hx-retarget"], answer.headers["hx-reswap"]) == ("#alerts", "innerHTML")
    else:
        assert '<header class="top">' in page
        assert "退出" in page
        assert re.search(r'<a class="button" href="/[^"]*" data-back>返回</a>', page)
        assert mistakes.HEADINGS.get(status, "出错") in page
    [words] = re.findall(r'<p class="error"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert re.search("[一-鿿]{3}", words)
    assert "<" not in words
    assert not ENGLISH.search(unescape(words)), words
    assert "Traceback" not in page
    assert "the inside" not in page
    return unescape(words)


@pytest.fixture(scope="module")
def head(site: Site) -> Client:
    return site.client("head")


@pytest.mark.parametrize(
    ("method", "path", "form", "status"),
    [
        ("GET", "/queue?state=x", None, 400),
        ("GET", f"/audit?subject={EVIL}", None, 400),
        ("POST", "/subject/merge", {"ids": f"1 {EVIL}", "reason": "x"}, 400),
        ("POST", "/subject/merge", {"ids": "1 2", "reason": " "}, 400),
        ("POST", "/cases/1/note", {"text": " "}, 400),
        ("POST", "/accounts/add", {"name": "x", "person": "x", "unit": "x", "role": "admin"}, 403),
        ("POST", "/queue/views", {"csrf": "foreign", "name": "x"}, 403),
        ("GET", "/nothing", None, 404),
        ("GET", f"/nothing/{EVIL}", None, 404),
        ("GET", "/static/nothing", None, 404),
        ("GET", "/cases/999999", None, 404),
        ("GET", "/cases/abc", None, 404),
        ("GET", f"/takedown/{EVIL}", None, 404),
        ("GET", "/transfer/ADW-TR-2026-0001", None, 404),
        ("GET", "/subject/99999999999999999999999", None, 404),
        ("POST", "/today", {}, 405),
        ("POST", "/subject/merge", {"ids": "1 2"}, 422),
        ("POST", "/takedown/x/settle", {"accepted": "perhaps"}, 422),
    ],
)
def test_what_a_person_did_wrong(
    head: Client, method: str, path: str, form: dict[str, str] | None, status: int
) -> None:
    sent = None if form is None else {"csrf": head.token("/queue"), **form}
    for headers in ({}, {"HX-Request": "true"}):
        words = held(head.ask(method, path.replace(" ", "%20"), sent, **headers), status, bool(headers))
        if status == 422:
            assert "理由" in words or "是否送达" in words


@pytest.mark.parametrize(
    ("error", "status", "htmx"),
    [
        (SECRET, 500, False),
        (LockHeld("the inside: another run holds it"), 409, True),
        (StoreError("the inside: database is locked"), 503, True),
        pytest.param(SearchError("the inside: cannot be reached"), 503, False, marks=pytest.mark.slow),
        pytest.param(SECRET, 500, True, marks=pytest.mark.slow),
    ],
)
def test_what_nobody_at_the_screen_can_help(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, htmx: bool
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("adwatch.console.screens.today.today.figures", fails)
    held(site.client("viewer").get("/today", **({"HX-Request": "true"} if htmx else {})), status, htmx)


def test_what_is_refused_before_the_application_is_told_in_the_frame_too(site: Site) -> None:
    client = site.client("head")
    held(client.post("/queue/views", {"name": "a"}, Origin="https://evil.example"), 403, False)
    big = {"Content-Length": str(guard.BODY_LIMIT + 1)}
    held(client.ask("POST", "/queue/act", None, **big), 413, False)
    other = Client(site.base, dict(client.cookies)).get("/today", Host="evil.example")
    assert other.status == 421
    assert "地址" in text(other)
    assert "退出" not in text(other), "a name that is not ours is told nothing of who is signed in"


def test_the_way_back_leads_to_the_page_that_was_left_and_nowhere_else(site: Site) -> None:
    client = site.client("head")
    form = {"csrf": client.token("/queue"), "ids": "1 zwei", "reason": "x"}

    def back(referer: str) -> str:
        page = text(client.ask("POST", "/subject/merge", form, Referer=referer))
        [found] = re.findall(r'href="([^"]*)" data-back', page)
        return unescape(found)

    assert back(f"{site.base}/subject?contact=1&offset=2") == "/subject?contact=1&offset=2"
    for foreign in ("https://evil.example/subject", f"{site.base}//evil.example/x", "javascript:alert(1)", ""):
        assert back(foreign) == "/"
    gone = text(client.get("/cases/999999", Referer=f"{site.base}/cases/999999"))
    assert 'href="/" data-back' in gone


def test_messages_of_verbs_lose_what_is_for_a_shell() -> None:
    assert mistakes.plain("函 7: 没有这个编号；用 adwatch takedown list 查看") == "函 7: 没有这个编号"
    assert mistakes.plain("a reason is needed; write --reason TEXT") == "请写明理由"
    assert mistakes.plain("--kind gift: 没有这种移送；可写 clue、case") == "gift: 没有这种移送；可写 clue、case"
    assert mistakes.plain("role root: no such role; write one of monitor") == mistakes._BAD
    assert mistakes.plain("选中的线索有的不在本账号的范围内，未作任何处理").startswith("选中的线索")
