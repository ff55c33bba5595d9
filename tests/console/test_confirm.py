"""Acts that cannot be undone are asked for first, and done once, without any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adwatch.app import subjects, transfer
from adwatch.app.linking import link_now
from adwatch.casework import sign_in
from adwatch.console.confirm import SECONDS, Tokens
from adwatch.models import Actor
from adwatch.settings import SystemClock
from adwatch.store import schema as s
from tests.casework.office import confirmed
from tests.conftest import FixedClock
from tests.console.site import Client, Site, hidden, opened, running, text
from tests.console.test_killed import served
from tests.store.world import World

HEAD = Actor("李四", "某局", "reviewer")
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("confirm")
    with pytest.MonkeyPatch.context() as patch, opened(folder) as office, running(office) as made:
        patch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
        world = World(office.engine)
        confirmed(world, "1", "2")
        confirmed(world, "3", platform="bazaar")
        link_now(office)
        transfer.draft(office, "clue", [1], HEAD, receiver="police")
        made.account("head", "head")
        made.account("other", "head")
        yield made


def test_each_such_act_asks_before_anything_is_done(site: Site) -> None:
    head, world = site.client("head"), World(site.office.engine)
    assert head.post("/takedown/draft").status == 303
    number = world.rows(s.takedown_letter)[-1]["number"]
    subject = subjects.list_subjects(site.office)[0]["subject_id"]
    account = world.rows(s.subject_account)[0]["id"]
    moved = world.rows(s.transfer)[0]["number"]
    acts = {
        f"/takedown/{number}/void": {"reason": HOSTILE},
        f"/takedown/{number}/mark-sent": {},
        f"/takedown/{number}/send": {"to": "x@platform.example"},
        f"/subject/{subject}/split": {"accounts": str(account), "reason": "两家店"},
        f"/transfer/{moved}/decide": {"approve": "false", "reason": "证据不足"},
        f"/transfer/{moved}/send": {},
        f"/transfer/{moved}/record": {"step": "void", "reason": "拟错"},
    }
    tables = (s.takedown_step, s.takedown_mail, s.subject_rule, s.transfer_step, s.audit_entry)
    before = [world.rows(table) for table in tables]
    for path, form in acts.items():
        page = text(head.post(path, form))
        assert "请确认：" in page, path
        assert "<script>alert" not in page
        assert re.search(r'<button class="bad" autofocus>', page), "Enter does it"
        assert dict(hidden(page)).items() >= form.items(), "what was filled in goes along"
        assert re.search(r'<a class="button" href="/(takedown|subject|transfer)/[^"]+" data-back>不办，返回</a>', page)
    assert [world.rows(table) for table in tables] == before


def test_a_double_click_does_it_once(site: Site) -> None:
    head, world = site.client("head"), World(site.office.engine)
    head.post("/takedown/draft")
    number = world.rows(s.takedown_letter)[0]["number"]
    form = hidden(text(head.post(f"/takedown/{number}/mark-sent")))
    with ThreadPoolExecutor(4) as pool:
        clients = [Client(site.base, dict(head.cookies)) for _ in range(4)]
        answers = list(pool.map(lambda each: each.ask("POST", f"/takedown/{number}/mark-sent", form), clients))
    assert [each.status for each in answers] == [303] * 4, "nobody is told of an error"
    assert {each.headers["location"] for each in answers} == {f"/takedown/{number}"}
    sent = [row for row in world.rows(s.audit_entry) if row["action"] == "takedown.mark-sent"]
    assert len(sent) == 1
    late = clients[0].ask("POST", f"/takedown/{number}/mark-sent", form)
    assert late.status == 303
    clients[0].cookies.update(adwatch_said=clients[0].cookies["adwatch_said"])
    assert "没有再办一次" in text(clients[0].get(f"/takedown/{number}"))


def test_a_token_is_of_one_session_address_and_content(site: Site) -> None:
    head, other, world = site.client("head"), site.client("other"), World(site.office.engine)
    head.post("/takedown/draft")
    numbers = [row["number"] for row in world.rows(s.takedown_letter) if row["step"] == "draft"]
    path = f"/takedown/{numbers[-1]}/void"
    form = hidden(text(head.post(path, {"reason": "重拟"})))
    changed = [(name, "别的理由" if name == "reason" else value) for name, value in form]
    foreign = [(name, other.token("/queue") if name == "csrf" else value) for name, value in form]
    elsewhere = f"/takedown/{numbers[0]}/mark-sent"
    for client, where, given in ((head, path, changed), (other, path, foreign), (head, elsewhere, form)):
        answer = client.ask("POST", where, given)
        assert answer.status == 200
        assert "请确认：" in text(answer), "it is asked anew"
    assert [row["step"] for row in world.rows(s.takedown_letter) if row["number"] == numbers[-1]] == ["draft"]
    assert head.ask("POST", path, form).status == 303
    assert [row["step"] for row in world.rows(s.takedown_letter) if row["number"] == numbers[-1]] == ["void"]


def test_a_token_runs_out_and_is_of_one_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path / "one") as office, opened(tmp_path / "two") as stranger:
        tokens = Tokens(office)
        token = tokens.give("act")
        assert tokens.fits(token, "act")
        assert not tokens.fits(token, "another act")
        assert Tokens(office).fits(token, "act"), "another process of the same office reads it"
        assert not Tokens(stranger).fits(token, "act")
        assert (tokens.take(token), Tokens(office).take(token), tokens.take(token)) == (True, False, False)
        now = __import__("time").time()
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + SECONDS + 2)
        assert not tokens.fits(token, "act")


def test_what_was_taken_is_forgotten_once_it_cannot_fit_any_more(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 20, 4, 0, tzinfo=UTC))
    with opened(tmp_path, clock) as office:
        tokens = Tokens(office)
        assert tokens.take("old")
        clock.time += timedelta(seconds=SECONDS + 1)
        assert (tokens.take("new"), tokens.take("old")) == (True, False), "it might still be sent again"
        clock.time += timedelta(seconds=SECONDS)
        assert tokens.take("newest")
        assert len(World(office.engine).rows(s.console_token)) == 2


@pytest.mark.slow
def test_what_one_console_asks_another_of_the_same_store_does_once(tmp_path: Path) -> None:
    """Two processes behind one name: the page that asks comes from one, the button's press goes to the other."""
    with pytest.MonkeyPatch.context() as patch, opened(tmp_path, SystemClock()) as office, running(office) as first:
        patch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
        world = World(office.engine)
        confirmed(world, "1")
        first.account("head", "head")
        head = first.client("head")
        assert head.post("/takedown/draft").status == 303
        number = world.rows(s.takedown_letter)[-1]["number"]
        path = f"/takedown/{number}/mark-sent"
        form = hidden(text(head.post(path)))
        with served(tmp_path / "home") as (process, base):
            other = Client(base, dict(head.cookies))
            clients = [Client(at, dict(head.cookies)) for at in (base, first.base) * 3]
            with ThreadPoolExecutor(6) as pool:
                answers = list(pool.map(lambda each: each.ask("POST", path, form), clients))
            assert [each.status for each in answers] == [303] * 6
            assert len([row for row in world.rows(s.audit_entry) if row["action"] == "takedown.mark-sent"]) == 1
            assert other.ask("POST", path, form).status == 303, "late, and done no second time"
            assert len([row for row in world.rows(s.audit_entry) if row["action"] == "takedown.mark-sent"]) == 1
            process.kill()
        with served(tmp_path / "home") as (_, base):
            again = Client(base, dict(head.cookies))
            assert again.ask("POST", path, form).status == 303
            assert "没有再办一次" in text(again.get(f"/takedown/{number}")), "nor after a restart"


@pytest.mark.slow
def test_it_works_by_keyboard_and_without_script(site: Site, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    from tests.console.browser import CHROMIUM, Seen

    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed")
    world = World(site.office.engine)
    site.client("head").post("/takedown/draft")
    number = [row["number"] for row in world.rows(s.takedown_letter) if row["step"] == "draft"][-1]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        size = {"width": 1366, "height": 768}
        context = browser.new_context(viewport=size, java_script_enabled=False)  # type: ignore[arg-type]
        seen = Seen(context.new_page(), site, tmp_path, scripts=False)
        seen.sign_in("head")
        seen.go(f"/takedown/{number}")
        seen.page.fill("form[action$=void] input[name=reason]", "平台已自行处理")
        seen.page.press("form[action$=void] input[name=reason]", "Enter")
        seen.page.wait_for_selector("h1:has-text('请确认：作废')")
        seen.shoot("confirm")
        seen.painted()
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_selector(f"h1:has-text('{number}')")
        assert world.rows(s.takedown_letter, number=number)[0]["step"] == "draft", "the way back does nothing"
        seen.page.fill("form[action$=void] input[name=reason]", "平台已自行处理")
        seen.page.press("form[action$=void] input[name=reason]", "Enter")
        seen.page.wait_for_selector("h1:has-text('请确认：作废')")
        seen.page.wait_for_selector("button.bad:focus")  # it gets the focus a moment later
        seen.painted()
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_selector(f"h1:has-text('{number}')")
        assert world.rows(s.takedown_letter, number=number)[0]["step"] == "void"
        browser.close()
