"""Every screen on small laptops: all that can be operated is reached by Tab in the page's order, and by scrolling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.casework import sign_in
from adwatch.console.screens import found_screens
from tests.casework.sealed_case import sealed_case
from tests.console.browser import browsing
from tests.console.conftest import OFFERS
from tests.console.keys import OPERABLE, Keys
from tests.console.site import Site, opened, running, take_in, walked
from tests.store.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SIZES = ((1280, 720), (1024, 600))
UNREACHED = (
    """() => {
  const operable = ("""
    + OPERABLE
    + """)().map((place) => document.querySelectorAll("*")[place]);
  const dialog = document.querySelector("dialog[open]");
  return operable.filter((node) => !node.matches(".skip") && (!dialog || dialog.contains(node))).filter((node) => {
    node.scrollIntoView({ block: "center", inline: "center" });
    const box = node.getClientRects()[0], x = box.left + box.width / 2, y = box.top + box.height / 2;
    if (x < 0 || x > innerWidth || y < 0 || y > innerHeight) return true;
    const there = document.elementFromPoint(x, y);
    return !there || !(node.contains(there) || there.contains(node) || there.closest("label")?.contains(node));
  }).map((node) => node.outerHTML.slice(0, 160));
}"""
)
"""What does not lie on the screen when it is scrolled to, or lies under something else."""
PASTE = """(node, told) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", told);
  node.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
"""A paste of the text given."""
PASTED = {"2026年11月8日": "2026-11-08", "二、2026.11.18 印发": "2026-11-18", "2026年13月8日": "", "明天": ""}
"""What is pasted, and what the field then says."""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console with a sent letter, a sealed case, and leads that wait."""
    folder = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch, opened(folder) as office:
        patch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
        sealed_case(World(office.engine), office.home, stamped=False)
        take_in(office, folder, OFFERS, "2026-11-18")
        with running(office) as made:
            for role in ("head", "admin"):
                made.account(role, role)
            yield made


def pages(site: Site) -> dict[str, list[str]]:
    """One address of each kind of page, by whose they are; of the second only what the first has not."""
    found: dict[str, list[str]] = {}
    kinds: set[str] = set()
    for name in ("head", "admin"):
        for path in walked(site.client(name), 1):
            kind = re.sub(r"\?.*|(?<=/reports/)[^/]+/[^/]+|(?<=/behind/).*", "", path)
            if kind not in kinds:
                kinds.add(kind)
                found.setdefault(name, []).append(path)
    return found


@pytest.mark.parametrize("size", SIZES)
def test_all_that_can_be_operated_is_on_the_screen(site: Site, tmp_path: Path, size: tuple[int, int]) -> None:
    wrong: dict[str, Any] = {}
    with browsing(site, tmp_path, size) as seen:
        for name, paths in pages(site).items():
            seen.sign_in(name)
            for path in paths:
                seen.go(path)
                wide, unreached = seen.page.evaluate(TOO_WIDE), seen.page.evaluate(UNREACHED)
                if wide > 0 or unreached:
                    wrong[path] = (wide, unreached)
                seen.page.evaluate("scrollTo(0, 0)")
                seen.shoot("small-" + path.strip("/").replace("/", "-").replace("?", "-")[:60])
            seen.page.click("text=退出")
        seen.sign_in("head")
        seen.go("/queue")
        seen.page.click("tbody a >> nth=0")
        seen.page.click("button:has-text('属实'):not(:has-text('不'))")
        seen.page.click("#decide summary")
        seen.shoot("small-dialog")
        assert seen.page.evaluate(UNREACHED) == [], "the dialog scrolls"
        assert seen.alarms == []
    assert wrong == {}


def test_tab_goes_once_round_every_screen_in_its_order(site: Site, tmp_path: Path) -> None:
    missing = {each.name for each in found_screens()}
    with browsing(site, tmp_path, SIZES[1]) as seen:
        keys = Keys(seen)
        for name, paths in pages(site).items():
            seen.page.goto(f"{site.base}/sign-in")
            assert keys.walk() == seen.page.evaluate(OPERABLE)
            seen.page.reload()
            keys.sign_in(name)
            for path in paths:
                seen.go(path)
                wanted = seen.page.evaluate(OPERABLE)
                assert keys.walk() == wanted, path
                missing.discard(path.split("/")[1].partition("?")[0])
            keys.leave()
        assert seen.alarms == []
    assert missing == set(), "every screen is walked"


def test_a_part_that_comes_later_leaves_the_focus_where_it_was(site: Site, tmp_path: Path) -> None:
    """htmx puts what is not masked below the form, and what was wrong above the page, in sight."""
    with browsing(site, tmp_path, SIZES[1]) as seen:
        keys = Keys(seen)
        seen.page.goto(f"{site.base}/sign-in")
        keys.sign_in("head")
        keys.press("g", "2")
        seen.page.wait_for_url("**/queue")
        keys.press("j", "Enter")
        seen.page.wait_for_url("**/cases/**")
        keys.take("查看未脱敏内容", "summary")
        keys.fill("事由", " ")
        keys.take("查看", "button")
        seen.page.wait_for_selector("#alerts .error")
        assert seen.page.evaluate("document.activeElement.textContent") == "查看"
        box = seen.page.locator("#alerts").bounding_box()
        assert box is not None and -1 <= box["y"] < SIZES[1][1], "what was wrong is in sight"
        keys.press("Shift+Tab")
        keys.type("核对联系方式")
        keys.take("查看", "button")
        seen.page.wait_for_selector("#raw section")
        assert seen.page.evaluate("document.activeElement.textContent") == "查看"
        stop = keys.step()
        assert stop is not None and stop["name"].startswith("存档网页"), "the next stop is in what came"
        assert [each for each in seen.alarms if "400" not in each] == []


def test_a_date_is_pasted_as_a_document_has_it(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path, SIZES[1]) as seen:
        seen.sign_in("head")
        seen.go("/sources/inspection")
        field = seen.page.locator("input[name=day]")
        for told, day in PASTED.items():
            field.fill("")
            field.evaluate(PASTE, told)
            assert field.input_value() == day
