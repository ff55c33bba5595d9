"""What stands before every page, tried by a client that does what a browser would not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from adwatch.app import audit, decisions
from adwatch.app.casework import show_case
from adwatch.app.queue import Filters, lead_page
from adwatch.console import guard
from adwatch.console.application import application
from adwatch.console.desk import local
from adwatch.console.guard import Guard
from adwatch.store import schema as s
from adwatch.store.engine import writing
from tests.console.site import PASSWORD, Client, Site, text

TEMPLATES = Path(guard.__file__).parent / "templates"


def routes(site: Site) -> list[tuple[str, str]]:
    """(method, path) of every route, its parameters filled in."""
    app = application(site.office).app
    found = []

    def walk(router: object, prefix: str = "") -> None:
        for route in router.routes:  # type: ignore[attr-defined]
            if isinstance(route, APIRoute):
                path = re.sub(r"\{[^}]+\}", "1", route.path)
                found.extend((method, path) for method in route.methods)

    walk(app)
    return found


def case_of(site: Site, word: str) -> int:
    rows, _ = lead_page(site.office, Filters(), None, 50)
    return next(row["case_id"] for row in rows if word in row["title"])


def test_every_answer_carries_the_headers(site: Site) -> None:
    client = site.client("viewer")
    answers = [
        client.get("/today"),
        client.get("/nothing"),
        client.get("/cases/999999"),
        client.get("/static/console.css"),
        client.post("/queue/act", {"verb": "confirm", "ids": "1"}),
        Client(site.base).get("/today"),
        Client(site.base).get("/sign-in", Host="evil.example"),
    ]
    assert [answer.status for answer in answers] == [200, 404, 404, 200, 403, 303, 421]
    for answer in answers:
        for name, value in guard.HEADERS.items():
            assert answer.headers[name] == value
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "server" not in answer.headers


def test_an_unforeseen_error_says_nothing_and_carries_the_headers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("秘密 of the inside")

    monkeypatch.setattr("adwatch.console.screens.today.today.figures", fails)
    answer = site.client("viewer").get("/today")
    assert answer.status == 500 and "秘密" not in text(answer) and "RuntimeError" not in text(answer)
    assert answer.headers["Content-Security-Policy"] == guard.HEADERS["Content-Security-Policy"]


def test_without_a_session_nothing_but_the_door_opens(site: Site) -> None:
    client = Client(site.base)
    closed = [(method, path) for method, path in routes(site) if path not in ("/sign-in", "/link/1")]
    assert len(closed) > 25
    for method, path in closed:
        answer = client.ask(method, path, {} if method == "POST" else None)
        assert (answer.status, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), (method, path)


def test_no_form_is_taken_without_its_token(site: Site) -> None:
    client = site.client("head")
    other = site.client("reviewer").token("/queue")
    posts = [path for method, path in routes(site) if method == "POST"]
    assert len(posts) > 12
    for path in posts:
        for form in ({}, {"csrf": ""}, {"csrf": other}):
            assert client.ask("POST", path, form).status == 403, path
    assert client.ask("POST", "/queue/act", None, **{"X-CSRF-Token": "é"}).status in (400, 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_forms_of_other_sites_are_refused_even_with_the_token(site: Site, headers: dict[str, str]) -> None:
    client = site.client("head")
    assert client.post("/queue/views", {"name": "a"}, **headers).status == 403
    assert client.post("/queue/views", {"name": "a"}, Origin=site.base).status == 303


def test_a_big_body_is_refused_whether_it_says_so_or_not(site: Site) -> None:
    client = site.client("head")
    assert client.ask("POST", "/queue/act", None, **{"Content-Length": str(guard.BODY_LIMIT + 1)}).status == 413


def test_roles_are_held_to_in_acts_and_not_only_on_the_screen(site: Site) -> None:
    case = case_of(site, "高处")
    refused = {
        "viewer": ("register", "confirm", "dismiss", "exclude"),
        "monitor": ("confirm", "dismiss", "doubt", "refer", "close"),
        "admin": ("register", "confirm"),
    }
    for name, verbs in refused.items():
        client = site.client(name)
        for verb in verbs:
            assert client.post(f"/cases/{case}/act", {"verb": verb, "code": "C01"}).status == 403, (name, verb)
            assert client.post("/queue/act", {"verb": verb, "ids": case, "code": "C01"}).status == 403
        assert client.post(f"/cases/{case}/unmask", {"reason": "看看"}).status == 403
        if name != "admin":
            for path in ("/accounts", "/audit", "/settings"):
                assert client.get(path).status == 403, (name, path)
            assert (
                client.post("/accounts/add", {"name": "x2", "person": "x", "unit": "x", "role": "admin"}).status == 403
            )
    assert decisions.tracks_of(site.office, [case]) == {}


def test_limits_hold_in_every_query_and_act(site: Site) -> None:
    """A reviewer of one region, one of one family: what is another's is as good as not there."""
    case = case_of(site, "叉车")
    with writing(site.office.engine) as connection:
        connection.execute(s.case.update().where(s.case.c.id == case).values(region="山西太原"))
    region, family, head = site.client("yuncheng"), site.client("building"), site.client("head")
    title = "叉车证N1"
    assert title in text(head.get("/queue?state=all"))
    for client in (region, family):
        assert title not in text(client.get("/queue?state=all"))
        for path in ("", "/archived/x/0", "/compare/x?old=0&new=1"):
            assert client.get(f"/cases/{case}{path}").status in (403, 404)
        forms = {"act": {"verb": "confirm", "code": "C01"}, "note": {"text": "x"}, "unmask": {"reason": "x"}}
        for act, form in {**forms, "undo": {}, "release": {}, "track": {"track": "takedown"}}.items():
            assert client.post(f"/cases/{case}/{act}", form).status == 404, act
        answer = client.post("/queue/act", {"verb": "exclude", "ids": case, "code": "D07"})
        assert answer.status == 400 and "范围" in text(answer)
        for path in ("/reports", "/exports"):
            assert client.get(path).status == 403
    assert show_case(site.office, case)["state"] == "screening"


def test_a_session_from_before_the_sign_in_is_worth_nothing(site: Site) -> None:
    thief, victim = Client(site.base), Client(site.base)
    thief.get("/sign-in")
    victim.cookies.update(thief.cookies, adwatch_session="planted")
    assert victim.sign_in("viewer", PASSWORD).status == 303
    assert victim.cookies["adwatch_session"] != "planted"
    assert victim.get("/today").status == 200 and thief.get("/today").status == 303
    copied = Client(site.base, dict(victim.cookies))
    assert copied.get("/today").status == 200
    assert victim.post("/sign-out").status == 303
    assert copied.get("/today").status == 303, "signing out ends the session in the store"
    copied.cookies["adwatch_session"] = copied.cookies["adwatch_session"][:-3] + "abc"
    assert copied.get("/today").status == 303


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
        "",
    ],
)
def test_no_redirect_leads_elsewhere(site: Site, path: str) -> None:
    assert local(path) == "/"
    client = Client(site.base)
    form = {"name": "viewer", "password": PASSWORD, "next": path}
    assert client.post("/sign-in", form, page="/sign-in").headers["location"] == "/"
    assert local("/cases/1?a=b#c") == "/cases/1?a=b#c"


def test_wrong_addresses_and_values_are_pages_not_failures(site: Site) -> None:
    client = site.client("head")
    for path in (
        "/queue?state=x",
        "/queue?age=yesterday",
        "/queue?score=7",
        "/queue?after=x~y~z",
        "/queue?after=safety_production~0.5~99999999999999999999",
        "/queue?platform=nothing&class=nothing",
        "/cases/abc",
        "/cases/99999999999999999999999",
        "/cases/1/compare/abc?old=0&new=9",
        "/reports/none/2026",
        "/keywords/none",
        "/audit?subject=zzz",
    ):
        answer = client.get(path)
        assert answer.status in (400, 404), path
        assert "Traceback" not in text(answer)
    assert client.get("/today", **{"Accept-Language": "x" * 9000}).status in (200, 400, 431)


def test_templates_hold_nothing_that_the_policy_forbids() -> None:
    files = sorted(TEMPLATES.glob("*.html"))
    assert len(files) > 15
    for file in files:
        source = file.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup", source), file.name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|<script(?![^>]*src=\"/static/)", source), (
            file.name
        )
        assert not re.search(r"(?:href|src|action)=\"(?!/|#|\?|\{\{)", source), file.name
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", source, re.DOTALL):
            assert "csrf_field()" in form, file.name


def test_what_was_done_stands_in_the_audit_log_with_the_role(site: Site) -> None:
    client, case = site.client("head"), case_of(site, "焊工")
    assert client.post(f"/cases/{case}/note", {"text": "先问平台"}).status == 303
    answer = client.post(f"/cases/{case}/unmask", {"reason": "核对卖家"})
    assert answer.status == 200 and "hanz2020" in text(answer)
    assert "hanz2020" not in text(client.get(f"/cases/{case}"))
    rows = audit.entries(site.office, f"case:{case}", 10)
    assert [(row["action"], row["role"], row["person"]) for row in rows[:3]] == [
        ("review.open", "head", "人员head"),  # the page was looked at afterwards
        ("case.unmask", "head", "人员head"),
        ("case.note", "head", "人员head"),
    ]
    assert "先问平台" not in str(rows) and audit.verify(site.office)["ok"]
    assert client.post(f"/cases/{case}/unmask", {"reason": " "}).status == 400


def test_the_application_is_guarded_as_a_whole(site: Site) -> None:
    assert isinstance(application(site.office), Guard)
