"""更正函 to offices by mail: with its list, once whatever breaks, all that are due in one go, killed in between."""

from __future__ import annotations

import os
import signal
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from adwatch.app import correction_letters as app
from adwatch.app import correction_send as sending
from adwatch.app import schedule_takedown, takedown_send
from adwatch.app.office import Office
from adwatch.casework import review
from adwatch.casework.correction_sheet import SHEET, correction_sheet
from adwatch.errors import SettingsError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.settings import load_settings
from adwatch.store import schema as s
from tests.app.letter_server import Letters, serving
from tests.casework.office import UNIT, ZONE, confirmed
from tests.casework.paperwork import LI, WANG
from tests.casework.test_differing_sent import moved
from tests.casework.test_takedown_forms import HOSTILE
from tests.processes import run_python
from tests.store.world import World

TRANSFER, OURS, TO = "ADW-TR-2026-0001", "ADW-CL-2026-0001", "desk@police.example"
TABLE = "id,label,addressee,email,note\npolice,公安,公安机关,{},\ncyberspace,网信,,,\n"
SEND = (
    "from adwatch.app import open_office, correction_send; from adwatch.models import Actor\n"
    "with open_office() as office:\n"
    f"    correction_send.send(office, {OURS!r}, Actor('王芳', '某局'))\n"
)


@contextmanager
def office(home: Path, email: str = TO, signed: bool = True, **settings: Any) -> Iterator[tuple[Office, World]]:
    """An office whose transfer was corrected since, with a 更正函 of it."""
    (home / "tables").mkdir(parents=True, exist_ok=True)
    (home / "tables" / "takedown_escalations.csv").write_text(TABLE.format(email), encoding="utf-8")
    given = {"smtp_from": "desk@bureau.example", "data": home, "_env_file": None, **settings}
    with Office(load_settings(home=home, unit="某局", **given)) as here:
        world = World(here.engine)
        if not world.rows(s.transfer):
            confirmed(world, "1")
            moved(world, home, 1)
            about: dict[str, Any] = {
                "corrected": {"types": ["forged_or_traded"]},
                "now": world.tick(minutes=1),
                "zone": ZONE,
            }
            report, _ = review.decide(here.engine, [1], "confirm", "张三", UNIT, "更正", **about)
            assert report.kept == 1
            app.draft(here, TRANSFER, LI, "认定更正")
            if signed:
                sign(here)
        yield here, world


def sign(here: Office) -> None:
    app.check(here, OURS, LI)
    app.sign(here, OURS, WANG, {"document_number": "某函〔2026〕3号", "signatory": "张局"})


def test_it_goes_out_once_with_its_list_and_mends(tmp_path: Path) -> None:
    letters = Letters()
    with serving(letters) as place, office(tmp_path, smtp_url=f"smtp://{place}") as (here, world):
        made = {file.name.rpartition(".")[2]: file for file in app.files(here, OURS, receivers=[TO])}
        assert list(made) == ["docx", "xlsx", "json", "eml"]
        ready = message_from_bytes(made["eml"].content, policy=default)
        assert (ready["To"], ready["From"]) == (TO, "desk@bureau.example")
        row = sending.send(here, OURS, WANG)
        assert (row["outcome"], row["step"], row["warning"], row["receivers"]) == ("accepted", "sent", None, [TO])
        with pytest.raises(UsageError, match="不再发送"):
            sending.send(here, OURS, WANG)
        assert letters.receivers == [[TO]]
        mail = message_from_bytes(letters.taken[0], policy=default)
        assert mail["Subject"] == f"{UNIT}关于更正有关移送内容的函（某函〔2026〕3号）"
        files = list(mail.iter_attachments())
        assert [part.get_filename() for part in files] == [f"{OURS}.{end}" for end in ("docx", "xlsx", "json")]
        assert files[1].get_content() == made["xlsx"].content
        assert [each["how"] for each in world.rows(s.differing)] == ["mended"]
        (kept,) = world.rows(s.attachment, subject="correction_letter")
        assert kept["kind"] == "mail"
        assert app.show(here, OURS)["scans"] == [], "a mail is no sealed scan"
        acts = [each["action"] for each in world.rows(s.audit_entry)][-3:]
        assert acts == ["correction.mail-intent", "correction.mail-outcome", "correction.sent"]
        assert verify_log(here.engine).fault is None


def test_its_list_is_text_in_every_cell() -> None:
    rows = [
        {"seq": at, "lead_number": "ADW-2026-000001", "url": f"https://a.example/{each}", "was": each, "now": each}
        for at, each in enumerate(HOSTILE, 1)
    ]
    about = {"number": OURS, "paper": "transfer", "unit": UNIT, "drafted_at": "2026-11-18T12:00:00+08:00"}
    made = correction_sheet({**about, "listings": rows})
    assert made == correction_sheet({**about, "listings": rows}), "equal content, equal bytes"
    with zipfile.ZipFile(BytesIO(made)) as book:
        xml = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "<f>" not in xml and "<hyperlink" not in xml
    cells = CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_name(SHEET).to_python()
    assert cells[0] == ["序号", "线索编号", "链接（URL）", "原文所载", "更正为"]
    assert len(cells) == len(HOSTILE) + 1
    assert cells[1][3] == HOSTILE[0]
    assert not {"\x01", "\x1b", "\u202e"} & set(str(cells))


def test_the_sealed_scan_goes_in_the_place_of_the_draft(tmp_path: Path) -> None:
    letters = Letters()
    (tmp_path / "用印.pdf").write_bytes(b"%PDF-1.4 sealed")
    with serving(letters) as place, office(tmp_path, smtp_url=f"smtp://{place}") as (here, _):
        app.enter(here, OURS, WANG, {}, tmp_path / "用印.pdf")
        sending.send(here, OURS, WANG)
    first = next(iter(message_from_bytes(letters.taken[0], policy=default).iter_attachments()))
    assert (first.get_filename(), first.get_content()) == (f"{OURS}.pdf", b"%PDF-1.4 sealed")


def test_refused_and_dropped_before_it_is_tried_again_dropped_after_it_a_person_settles(tmp_path: Path) -> None:
    letters = Letters(unknown=("nobody@police.example",))
    with serving(letters) as place, office(tmp_path, smtp_url=f"smtp://{place}") as (here, world):
        row = sending.send(here, OURS, WANG, [TO, "nobody@police.example"])
        assert (row["outcome"], row["step"]) == ("refused", "signed")
        letters.drops = "before"
        assert sending.send(here, OURS, WANG)["outcome"] == "failed"
        assert letters.taken == []
        letters.drops = "after"
        assert sending.send(here, OURS, WANG)["outcome"] == "unclear"
        for act in (
            lambda: sending.send(here, OURS, WANG),
            lambda: app.void(here, OURS, WANG, "x"),
            lambda: app.mark_sent(here, OURS, WANG),
        ):
            with pytest.raises(UsageError, match=r"尚不清楚.*settle"):
                act()
        assert world.rows(s.differing)[0]["how"] is None, "nothing is mended while it is unclear"
        with pytest.raises(UsageError, match="reason"):
            sending.settle(here, OURS, True, WANG, " ")
        assert sending.settle(here, OURS, True, WANG, "电话核实已收到")["step"] == "sent"
        assert world.rows(s.differing)[0]["how"] == "mended"
        with pytest.raises(UsageError, match="没有结果不明的邮件"):
            sending.settle(here, OURS, True, WANG, "再来一次")
        assert [each["outcome"] for each in world.rows(s.correction_mail)] == ["refused", "failed", "settled_accepted"]
        assert verify_log(here.engine).fault is None
    assert len(letters.taken) == 1


@pytest.mark.parametrize(("failpoint", "arrived"), [("mail.before_send", 0), ("mail.after_send", 1)])
def test_killed_in_between_it_is_never_sent_twice(tmp_path: Path, failpoint: str, arrived: int) -> None:
    letters = Letters()
    with serving(letters) as place, office(tmp_path, smtp_url=f"smtp://{place}") as (here, world):
        told = {"ADWATCH_HOME": str(tmp_path), "ADWATCH_DATA": str(tmp_path), "ADWATCH_SMTP_URL": f"smtp://{place}"}
        told |= {"ADWATCH_UNIT": "某局", "ADWATCH_SMTP_FROM": "desk@bureau.example", "ADWATCH_FAILPOINT": failpoint}
        done = run_python(("-c", SEND), {**os.environ, **told})
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        assert len(letters.taken) == arrived
        with pytest.raises(UsageError, match="尚不清楚"):
            sending.send(here, OURS, WANG)
        settled = sending.settle(here, OURS, bool(arrived), WANG, "查邮件服务器日志")
        assert settled["step"] == ("signed", "sent")[arrived]
        if not arrived:
            assert sending.send(here, OURS, WANG)["outcome"] == "accepted"
        assert len(letters.taken) == 1
        assert world.rows(s.differing)[0]["how"] == "mended"
        assert verify_log(here.engine).fault is None


def test_what_is_not_ready_or_has_no_address_is_said(tmp_path: Path) -> None:
    with office(tmp_path / "a") as (here, _), pytest.raises(SettingsError, match="mark-sent"):
        sending.send(here, OURS, WANG)
    with office(tmp_path / "b", email="", smtp_url="smtp://127.0.0.1:1") as (here, world):
        with pytest.raises(UsageError, match=r"没有公安机关的联络员邮箱.*由人工发出"):
            sending.send(here, OURS, WANG)
        with pytest.raises(UsageError, match="no mail address"):
            sending.send(here, OURS, WANG, ["a b@c.example"])
        assert world.rows(s.correction_mail) == []
        assert app.mark_sent(here, OURS, WANG)["step"] == "sent", "by hand, as before"
    with office(tmp_path / "c", signed=False, smtp_url="smtp://127.0.0.1:1") as (here, world):
        with pytest.raises(UsageError, match="审核、签发用印、文号、签发人"):
            sending.send(here, OURS, WANG)
        sign(here)
        about: dict[str, Any] = {"now": world.tick(minutes=1), "zone": ZONE}
        review.decide(here.engine, [1], "dismiss", "张三", UNIT, "不属实", **about)
        with pytest.raises(UsageError, match=r"已另有认定.*differing void"):
            sending.send(here, OURS, WANG)
        assert world.rows(s.correction_mail) == []


def test_what_is_due_goes_out_with_the_letters_to_platforms_and_by_schedule(tmp_path: Path) -> None:
    letters, params = Letters(), {"by": "王芳", "approval": None}
    with serving(letters) as place, office(tmp_path, signed=False, smtp_url=f"smtp://{place}") as (here, world):
        sent, refused = takedown_send.send_due(here, WANG)
        assert (sent, len(refused), letters.taken) == ([], 1, [])
        assert OURS in refused[0] and "签发用印" in refused[0], "nothing goes out unsigned"
        sign(here)
        made = schedule_takedown.batch(here, params)
        assert OURS in made["numbers"]
        assert f"{OURS} 致 公安机关：更正 1 条" in made["text"]
        done = schedule_takedown.send(here, params, made, None)
        assert OURS in [row["number"] for row in done["sent"]]
        assert OURS in schedule_takedown.summary(here, made, done)
        again = schedule_takedown.send(here, params, made, None)
        assert OURS not in [row["number"] for row in again["sent"]]
        assert letters.receivers == [[TO]], "once, whoever asks again"
        assert world.rows(s.differing)[0]["how"] == "mended"


def test_without_a_mail_server_the_schedule_leaves_it_to_a_person(tmp_path: Path) -> None:
    params = {"by": "王芳", "approval": None}
    with office(tmp_path) as (here, _):
        made = schedule_takedown.batch(here, params)
        assert OURS not in made["numbers"]
        schedule_takedown.send(here, params, made, None)
        assert app.show(here, OURS)["step"] == "signed"
