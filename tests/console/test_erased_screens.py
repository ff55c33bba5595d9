"""Screens of what the policy has deleted: they say so in Chinese, with the day and the rule, and none breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adwatch.app import retention, takedown
from adwatch.app import transfer as work
from adwatch.app.linking import link_now
from adwatch.casework import sign_in
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.attachments import attachment_file
from adwatch.store.engine import writing
from adwatch.store.erasures import Rule, bury
from tests.app.erasing_world import ACTOR, CONFIRMED, CONTACT, MARKS, Erasable, filled, text_of
from tests.app.transfer_world import command, office
from tests.app.transfer_world import filled as with_case
from tests.casework.office import confirmed
from tests.console.browser import CHROMIUM, Seen
from tests.console.site import Site, running, text
from tests.console.site import opened as opened_console
from tests.store.world import World, clear, listing, verdict

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


def done_transfer(folder: Path) -> str:
    """A transfer that was sent with a paper."""
    case_id, head = with_case(folder).case_id, Actor("局长", "某局")
    with office(folder) as here:
        number = str(work.draft(here, "clue", [case_id], Actor("张三", "某局"), receiver="police")["number"])
        work.attach_bytes(here, number, "other", "a.pdf", "application/pdf", b"%PDF paper", head)
        work.decide(here, number, True, head)
        work.send(here, number, head)
    return number


def test_a_transfer_whose_package_went_says_so_and_gives_410(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    number = done_transfer(tmp_path)
    with office(tmp_path) as here, running(here) as site:
        site.account("head", "head")
        head, page = site.client("head"), f"/transfer/{number}"
        assert head.get(f"{page}/package").status == 200
        rule = Rule("paper", "函件", "2032-01-01", here.clock.now())
        world = World(here.engine)
        [row] = world.rows(s.transfer)
        [paper] = world.rows(s.attachment, subject="transfer")
        with writing(here.engine) as connection:
            bury(connection, "transfer", rule, [(row["id"], row["sha256"])], ACTOR)
            bury(connection, "attachment", rule, [(paper["id"], paper["sha256"])], ACTOR)
        (here.home / row["file"]).unlink()
        attachment_file(here.home, paper["sha256"]).unlink()
        said = "已于 2032-01-01 按保存期限“函件”删除"
        shown = text(head.get(page))
        assert f"材料包{said}" in shown and f"{page}/package" not in shown
        for path in (f"{page}/package", f"{page}/papers/{paper['sha256']}"):
            answer = head.get(path)
            assert answer.status == 410
            assert said in text(answer)
    told = command(tmp_path).ok("transfer", "show", number)
    assert told.count("2032-01-01") >= 1 and "材料包已于" in told
    gone = command(tmp_path).run("evidence", "verify", str(tmp_path / "home" / row["file"]))
    assert (gone.returncode, b"Traceback" in gone.stderr) == (2, False)
    assert said in gone.stderr.decode()
    other = command(tmp_path).run("evidence", "verify", str(tmp_path / "never.zip"))
    assert other.returncode == 2 and "cannot be read" in other.stderr.decode()


def test_a_letter_whose_scan_and_reply_went_says_so_and_gives_410(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened_console(tmp_path) as here, running(here) as site:
        world = World(here.engine)
        confirmed(world, "1")
        site.account("head", "head")
        head = site.client("head")
        head.post("/takedown/draft")
        number = world.rows(s.takedown_letter)[0]["number"]
        page = f"/takedown/{number}"
        who = Actor("张三", "某局")
        takedown.enter(here, number, who, {}, takedown.File("a.pdf", "application/pdf", b"%PDF scan"))
        head.sure(f"{page}/mark-sent", page=page)
        takedown.reply(here, number, "accepted", who, given=[takedown.File("b.pdf", "application/pdf", b"%PDF reply")])
        rule = Rule("paper", "函件", "2032-01-01", here.clock.now())
        files = world.rows(s.attachment)
        with writing(here.engine) as connection:
            bury(connection, "attachment", rule, [(row["id"], row["sha256"]) for row in files], ACTOR)
        for row in files:
            attachment_file(here.home, row["sha256"]).unlink()
            assert f"{page}/attachments/{row['sha256']}" not in text(head.get(page))
            answer = head.get(f"{page}/attachments/{row['sha256']}")
            assert answer.status == 410
            assert "已于 2032-01-01 按保存期限“函件”删除" in text(answer)
        assert text(head.get(page)).count("已于 2032-01-01") == len(files) == 2
        assert head.get(f"{page}/files/{number}.docx").status == 200, "the letter is made of its content"
