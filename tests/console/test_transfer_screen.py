from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from adwatch.app import package
from adwatch.app.office import Office
from adwatch.app.transfer_form import addressed
from adwatch.casework import sign_in
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.settings import load_settings
from adwatch.store import schema as s
from tests.casework.sealed_case import sealed_case
from tests.console.site import Client, Site, opened, running, text
from tests.store.world import World

NUMBER = "ADW-TR-2026-0001"
PAGE = f"/transfer/{NUMBER}"
HOSTILE = "<script>alert(1)</script>\u202e'\"><img src=x onerror=alert(2)>"
PHONE = "13800138000"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office:
        sealed_case(World(office.engine), office.home, stamped=False)
        with running(office) as made:
            for role in ("head", "reviewer", "monitor", "viewer"):
                made.account(role, role)
            yield made


def upload(client: Client, path: str, fields: dict[str, Any]) -> Any:
    """A form with files, as a browser sends it."""
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    sent = {"csrf": client.token(PAGE), **fields}
    return client.pool.request("POST", client.base + path, fields=sent, headers=cookie, redirect=False)


FORM = {
    "cases": "1",
    "kind": "case",
    "receiver": "police",
    "addressee": "某市公安局",
    "officers": "李四:执法0001\n王五：执法0002",
    "reason": HOSTILE,
}


def test_a_crime_goes_from_draft_to_answer_by_clicking(site: Site, tmp_path: Path) -> None:
    reviewer, head = site.client("reviewer"), site.client("head")
    assert reviewer.post("/transfer/draft", FORM, page="/transfer").status == 303
    shown = text(reviewer.get(PAGE))
    assert "拟移送" in shown and "尚缺" in shown and "执法0002" in shown
    assert "<script>alert(1)" not in shown and "<img src=x" not in shown
    assert PHONE not in shown
    assert "负责人作出批准" in text(reviewer.get("/transfer"))
    assert reviewer.post(f"{PAGE}/decide", {"approve": "true"}, page=PAGE).status == 403
    assert head.sure(f"{PAGE}/decide", {"approve": "true"}, page=PAGE).status == 303
    assert reviewer.sure(f"{PAGE}/send", page=PAGE).status == 400, "no expert's report yet"
    scan = ("../鉴定.pdf", b"%PDF-1.7 expert", "application/pdf")
    assert upload(reviewer, f"{PAGE}/attach", {"kind": "expert_report", "file": scan}).status == 303
    facts = {"document_number": "某市监移〔2026〕3号", "signatory": "张局", "document_date": "2026-11-28"}
    assert reviewer.post(f"{PAGE}/facts", facts, page=PAGE).status == 303
    assert reviewer.sure(f"{PAGE}/send", page=PAGE).status == 303
    answer = reviewer.get(f"{PAGE}/package")
    assert answer.status == 200
    (tmp_path / "p.zip").write_bytes(answer.data)
    assert package.verify(tmp_path / "p.zip")["ok"]
    assert "papers/01-letter.docx" in ZipFile(BytesIO(answer.data)).namelist()
    receipt = ("回执.png", b"\x89PNG\r\n\x1a\n..", "image/png")
    given = {"step": "received", "reference": "回执5号", "scan": receipt}
    assert upload(reviewer, f"{PAGE}/record", given).status == 303
    assert reviewer.post(f"{PAGE}/record", {"step": "not_filed"}, page=PAGE).status == 400, "a reason is needed"
    assert reviewer.post(f"{PAGE}/record", {"step": "filed", "reference": "立字8号"}, page=PAGE).status == 303
    shown = text(reviewer.get(PAGE))
    assert "公安立案" in shown and "回执5号" in shown and "立字8号" in shown
    papers = World(site.office.engine).rows(s.attachment, subject="transfer")
    assert sorted(row["kind"] for row in papers) == ["expert_report", "receipt"]
    assert reviewer.get(f"{PAGE}/papers/{papers[0]['sha256']}").data == b"%PDF-1.7 expert"
    log = [row["action"] for row in World(site.office.engine).rows(s.audit_entry) if row["subject"] == "transfer"]
    assert "transfer.taken" in log, "who took raw evidence is logged"
    assert verify_log(site.office.engine).fault is None


def test_who_may_not_is_refused_and_changes_nothing(site: Site) -> None:
    for name in ("monitor", "viewer"):
        client = site.client(name)
        assert client.post("/transfer/draft", FORM).status in (403, 404), name
    assert World(site.office.engine).rows(s.transfer) == []
    reviewer, viewer = site.client("reviewer"), site.client("viewer")
    assert reviewer.post("/transfer/draft", FORM, page="/transfer").status == 303
    for path, form in (
        ("decide", {"approve": "true"}),
        ("facts", {"document_number": "1"}),
        ("send", {}),
        ("record", {"step": "void", "reason": "x"}),
    ):
        assert viewer.post(f"{PAGE}/{path}", form).status == 403, path
    assert viewer.get(f"{PAGE}/package").status == 403
    assert viewer.get(f"{PAGE}/papers/{'0' * 64}").status == 403
    assert World(site.office.engine).rows(s.transfer)[0]["step"] == "draft"


@pytest.mark.parametrize(
    "changed",
    [
        {"cases": "999"},
        {"cases": ""},
        {"officers": "李四"},
        {"officers": "李四:1"},
        {"kind": "gift"},
        {"receiver": "host"},
    ],
)
def test_a_mistake_in_the_form_is_said(site: Site, changed: dict[str, str]) -> None:
    client = site.client("reviewer")
    assert client.post("/transfer/draft", {**FORM, **changed}, page="/transfer").status in (400, 422)
    assert World(site.office.engine).rows(s.transfer) == []
    assert client.get("/transfer/ADW-TR-2026-9999").status == 404
    assert client.get("/transfer?kind=gift").status == 400


@pytest.mark.parametrize(("field", "said"), [("addressee", "没有填写主送单位全称"), ("reason", "没有填写移送理由")])
def test_whom_it_goes_to_and_why_is_asked_for_by_name(site: Site, field: str, said: str) -> None:
    client, world = site.client("reviewer"), World(site.office.engine)
    answer = client.post("/transfer/draft", {**FORM, field: "  "}, page="/transfer")
    assert (answer.status, said in text(answer), "adwatch transfer" in text(answer)) == (400, True, False)
    assert world.rows(s.transfer) == []


def test_the_office_s_table_gives_the_whole_name(tmp_path: Path) -> None:
    (folder := tmp_path / "data" / "routing").mkdir(parents=True)
    (folder / "authorities.csv").write_text("id,label,addressee,way,days,note\npolice,公安,某县公安局,letter,5,\n")
    with Office(load_settings(home=tmp_path / "home", data=tmp_path / "data", _env_file=None)) as office:
        assert addressed(office, "police", " ", "涉嫌") == "某县公安局"
        assert addressed(office, "police", "另一局", "涉嫌") == "另一局"
        with pytest.raises(UsageError, match="没有填写主送单位全称"):
            addressed(office, "cyberspace", "", "涉嫌")


def test_it_is_voided_by_a_page_that_asks_and_the_date_stands_at_today(site: Site) -> None:
    client, world = site.client("reviewer"), World(site.office.engine)
    client.post("/transfer/draft", FORM, page="/transfer")
    today = site.office.clock.now().astimezone(site.office.settings.zone).date().isoformat()
    page = text(client.get(PAGE))
    assert f'name="document_date" type="date" max="9999-12-31" value="{today}"' in page
    assert '<option value="void"' not in page and 'name="step" value="void"' in page
    gone = {"step": "void", "reason": "拟错"}
    assert "作废后本件移送不能再恢复" in text(client.post(f"{PAGE}/record", gone, page=PAGE))
    assert world.rows(s.transfer)[0]["step"] == "draft"
    assert client.sure(f"{PAGE}/record", gone, page=PAGE).status == 303
    assert world.rows(s.transfer)[0]["step"] == "void"
