"""Accounts limited to regions or families on 主体, 下架, 移送: what is outside is not shown, counted or handed out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from zipfile import BadZipFile, ZipFile

import pytest

from adwatch.app import casework, subjects, transfer
from adwatch.app.linking import link_now
from adwatch.casework import sign_in
from adwatch.models import Actor
from adwatch.store import schema as s
from tests.casework.office import decide
from tests.console.site import Client, Site, opened, running, text
from tests.store.world import World, listing, verdict

HEAD = Actor("张局", "某局", "head")
ROLES = ("monitor", "reviewer", "head", "viewer", "admin")
OUTSIDE = ("外地信息", "外地店", "plaza.example/item/out", "bazaar.example/item/far", "外地理由", "ot********")
PHONE = "in13800138000"


@dataclass
class Market:
    """A console whose office has subjects, letters and transfers inside, across, and outside of 山西运城."""

    site: Site
    world: World
    letters: dict[str, str]
    transfers: dict[str, str]
    subjects: dict[str, int]
    cases: dict[str, int]


def _flag(world: World, name: str, inside: bool, platform: str = "plaza", contact: str = PHONE) -> int:
    where = ("山西运城盐湖区", "本地", "construction") if inside else ("山西太原", "外地", "special_operations")
    item = listing(
        name,
        f"{where[1]}信息{name} 电工证包过，联系{contact}",
        platform,
        title=f"{where[1]}信息{name}",
        seller_name=f"{where[1]}店{name}",
        seller_id=name,
        seller_region=where[0],
    )
    case = world.flag(item, verdict(item, contact=contact, certificate_kinds=(where[2],)))
    decide(world, case)
    return case


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    folder = tmp_path_factory.mktemp("limits")
    with pytest.MonkeyPatch.context() as patch, opened(folder) as office, running(office) as site:
        patch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
        world = World(office.engine)
        cases = {"in": _flag(world, "in", True), "out": _flag(world, "out", False)}
        cases["far"] = _flag(world, "far", False, "bazaar", "ot13900139000")
        casework.draft(office, None, HEAD)
        cases["near"] = _flag(world, "near", True)
        casework.draft(office, None, HEAD)
        link_now(office)
        by_count = {row["subject_id"]: row["cases"] for row in subjects.list_subjects(office)}
        numbers = [row["number"] for row in world.rows(s.takedown_letter)]
        letters = dict(zip(("far", "across", "inside"), numbers, strict=True))  # platforms by name: bazaar before plaza
        transfers = {}
        for name, ids in {"across": ("in", "out"), "far": ("far",), "inside": ("near",)}.items():
            done = transfer.draft(
                office,
                "clue",
                [cases[each] for each in ids],
                HEAD,
                receiver="police",
                reason="本地" if name == "inside" else "外地理由",
            )
            transfers[name] = done["number"]
        (across,) = [each for each, count in by_count.items() if count == 3]
        (far,) = [each for each, count in by_count.items() if count == 1]
        for role in ROLES:
            site.account(role, role, regions=["山西运城"])
        site.account("whole", "head")
        site.account("built", "head", families=["construction"])
        yield Market(site, world, letters, transfers, {"across": across, "far": far}, cases)


def _words(content: bytes) -> str:
    """A page, or all that stands in a file that is a ZIP."""
    try:
        with ZipFile(BytesIO(content)) as packed:
            return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    except BadZipFile:
        return unescape(content.decode("utf-8", "replace"))


def _crawled(client: Client, *starts: str) -> dict[str, str]:
    """What every page and file says to which the pages lead."""
    found: dict[str, str] = {}
    waiting = list(starts)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = client.get(path)
        if path.endswith(".xarf.zip") and answer.status == 404:
            continue  # none of the invented listings can be reported in that form
        assert answer.status == 200, path
        found[path] = _words(answer.data)
        for link in re.findall(
            r'(?:href|src)="(/(?:subject|takedown|transfer|cases/\d)[^"#]*)',
            text(answer) if "html" in answer.headers.get("content-type", "") else "",
        ):
            waiting.append(unescape(link))
    return found


@pytest.mark.parametrize("name", ["viewer", "built"])
def test_what_is_outside_is_nowhere_that_a_link_leads_to(market: Market, name: str) -> None:
    client = market.site.client(name)
    pages = _crawled(client, "/subject", "/takedown", "/transfer", "/subject?contact=ot13900139000")
    for path, page in pages.items():
        assert [each for each in OUTSIDE if each in page] == [], path
        for number in (market.letters["far"], market.transfers["far"]):
            assert number not in page, path
    across, letter = market.subjects["across"], market.letters["across"]
    assert {f"/subject/{across}", f"/subject/{across}/graph.svg", f"/takedown/{letter}"} <= pages.keys()
    assert f"/takedown/{market.letters['inside']}/files/{market.letters['inside']}.xlsx" in pages
    assert f"/transfer/{market.transfers['across']}" in pages
    assert f"/cases/{market.cases['out']}" not in pages
    assert f"/subject/{market.subjects['far']}" not in pages
    assert "清单 1 条" in pages[f"/takedown/{letter}"]
    assert re.search(r"<dt>案件</dt><dd>2（属实 2）", pages[f"/subject/{across}"])
    extract = f"/takedown/{letter}/files/{letter}-%E6%91%98%E5%BD%95.xlsx"
    assert "本地信息in" in pages[unescape(extract).replace("%E6%91%98%E5%BD%95", "摘录")]


@pytest.mark.parametrize("name", [*ROLES, "built"])
def test_numbers_that_are_guessed_give_nothing_and_nothing_is_done(market: Market, name: str) -> None:
    client = market.site.client(name)
    across, far, moved, gone = (
        market.letters["across"],
        market.letters["far"],
        market.transfers["across"],
        market.transfers["far"],
    )
    kinds = ("docx", "xlsx", "json", "xarf.zip", "eml", "csv")
    paths = [f"/takedown/{number}/files/{number}.{kind}" for number in (across, far) for kind in kinds]
    paths += [f"/takedown/{number}/attachments/{'0' * 64}" for number in (across, far)]
    paths += [f"/transfer/{number}/{end}" for number in (moved, gone) for end in ("package", f"papers/{'0' * 64}")]
    paths += [f"/takedown/{far}", f"/transfer/{gone}", f"/takedown/{far}/files/{far}-摘录.xlsx".replace("摘录", "%E6")]
    paths += [f"/subject/{market.subjects['far']}", f"/subject/{market.subjects['far']}/graph.svg"]
    paths += [f"/cases/{market.cases['far']}", "/reports", "/exports", "/sources", "/letters"]
    for path in paths:
        answer = client.get(path)
        assert answer.status in (403, 404), path
        assert '<header class="top">' in text(answer), path
        assert [each for each in OUTSIDE if each in text(answer)] == [], path
    same = [
        re.sub(r"\d+", "", text(client.get(path))) for path in ("/subject/999999", f"/subject/{market.subjects['far']}")
    ]
    assert same[0] == same[1], "what is outside is told as what there never was"
    before = {table: market.world.rows(table) for table in (s.takedown_step, s.transfer_step, s.subject_rule)}
    acts = [
        (
            f"/takedown/{number}/{act}",
            {"reason": "x", "to": "police", "seq": "1", "was": "a", "now": "b", "kind": "accepted"},
        )
        for number in (across, far)
        for act in (
            "check",
            "sign",
            "enter",
            "void",
            "mark-sent",
            "send",
            "settle",
            "reply",
            "withdraw",
            "correct",
            "escalate",
        )
    ]
    acts += [
        (f"/transfer/{number}/{act}", {"approve": "true", "step": "void", "reason": "x"})
        for number in (moved, gone)
        for act in ("decide", "facts", "send", "record")
    ]
    acts += [(f"/subject/{number}/split", {"accounts": "1", "reason": "x"}) for number in market.subjects.values()]
    acts += [("/subject/merge", {"ids": " ".join(map(str, market.subjects.values())), "reason": "x"})]
    acts += [("/takedown/remind", {"number": across})]
    token = client.token("/queue")
    for path, form in acts:
        answer = client.ask("POST", path, {"csrf": token, "accepted": "true", **form})
        assert answer.status in (403, 404), (path, answer.status)
    answer = client.post("/transfer/draft", {"cases": str(market.cases["far"]), "kind": "clue", "receiver": "police"})
    assert answer.status in (400, 403)
    client.ask("POST", "/takedown/draft", {"csrf": token})
    assert {table: market.world.rows(table) for table in before} == before


@pytest.mark.slow
def test_an_account_without_limits_sees_all_of_it(market: Market) -> None:
    pages = _crawled(market.site.client("whole"), "/subject", "/takedown", "/transfer")
    everything = "\n".join(pages.values())
    assert [each for each in OUTSIDE if each not in everything] == []
    assert f"/takedown/{market.letters['far']}/files/{market.letters['far']}.docx" in pages


def test_a_limited_account_drafts_and_works_what_is_its_own(market: Market) -> None:
    office, head = market.site.office, market.site.client("head")
    _flag(market.world, "out2", False)
    _flag(market.world, "in2", True)
    answer = head.post("/takedown/draft")
    assert answer.status == 303
    newest = market.world.rows(s.takedown_letter)[-1]["number"]
    page = text(head.get(f"/takedown/{newest}"))
    assert "本地信息in2" in page
    assert "外地" not in page
    assert head.post(f"/takedown/{newest}/check", page=f"/takedown/{newest}").status == 303
    report, _ = casework.draft(office, None, HEAD)
    assert "外地信息out2" in text(market.site.client("whole").get("/queue?state=all"))
    assert report.kept == 1, "what was outside still waits for somebody else"
