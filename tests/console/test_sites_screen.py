"""网站: from a site that was met to letters by clicking; roles and limits; nothing hostile runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from adwatch.app import site_capture
from adwatch.app import sites as work
from adwatch.app.office import Office
from adwatch.app.sightings import Sighting, record_sightings
from adwatch.casework import sign_in
from adwatch.models import Actor
from adwatch.settings import Settings
from adwatch.store import schema as s
from adwatch.store import sites as store
from adwatch.store.engine import reading, writing
from tests.app.site_server import Page, SiteServer, lay_out, site_server
from tests.app.sites_world import DAY, OFFER, offer, put
from tests.console.site import Site, running, text
from tests.store.world import World

HOST = "cx.mem.gov.cn.zscx-online.cn"
HOSTILE = "<script>alert(1)</script>国家安全生产考式"
ACTOR = Actor("张三", "某市应急管理局")


@dataclass
class Shown:
    site: Site
    server: SiteServer
    numbers: dict[str, int]
    case: int


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    home = tmp_path_factory.mktemp("sites") / "home"
    settings = Settings(home=home, unit=ACTOR.unit, contact="t@t.example", chromium="no-such-browser")
    with pytest.MonkeyPatch.context() as patch, site_server(patch) as server, Office(settings) as office:
        patch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
        patch.setattr(site_capture, "Manners", lambda: server.manners)
        first, twin = lay_out(server, "01.html").popitem()[1], "http://plain-k3.example/"
        server.put("plain-k3.example", Page(server.pages[HOST].body))
        key = put(office, [offer(1, OFFER)])["g1"]
        record_sightings(office, [Sighting(first, "qr", key), Sighting(twin, "person")], DAY)
        record_sightings(office, [Sighting("http://cx-mem-gov.top/q?<img src=x onerror=alert(3)>", "qr")], DAY)
        work.add(office, "account", HOSTILE, ACTOR, subject="<b>某公司</b>")
        found = {row["name"]: row for row in work.look(office, [HOST, "plain-k3.example"], ACTOR)}
        with running(office) as made:
            for role in ("head", "reviewer", "monitor", "viewer"):
                made.account(role, role)
            made.account("building", "reviewer", families=["construction"])
            rows = {row["name"]: row["id"] for row in World(office.engine).rows(s.site)}
            yield Shown(made, server, rows, found[HOST]["case_id"])


def test_a_site_goes_from_why_to_letters_by_clicking(shown: Shown) -> None:
    where = f"/sites/{shown.numbers[HOST]}"
    monitor, reviewer = shown.site.client("monitor"), shown.site.client("reviewer")
    today = text(monitor.get("/today"))
    assert "等人甄别" in today and "还没有查看" in today and "/sites?shown=waiting" in today
    listed = text(monitor.get("/sites"))
    assert HOST in listed and "cx-mem-gov.top" not in listed
    assert "cx-mem-gov.top" in text(monitor.get("/sites?shown=unseen"))
    assert HOST not in text(monitor.get("/sites?kind=account")) and "plain-k3" in text(monitor.get("/sites?name=plain"))
    assert monitor.get("/sites?shown=nothing").status == 400
    page = text(monitor.get(where))
    for words in ("二维码", f"/cases/{shown.case}", "线索登记或者排除", "+2.", "plain-k3.example", "127.0.0.1"):
        assert words in page, words
    assert "网页归档" in page and "查看未脱敏内容" not in page  # a monitor may not unmask
    assert monitor.post(f"{where}/act", {"verb": "register"}, page=where).status == 303
    assert monitor.post(f"{where}/act", {"verb": "confirm", "reason": "仿冒"}, page=where).status == 403
    assert reviewer.post(f"{where}/act", {"verb": "transfer"}, page=where).status == 400
    assert reviewer.post(f"{where}/route", page=where).status == 400  # not confirmed yet
    before = len(World(shown.site.office.engine).rows(s.site_look))
    assert reviewer.post(f"{where}/look", page=where).status == 303
    assert len(World(shown.site.office.engine).rows(s.site_look)) == before + 1
    assert reviewer.post(f"{where}/act", {"verb": "confirm", "reason": "页面仿冒"}, page=where).status == 303
    assert "按分派表拟函" in text(reviewer.get(where))
    assert reviewer.post(f"{where}/route", page=where).status == 303
    page = text(reviewer.get(where))
    assert page.count("ADW-TR-") >= 4 and "每日核验" in page and "查看未脱敏内容" in page
    raw = text(reviewer.post(f"/cases/{shown.case}/unmask", {"reason": "核对"}, page=where))
    assert "/capture/" in raw
    acts = [row["person"] for row in World(shown.site.office.engine).rows(s.decision)]
    assert acts == ["人员reviewer"]
    assert "graphml" in text(reviewer.get(f"{where}/network.graphml"))


def test_a_reviewer_settles_a_doubt_by_clicking_and_nobody_twice(shown: Shown) -> None:
    office, made = shown.site.office, {}
    with writing(office.engine) as connection:
        for host, families in (("doubt-a.example", ["special_operations"]), ("doubt-b.example", [])):
            met = {"url": f"http://{host}/", "first_seen_at": office.clock.now(), "first_day": DAY}
            about: Any = {"verdict": "other", "score": 0.0, "why": [], "families": families, "about": {}}
            row, _ = store.keep_site(connection, "site", host, **met, **about)
            store.change_site(connection, row["id"], band="review", word="doubtful", looked_at=office.clock.now())
            made[host] = f"/sites/{row['id']}"
    first, second = made.values()
    monitor, reviewer, head = (shown.site.client(each) for each in ("monitor", "reviewer", "head"))
    limited = shown.site.client("building")
    assert "doubt-a.example" in text(reviewer.get("/sites?shown=doubtful"))
    assert '/doubt"' not in text(monitor.get(first)) and '/doubt"' in text(reviewer.get(first))
    given = {"verb": "open", "reason": "冒用<b>名义", "family": "special_operations"}
    assert monitor.post(f"{first}/doubt", given, page=first).status == 403
    assert limited.post(f"{first}/doubt", given, page="/queue").status == 404  # another authority's families
    assert reviewer.post(f"{first}/doubt", {"verb": "open"}, page=first).status == 400  # no reason
    assert reviewer.post(f"{first}/doubt", {"verb": "burn", "reason": "x"}, page=first).status == 400
    assert reviewer.post(f"{first}/doubt", given, page=first).status == 303
    page = text(head.get(first))
    assert "由人立案" in page and "/cases/" in page and "<b>名义" not in page and '/doubt"' not in page
    assert head.post(f"{first}/doubt", {**given, "verb": "dismiss"}, page=first).status == 400
    assert head.post(f"{second}/doubt", {"verb": "dismiss", "reason": "企业台账"}, page=second).status == 303
    page = text(reviewer.get(second))
    assert "由人排除" in page and "企业台账" in page and "不再自动查看" in page
    assert "doubt-b.example" not in text(reviewer.get("/sites?shown=doubtful"))
    assert "doubt-b.example" in text(reviewer.get("/sites?shown=clear"))
    acts = [(row["person"], row["action"]) for row in World(office.engine).rows(s.audit_entry)]
    assert ("人员reviewer", "site.opened") in acts and ("人员head", "site.dismissed") in acts


def test_who_may_only_look_changes_nothing_and_what_is_outside_is_unknown(shown: Shown) -> None:
    viewer, limited, site = shown.site.client("viewer"), shown.site.client("building"), shown.numbers[HOST]
    state = _state(shown.site.office)
    for act, form in (("look", {}), ("act", {"verb": "register"}), ("route", {})):
        assert viewer.post(f"/sites/{site}/{act}", form, page="/queue").status == 403, act
        assert limited.post(f"/sites/{site}/{act}", form, page="/queue").status in (403, 404), act
    assert viewer.post("/sites/add", {"name": "http://x-mem-gov.top/"}, page="/queue").status == 403
    assert limited.post("/sites/add", {"name": "http://x-mem-gov.top/"}, page="/queue").status == 403
    assert _state(shown.site.office) == state
    assert HOST in text(viewer.get("/sites?shown=all")) and HOST not in text(limited.get("/sites?shown=all"))
    answers = [limited.get(f"/sites/{number}") for number in (site, 99_999)]
    assert [each.status for each in answers] == [404, 404]
    twin = shown.numbers["plain-k3.example"]
    assert HOST not in text(limited.get(f"/sites/{twin}"))
    assert limited.get(f"/sites/{site}/network.json").status in (403, 404)


def test_hostile_names_stand_as_text_and_a_report_is_entered(shown: Shown) -> None:
    monitor = shown.site.client("monitor")
    form = {"kind": "app", "name": "特种作业证书查询<img src=x onerror=alert(2)>", "subject": "某<b>公司"}
    assert monitor.post("/sites/add", form, page="/sites").status == 303
    assert monitor.post("/sites/add", {"kind": "site", "name": "https://cx.mem.gov.cn/"}, page="/sites").status == 400
    for number in World(shown.site.office.engine).rows(s.site):
        for page in (f"/sites/{number['id']}", "/sites?shown=all"):
            made = text(monitor.get(page))
            assert not any(bad in made for bad in ("<script>alert", "<img src", "<b>某公司", "某<b>公司")), page


def _state(office: Office) -> list[Any]:
    world = World(office.engine)
    with reading(office.engine):
        return [world.rows(table) for table in (s.site, s.site_look, s.case, s.transfer_step)]
