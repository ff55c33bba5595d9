"""Every screen in Chinese: no visible run of English, each id of a table by its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

import adwatch
from adwatch.app import Office, audit_words, casework, keyword_words, setting_words
from adwatch.casework import sign_in
from adwatch.casework.states import MOVES
from adwatch.console.screens import found_screens
from adwatch.settings import Settings
from adwatch.store import schema as s
from classifiers.lexicon import KINDS
from tests.casework.office import confirmed
from tests.casework.sealed_case import sealed_case
from tests.console.site import Site, opened, running, take_in, text, walked
from tests.store.world import World

ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’-]+(?:[\s,]+[A-Za-z][A-Za-z'’-]+){2,}")
CHINESE = re.compile("[一-鿿]")
ALLOWED = re.compile(r"https?://\S+|[\w.-]+@[\w.-]+|RFC 3161|X-ARF|Discuz! X|MediaWiki|Telegram|Mastodon|WordPress")
"""Addresses, and names of formats and products."""
UNSEEN = {"script", "style", "code", "kbd", "bdi", "svg"}
"""Elements that show ids or what sellers wrote, or nothing."""


class Visible(HTMLParser):
    """What a person can read of a page: text, and what fields and pictures are called."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.hidden += tag in UNSEEN or (self.hidden and tag not in ("input", "img", "br", "meta", "link"))
        if not self.hidden:
            self.texts += [given[name] or "" for name in ("placeholder", "aria-label", "alt") if name in given]
            if tag == "p":
                self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag not in ("input", "img", "br", "meta", "link"):
            self.hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.texts.append(data.strip())


def english(page: str) -> list[str]:
    """Runs of three words and more that stand together in one text."""
    seen = Visible()
    seen.feed(page)
    return [found[0] for each in seen.texts for found in [ENGLISH.search(ALLOWED.sub("", each))] if found]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("chinese")
    with pytest.MonkeyPatch.context() as patch, opened(folder) as office, running(office) as made:
        patch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
        sealed_case(World(office.engine), office.home, stamped=False)
        went_out_and_is_found_otherwise(World(office.engine), office)
        rows = [{"native_id": "1", "title": "叉车证 免考拿证", "text": "叉车证免考免培训，当天拿证，联系13700001111"}]
        take_in(office, folder, rows, "2026-11-18")
        for role in ("head", "admin"):
            made.account(role, role)
        yield made


def went_out_and_is_found_otherwise(world: World, office: Office) -> None:
    """A letter that stands on 今日 and on a screen of its own."""
    confirmed(world, "9")
    casework.draft(office, None)
    casework.mark_sent(office, [row["number"] for row in world.rows(s.takedown_letter)], "王芳", None)
    last = world.rows(s.case)[-1]["id"]
    assert casework.decide(office, [last], "dismiss", "张三", "某局", "复核为误判")[0].kept == 1
    assert world.rows(s.differing)


@pytest.mark.slow
def test_no_screen_shows_english(site: Site) -> None:
    pages: dict[str, str] = {}
    for name in ("head", "admin"):
        client = site.client(name)
        pages |= walked(client)
        pages["/audit/verify"] = text(client.post("/audit/verify"))
    missing = {each.name for each in found_screens()} - {path.split("/")[1].partition("?")[0] for path in pages}
    assert missing == set(), "every screen is walked"
    assert len(pages) > 30
    assert {path: runs for path, page in pages.items() if (runs := english(page))} == {}
    assert english("<p>电工证 <b>set the number of</b></p><code>a b c d</code>") == ["set the number of"]


def test_every_setting_has_its_meaning_in_chinese(site: Site) -> None:
    assert set(setting_words.MEANINGS) == set(Settings.model_fields)
    page = text(site.client("head").get("/settings"))
    for name, meaning in setting_words.MEANINGS.items():
        assert CHINESE.search(meaning), name
        assert not ENGLISH.search(meaning), name
        assert f"<code>ADWATCH_{name.upper()}</code>" in page


def test_every_act_of_the_audit_log_has_its_name(site: Site) -> None:
    named = set()
    for file in Path(adwatch.__file__).parent.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        actions = {
            node.targets[0].id: node.value.value  # type: ignore[union-attr]
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            of = (
                isinstance(node.func, ast.Attribute)
                and node.func.attr == "of"
                and getattr(node.func.value, "id", "") == "Entry"
            )
            if of or (isinstance(node.func, ast.Name) and node.func.id == "Entry"):
                given = node.args[1 if of else 2] if len(node.args) > (1 if of else 2) else None
                if isinstance(given, ast.Constant):
                    named.add(given.value)
                elif isinstance(given, ast.Name) and given.id in actions:
                    named.add(actions[given.id])
    assert len(named) > 40
    assert {each for each in named if audit_words.act_label(each) == "其他操作"} == set()
    made = {f"review.{verb}" for verb in MOVES} | {"takedown.checked", "takedown.remind", "transfer.filed"}
    assert {each for each in made if audit_words.act_label(each) == "其他操作"} == set()
    assert audit_words.act_label("nothing.there") == "其他操作"
    page = text(site.client("head").get("/audit"))
    assert "拟文" in page or "函件" in page
    assert "其他操作" not in page


def test_words_of_keyword_lists_have_names(site: Site) -> None:
    assert set(keyword_words.KINDS) == set(KINDS)
    lexicon = site.office.lexicon
    speaks = keyword_words.speaks(site.office)
    assert {*lexicon.lists, *(each.list for each in lexicon.entries)} - set(speaks) == set()
