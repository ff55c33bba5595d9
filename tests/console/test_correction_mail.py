"""更正函 to offices by mail on the screens: ready files, sent once, unclear ones settled; of a 提请处置函 too."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from adwatch.app.office import Office
from adwatch.casework import sign_in
from adwatch.evidence.audit import verify_log
from adwatch.settings import Settings
from adwatch.store import schema as s
from tests.app.letter_server import Letters, serving
from tests.console.site import UNIT, Site, running, text
from tests.console.test_corrections import OURS, TRANSFER, corrected, went_out
from tests.store.world import World

NUMBER = OURS.rpartition("/")[2]
TABLE = "id,label,addressee,email,note\npolice,公安,公安机关,desk@police.example,\ncyberspace,网信,某市网信办,,\n"


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def site(tmp_path: Path, letters: Letters, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    (tmp_path / "data" / "tables").mkdir(parents=True)
    (tmp_path / "data" / "tables" / "takedown_escalations.csv").write_text(TABLE, encoding="utf-8")
    with serving(letters) as place:
        mail = {"smtp_url": f"smtp://{place}", "smtp_from": "desk@bureau.example"}
        given = Settings(home=tmp_path / "home", data=tmp_path / "data", unit=UNIT, **mail, _env_file=None)  # type: ignore[call-arg]
        with Office(given) as office, running(office) as made:
            for role in ("head", "viewer"):
                made.account(role, role)
            yield made


def signed(site: Site, about: str) -> None:
    head = site.client("head")
    assert head.post(f"/differing/{about}/correct", {"reason": "认定更正"}, page="/differing").status == 303
    head.post(f"{OURS}/check", page=OURS)
    facts = {"document_number": "某函〔2026〕3号", "signatory": "张局", "document_date": "2026-11-18"}
    assert head.post(f"{OURS}/sign", facts, page=OURS).status == 303


def test_it_is_sent_once_to_the_office_that_the_table_names(site: Site, tmp_path: Path, letters: Letters) -> None:
    went_out(site, tmp_path)
    corrected(site, 1)
    signed(site, TRANSFER)
    head, viewer = site.client("head"), site.client("viewer")
    assert 'value="desk@police.example"' in text(head.get(OURS))
    for end in ("docx", "xlsx", "json", "eml"):
        assert head.get(f"{OURS}/files/{NUMBER}.{end}").status == 200
    ready = message_from_bytes(head.get(f"{OURS}/files/{NUMBER}.eml").data, policy=default)
    assert ready["To"] == "desk@police.example"
    assert viewer.post(f"{OURS}/send", {"to": ""}, page=OURS).status == 403
    assert head.sure(f"{OURS}/send", {"to": "no address"}, page=OURS).status == 400
    letters.drops = "after"
    assert head.sure(f"{OURS}/send", {"to": ""}, page=OURS).status == 303
    assert "邮件是否送达不明" in text(head.get(OURS))
    assert head.sure(f"{OURS}/mark-sent", page=OURS).status == 400, "a person finds out first"
    told = {"accepted": "false", "reason": "电话问过"}
    assert viewer.post(f"{OURS}/settle", told, page=OURS).status == 403
    assert head.sure(f"{OURS}/settle", told, page=OURS).status == 303
    letters.drops = ""
    assert head.sure(f"{OURS}/send", {"to": ""}, page=OURS).status == 303
    assert letters.receivers[-1] == ["desk@police.example"]
    assert "邮件服务器已接收" in text(head.get(OURS))
    assert TRANSFER not in text(head.get("/differing"))
    assert head.sure(f"{OURS}/send", {"to": ""}, page=OURS).status == 400, "it went out"
    assert len(letters.taken) == 2, "the unclear one, of which a person said that it had not come, and this"
    log = text(head.get("/audit"))
    assert "准备发送更正函邮件" in log and "更正函邮件结果" in log
    assert verify_log(site.office.engine).fault is None


def test_the_office_that_was_asked_to_act_gets_one_too(site: Site, tmp_path: Path) -> None:
    request = went_out(site, tmp_path)
    head, world = site.client("head"), World(site.office.engine)
    given = {"to": "cyberspace", "reason": "逾期未处置"}
    assert head.post(f"/takedown/{request}/escalate", given, page=f"/takedown/{request}").status == 303
    (told,) = [row["number"] for row in world.rows(s.takedown_letter) if row["kind"] == "escalate"]
    head.sure(f"/takedown/{told}/mark-sent", page=f"/takedown/{told}")
    label = corrected(site, 1)
    assert "应向该单位另发更正函" in text(head.get("/differing"))
    signed(site, told)
    page = text(head.get(OURS))
    assert label in page and "某市网信办" in page and f'href="/takedown/{told}"' in page
    assert "表中没有，请人工发出后登记" in page
    assert "没有某市网信办的联络员邮箱" in text(head.sure(f"{OURS}/send", {"to": ""}, page=OURS))
    assert head.sure(f"{OURS}/mark-sent", page=OURS).status == 303
    left = text(head.get("/differing"))
    assert told not in left and request in left and TRANSFER in left
    assert f'href="{OURS}"' in text(head.get(f"/takedown/{told}"))
