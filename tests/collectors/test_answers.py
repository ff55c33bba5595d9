"""Answers in the manner of the wild, over a real loopback server: what is called gone is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from adwatch.archive import Archive
from adwatch.errors import SpecError
from adwatch.http import Tools
from adwatch.models import Listing
from adwatch.ports import Refetched
from collectors.page_words import PageWords
from collectors.source import make_refetch
from collectors.spec import PlatformSpec
from tests.collectors import answer_pages as pages
from tests.collectors.answer_pages import Answer
from tests.collectors.platform_files import shop
from tests.http.conftest import FakeClock, FakeLimiter

DAY = "2026-11-16"
GONE = "gone: {words: [您来晚啦，货主收摊], select: .off-shelf}\nblock: {paths: [/login]}\n"
ITEMS = "lists: [{latest: /new}]\nitems: {select: li, link: a, fields: {title: a}}\n"
RULED = GONE + ITEMS + (
    "detail:\n  root: div.goods\n  fields: {native_id: {attr: data-id}, title: h1, text: .t}\n"
)  # fmt: skip
PLAIN = GONE + ITEMS
JSON = (
    "lists: [{latest: /api}]\ncheck: {url: '/i/1?id={native_id}'}\n"
    "items:\n  select: data\n  fields: {native_id: id, title: name, text: text, url: {template: '/i/{native_id}'}}\n"
)
CORPUS = (
    *((RULED, "html", one) for one in (*pages.GONE, *pages.NOT_GONE)),
    *((PLAIN, "html", one) for one in pages.PLAIN),
    *((JSON, "json", one) for one in pages.JSON),
)


@dataclass
class Sites:
    """A loopback server whose answer about the one listing is set anew each time."""

    server: HTTPServer
    folder: Path
    specs: dict[str, PlatformSpec]

    def ask(self, rules: str, kind: str, answer: Answer, words: PageWords | None = None) -> Refetched:
        self.server.clear()
        base = self.server.url_for("").rstrip("/")
        self.server.expect_request("/robots.txt").respond_with_data("", 404)
        whole = "application/json" if kind == "json" and answer.body[:1] != "<" else "text/html; charset=utf-8"
        first = Response(answer.body, answer.status, answer.headers, content_type=whole)
        self.server.expect_request("/i/1").respond_with_response(first)
        if answer.then:
            status, body = answer.then
            target = answer.headers["Location"].partition("?")[0]
            self.server.expect_request(target).respond_with_data(body, status, content_type="text/html; charset=utf-8")
        spec = self.specs.setdefault(rules, shop(self.folder, base, rules, kind))
        known = Listing("shop", "p1", url=f"{base}/i/1", title=pages.TITLE, text=pages.TEXT)
        tools = Tools(FakeLimiter(), FakeClock(), "office", sleep=lambda _: None)
        with Archive(self.folder / "archive", "c") as archive:
            return make_refetch(spec, tools, words=words)(known, DAY, archive.keep)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    server = HTTPServer("127.0.0.1", 0)
    server.start()
    yield Sites(server, tmp_path_factory.mktemp("answers"), {})
    server.stop()


def test_what_is_called_gone_is_gone(sites: Sites) -> None:
    """Precision of "gone" is 1 over the corpus; each answer has its word, a rule and, if it came, its capture."""
    seen: Counter[tuple[str, str]] = Counter()
    wrong = []
    for rules, kind, answer in CORPUS:
        found = sites.ask(rules, kind, answer)
        seen[answer.word, found.word] += 1
        assert found.rule, answer.name
        assert found.capture is not None, answer.name
        if found.word != answer.word:
            wrong.append((answer.name, answer.word, found.word, found.message))
    called = sum(count for (_, word), count in seen.items() if word == "gone")
    true = seen["gone", "gone"]
    assert called == true, f"precision of gone {true}/{called}: {wrong}"
    assert not wrong, f"gone {true} of {len(CORPUS)} answers"
    assert (true, len(CORPUS)) == (33, 100)


@pytest.mark.parametrize(
    ("line", "notice"),
    [
        ("很抱歉，您查看的宝贝不存在", True),
        ("404 页面不存在", True),
        ("该內容已被刪除！", True),
        ("The item has been removed", True),
        ("本店商品不存在假货", False),
        ("商品不存在质量问题", False),
        ("不存在", False),
        ("已删除", False),
        ("商品", False),
        ("该商品已售罄", False),
        ("为什么商品下架了", False),
        ("商品不存在或登录后可见", False),
        ("", False),
        ("商品不存在" * 20, False),
    ],
)
def test_a_notice_is_nothing_but_a_notice(line: str, notice: bool) -> None:
    assert PageWords().notice(line) is notice


def test_each_list_is_used_and_none_repeats_a_word(sites: Sites) -> None:
    words = PageWords()
    assert all(words.words.values())
    assert not words.words["subject"] & words.words["state"]
    for kind in ("login", "captcha", "outage", "parked"):
        assert not words.words[kind] & (words.words["subject"] | words.words["state"] | words.words["filler"])


def test_an_office_lays_its_own_words_over_ours(sites: Sites, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    file = tmp_path / "tables" / "page_words.csv"
    file.write_text("kind,word,note\nsubject,宝贝,\nstate,飞了,\n", encoding="utf-8")
    answer = Answer("own", "gone", pages.page("<p>宝贝飞了</p>"))
    assert sites.ask(RULED, "html", answer).word == "unknown"
    assert sites.ask(RULED, "html", answer, PageWords(tmp_path)).word == "gone"
    assert sites.ask(RULED, "html", pages.GONE[0], PageWords(tmp_path)).word == "unknown"
    file.write_text("kind,word,note\nsubjects,宝贝,\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"page_words\.csv"):
        PageWords(tmp_path)


def test_a_platform_file_can_do_without_general_words(sites: Sites) -> None:
    rules = RULED.replace("gone: {", "gone: {general: false, ")
    assert sites.ask(rules, "html", pages.GONE[0]).word == "unknown"
    own = next(one for one in pages.GONE if one.name == "platform's words")
    assert sites.ask(rules, "html", own).word == "gone"
