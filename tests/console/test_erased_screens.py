"""Screens of what the policy has deleted: they say so in Chinese, with the day and the rule, and none breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adwatch.app import retention
from adwatch.app.linking import link_now
from adwatch.casework import sign_in
from adwatch.store import schema as s
from tests.app.erasing_world import ACTOR, CONFIRMED, CONTACT, MARKS, Erasable, filled, text_of
from tests.console.browser import CHROMIUM, Seen
from tests.console.site import Site, running, text
from tests.store.world import clear, listing, verdict

GONE = "按保存期限“属实并办结的案件”删除"


@dataclass
class Shown:
    """The console, and the office behind it before and after the deletion."""

    site: Site
    kept: Erasable
    listing_id: str

    @property
    def case(self) -> int:
        """The closed case, whose listing has two versions."""
        return self.kept.cases["closed"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    kept = filled(tmp_path_factory.mktemp("erased"))
    with pytest.MonkeyPatch.context() as patch, kept.office as office:
        patch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
        later = listing("closed", text=f"{text_of('closed')} 降价了")
        kept.world.store(later)
        kept.world.judge(clear(), verdict(later, contact=CONTACT))
        link_now(office)
        kept.after(CONFIRMED + 30)
        retention.apply(office, ACTOR, dry_run=False)
        [row] = kept.world.rows(s.listing, native_id="closed")
        with running(office) as site:
            for role in ("head", "admin"):
                site.account(role, role)
            yield Shown(site, kept, row["key"].hex())


def test_a_case_says_that_its_words_were_deleted_and_shows_the_rest(shown: Shown) -> None:
    page = text(shown.site.client("head").get(f"/cases/{shown.case}"))
    assert GONE in page
    assert "命中之处、联系方式和卖家名称随文字删除" in page
    assert MARKS["closed"] not in page and "ab****" not in page
    assert "办结" in page and "张三" in page, "the finding and the person stand"
    [row] = [row for row in shown.kept.world.rows(s.listing_version) if row["text"] is None][:1]
    assert row["content_sha256"]
    assert f"file of {'closed'}" not in page
    assert page.count("附件") >= 1


def test_versions_are_compared_without_words(shown: Shown) -> None:
    head = shown.site.client("head")
    answer = head.get(f"/cases/{shown.case}/compare/{shown.listing_id}?old=0&new=1", **{"HX-Request": "true"})
    page = text(answer)
    assert answer.status == 200
    assert page.count(GONE) == 2
    assert "<del>" not in page and "<ins>" not in page, "a note in the place of words is no change of them"


def test_who_asks_for_the_raw_text_is_told_when_it_went(shown: Shown) -> None:
    head = shown.site.client("head")
    answer = head.post(f"/cases/{shown.case}/unmask", {"reason": "核对"}, page=f"/cases/{shown.case}")
    assert answer.status in (200, 303)
    page = text(answer) if answer.status == 200 else text(head.get(answer.headers["location"]))
    assert GONE in page
    assert CONTACT not in page


def test_queue_and_subjects_show_it_too(shown: Shown) -> None:
    head = shown.site.client("head")
    assert GONE in text(head.get("/queue?state=closed"))
    [case] = [row for row in shown.kept.world.rows(s.case) if row["id"] == shown.case]
    answer = head.get(f"/subject/{case['subject_id']}")
    assert answer.status == 200
    assert MARKS["closed"] not in text(answer)


def test_no_screen_breaks(shown: Shown) -> None:
    for name, paths in {
        "head": ("today", "queue", "subject", "takedown", "transfer", "letters", "sources", "reports", "exports"),
        "admin": ("settings", "audit", "coverage"),
    }.items():
        client = shown.site.client(name)
        for path in paths:
            answer = client.get(f"/{path}")
            assert answer.status == 200, path
            page = text(answer)
            assert MARKS["closed"] not in page and MARKS["lone"] not in page, path


def test_settings_show_the_policy_and_its_last_run(shown: Shown) -> None:
    page = text(shown.site.client("admin").get("/settings"))
    for label in (
        "属实并办结的案件",
        "未立线索的文字、图片文字、联系方式",
        "个人信息保护法第十九条",
        "函件、回函、来表和移送材料",
    ):
        assert label in page
    assert "上次执行：" in page and f"{ACTOR.person}（{ACTOR.unit}）" in page
    assert "商品文字 7" in page, "two versions of the closed case's listing among them"
    assert "没有保全" in page
    retention.hold(shown.kept.office, shown.kept.cases["open"], "诉讼中", ACTOR)
    assert "诉讼中" in text(shown.site.client("admin").get("/settings"))


@pytest.mark.slow
def test_in_a_browser(shown: Shown, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        seen = Seen(browser.new_page(viewport={"width": 1366, "height": 768}), shown.site, tmp_path)
        seen.sign_in("admin")
        seen.go("/settings#retention")
        seen.page.locator("#retention").scroll_into_view_if_needed()
        seen.shoot("retention-settings")
        seen.go(f"/cases/{shown.case}")
        seen.shoot("retention-case")
        seen.page.get_by_role("button", name="与上一版").click()
        seen.page.wait_for_selector(f"#compare-{shown.listing_id} h3")
        assert GONE in seen.page.inner_text(f"#compare-{shown.listing_id}")
        seen.shoot("retention-compare")
        browser.close()
