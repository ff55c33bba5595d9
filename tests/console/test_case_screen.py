"""The page of a case: what one does stands first, and the dialog of an act asks what that act takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import decisions
from adwatch.casework import sign_in
from adwatch.store import schema as s
from tests.casework.office import confirmed
from tests.console.browser import SIZES, browsing
from tests.console.site import Site, opened, running
from tests.store.world import World, listing

pytestmark = pytest.mark.slow


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A fresh lead, and a confirmed case with a letter and a long history."""
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        world = World(office.engine)
        world.flag(listing("fresh"))
        confirmed(world, "1")
        site.account("head", "head")
        head = site.client("head")
        head.post("/takedown/draft")
        for number in range(8):
            head.post("/cases/2/note", {"text": f"第 {number} 次备注" * 9}, page="/cases/2")
        yield site


def _asked(page: Any) -> tuple[list[str], bool, str]:
    """Of the open dialog: codes that can be chosen, whether a reason can be written, what has the focus."""
    options = page.locator("#decide select[name=code] option:not([hidden])")
    codes = [each.split()[0] for each in options.all_text_contents() if each[0].isascii()]
    seen = page.locator("#decide select[name=code]").is_visible()
    where = page.evaluate("document.activeElement.name || document.activeElement.innerText")
    return codes if seen else [], page.locator("#decide textarea[name=reason]").is_visible(), where


def test_an_act_offers_the_codes_that_fit_it_and_registering_asks_nothing(site: Site, tmp_path: Path) -> None:
    table = decisions.codes(site.office).values()
    with browsing(site, tmp_path) as seen:
        page = seen.page
        seen.sign_in("head")
        for where in ("/cases/1", "/queue"):
            seen.go(where)
            for key, verb in (("d", "dismiss"), ("r", "register"), ("c", "confirm"), ("e", "exclude")):
                page.keyboard.press(key)
                page.wait_for_selector("#decide[open]")
                fitting = [each.code for each in table if verb in each.findings]
                expected = (fitting, bool(fitting), "code" if fitting else "提交")
                assert _asked(page) == expected, (where, verb)
                seen.shoot(f"dialog-{verb}")
                page.keyboard.press("Escape")
                page.wait_for_selector("#decide:not([open])", state="attached")
        seen.go("/cases/1")
        page.keyboard.press("c")
        page.select_option("#decide select[name=code]", "C01")
        page.keyboard.press("Escape")
        page.wait_for_selector("#decide:not([open])", state="attached")
        page.keyboard.press("r")
        page.wait_for_selector("#decide[open]")
        with page.expect_request(lambda request: request.method == "POST") as sent:
            page.keyboard.press("Enter")
        assert "code" not in (sent.value.post_data or ""), "what another act takes does not go along"
        page.wait_for_selector("h1:has-text('待甄别')")
        assert seen.alarms == []
    assert World(site.office.engine).rows(s.case)[0]["state"] == "registered"


@pytest.mark.parametrize("size", SIZES)
def test_what_one_does_is_on_the_screen_at_once(site: Site, tmp_path: Path, size: tuple[int, int]) -> None:
    with browsing(site, tmp_path, size) as seen:
        seen.sign_in("head")
        seen.go("/cases/2")
        seen.shoot("case-confirmed")
        for place in ("#tracks button:text-is('开分线')", "aside a:text-is('拟移送')"):
            box = seen.page.locator(place).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= size[1], place
        heads = seen.page.locator("aside h2").all_inner_texts()
        assert heads == ["分线", "下架与移送", "案件", "甄别结论", "经过"]
        note, first = (
            seen.page.locator(each).first.bounding_box() for each in ("#notes textarea", "#notes .timeline li")
        )
        assert note["y"] < first["y"], "the note is written above a history of any length"


AT_ONCE = """() => {
  const dialog = document.querySelector("#decide");
  dialog.close();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true }));
  return dialog.contains(document.activeElement);
}"""
"""A key in the moment after a dialog closed, in which what had the focus in it still has it."""
SHOWN = """() => Promise.race([
  new Promise((done) => requestAnimationFrame(() => done(true))), new Promise((done) => setTimeout(() => done(false), 1000)),
])"""


def test_a_key_right_behind_a_dialog_is_not_lost(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path) as seen:
        seen.sign_in("head")
        seen.go("/cases/1")
        for key in ("c", "r"):  # a list has the focus in the one, a button in the other
            seen.page.keyboard.press(key)
            seen.page.wait_for_selector("#decide[open]")
            assert seen.page.evaluate(AT_ONCE)
            seen.page.wait_for_selector("#decide[open] h2:has-text('线索登记')")
            seen.page.keyboard.press("Escape")
            seen.page.wait_for_selector("#decide:not([open])", state="attached")


def test_nothing_is_shown_before_what_is_pressed_is_heard(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path) as seen:
        seen.sign_in("head")
        held: list[Any] = []
        seen.page.route("**/static/console.js", lambda route: held.append(route))  # noqa: PLW0108 - a builtin takes no mark
        seen.page.goto(f"{site.base}/cases/1", wait_until="commit")
        seen.page.wait_for_selector("#keys", state="attached")  # the page's end
        assert held and not seen.page.evaluate(SHOWN)
        held.pop().continue_()
        seen.page.click("button:has-text('属实'):not(:has-text('不'))")
        seen.page.wait_for_selector("#decide[open]")
        assert seen.page.evaluate(SHOWN) and seen.alarms == []
