from __future__ import annotations

import os
import signal
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import casework, schedule_takedown, takedown_send
from adwatch.app import takedown as app
from adwatch.app.office import Office
from adwatch.errors import SettingsError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.settings import load_settings
from adwatch.store import schema as s
from adwatch.store.engine import writing
from tests.app.letter_server import Letters, serving
from tests.casework.office import confirmed, draft
from tests.casework.paperwork import LI, NUMBER, WANG
from tests.processes import run_python
from tests.store.world import World

TO = "legal@plaza.example"
SEND = (
    "from adwatch.app import open_office, takedown; from adwatch.models import Actor\n"
    "with open_office() as office:\n"
    f"    takedown.send(office, {NUMBER!r}, Actor('王芳', '某局'), ['{TO}'])\n"
)


@contextmanager
def _office(home: Path, **settings: Any) -> Iterator[tuple[Office, World]]:
    """An office with a signed letter, at the real time, as a sender has it."""
    with Office(load_settings(home=home, unit="某局", smtp_from="desk@bureau.example", **settings)) as office:
        world = World(office.engine)
        if not world.rows(s.takedown):
            confirmed(world, "1", "2")
            draft(world, home)
            app.check(office, NUMBER, LI)
            app.sign(office, NUMBER, WANG, document_number="某市监函〔2026〕12号", signatory="张局")
        yield office, world


def _step(world: World) -> str:
    return str(world.rows(s.takedown_letter)[0]["step"])


def test_a_letter_goes_out_once_with_all_its_files(tmp_path: Path) -> None:
    letters = Letters()
    with serving(letters) as place, _office(tmp_path, smtp_url=f"smtp://{place}") as (office, world):
        row = app.send(office, NUMBER, WANG, [TO])
        assert (row["outcome"], row["step"]) == ("accepted", "sent")
        assert "4711" in row["answer"]
        with pytest.raises(UsageError, match="不再发送"):
            app.send(office, NUMBER, WANG, [TO])
        assert letters.receivers == [[TO]]
        mail = message_from_bytes(letters.taken[0], policy=default)
        assert mail["Subject"] == "某市应急管理局关于协助核查处置涉嫌违法证书类信息的函（某市监函〔2026〕12号）"
        assert mail["From"] == "desk@bureau.example"
        names = [part.get_filename() for part in mail.iter_attachments()]
        assert names == [f"{NUMBER}.{end}" for end in ("docx", "xlsx", "json", "xarf.zip")]
        (kept,) = world.rows(s.attachment)
        sealed = tmp_path / "attachments" / kept["sha256"][:2] / kept["sha256"]
        assert sealed.read_bytes().rstrip() == letters.taken[0].rstrip(), "what was sent is kept as it was sent"
        assert [each["step"] for each in world.rows(s.track)] == ["sent", "sent"]
        assert world.rows(s.takedown)[0]["sent_by"] == "王芳"
        assert verify_log(office.engine).fault is None


def test_the_sealed_scan_goes_in_the_place_of_the_draft(tmp_path: Path) -> None:
    letters = Letters()
    (tmp_path / "用印.pdf").write_bytes(b"%PDF-1.4 sealed")
    with serving(letters) as place, _office(tmp_path, smtp_url=f"smtp://{place}") as (office, _):
        app.enter(office, NUMBER, WANG, {}, tmp_path / "用印.pdf")
        app.send(office, NUMBER, WANG, [TO])
    mail = message_from_bytes(letters.taken[0], policy=default)
    first = next(iter(mail.iter_attachments()))
    assert (first.get_filename(), first.get_content_type()) == (f"{NUMBER}.pdf", "application/pdf")
    assert first.get_content() == b"%PDF-1.4 sealed"


def test_a_refused_receiver_is_told_nobody_gets_it_and_it_may_be_sent_again(tmp_path: Path) -> None:
    letters = Letters(unknown=("nobody@plaza.example",))
    with serving(letters) as place, _office(tmp_path, smtp_url=f"smtp://{place}") as (office, world):
        row = app.send(office, NUMBER, WANG, [TO, "nobody@plaza.example"])
        assert (row["outcome"], row["step"]) == ("refused", "signed")
        assert row["answer"].startswith("nobody@plaza.example: 550 5.1.1")
        assert letters.taken == []
        assert app.send(office, NUMBER, WANG, [TO])["outcome"] == "accepted"
        assert [(each["outcome"], each["message_id"]) for each in world.rows(s.takedown_mail)] == [
            ("refused", f"<{NUMBER}.1@bureau.example>"),
            ("accepted", f"<{NUMBER}.2@bureau.example>"),
        ]


def test_a_connection_dropped_before_the_message_may_be_tried_again(tmp_path: Path) -> None:
    letters = Letters(drops="before")
    with serving(letters) as place, _office(tmp_path, smtp_url=f"smtp://{place}") as (office, _):
        assert app.send(office, NUMBER, WANG, [TO])["outcome"] == "failed"
        letters.drops = ""
        assert app.send(office, NUMBER, WANG, [TO])["outcome"] == "accepted"
    assert len(letters.taken) == 1


def test_a_connection_dropped_after_the_message_is_for_a_person_to_settle(tmp_path: Path) -> None:
    letters = Letters(drops="after")
    with serving(letters) as place, _office(tmp_path, smtp_url=f"smtp://{place}") as (office, world):
        assert app.send(office, NUMBER, WANG, [TO])["outcome"] == "unclear"
        for act in (
            lambda: app.send(office, NUMBER, WANG, [TO]),
            lambda: app.void(office, NUMBER, WANG, "x"),
        ):
            with pytest.raises(UsageError, match=r"尚不清楚.*settle"):
                act()
        report, _ = casework.mark_sent(office, [NUMBER], "王芳", None)
        assert dict(report.dropped) == {"unclear_mail": 1}
        with pytest.raises(UsageError, match="reason"):
            app.settle(office, NUMBER, True, WANG, " ")
        assert app.settle(office, NUMBER, True, WANG, "电话核实已收到")["step"] == "sent"
        with pytest.raises(UsageError, match="没有结果不明的邮件"):
            app.settle(office, NUMBER, True, WANG, "再来一次")
        assert [each["outcome"] for each in world.rows(s.takedown_mail)] == ["settled_accepted"]
        assert verify_log(office.engine).fault is None
    assert len(letters.taken) == 1


@pytest.mark.parametrize(("failpoint", "arrived"), [("mail.before_send", 0), ("mail.after_send", 1)])
def test_killed_in_between_it_is_never_sent_twice(tmp_path: Path, failpoint: str, arrived: int) -> None:
    letters = Letters()
    with serving(letters) as place, _office(tmp_path, smtp_url=f"smtp://{place}") as (office, world):
        told = {"ADWATCH_HOME": str(tmp_path), "ADWATCH_SMTP_URL": f"smtp://{place}", "ADWATCH_UNIT": "某局"}
        told |= {"ADWATCH_SMTP_FROM": "desk@bureau.example", "ADWATCH_FAILPOINT": failpoint}
        done = run_python(("-c", SEND), {**os.environ, **told})
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        assert len(letters.taken) == arrived
        with pytest.raises(UsageError, match="尚不清楚"):
            app.send(office, NUMBER, WANG, [TO])
        assert len(letters.taken) == arrived
        assert _step(world) == "signed"
        assert (
            app.settle(office, NUMBER, bool(arrived), WANG, "查邮件服务器日志")["step"] == ("signed", "sent")[arrived]
        )
        if not arrived:
            assert app.send(office, NUMBER, WANG, [TO])["outcome"] == "accepted"
        assert len(letters.taken) == 1
        assert verify_log(office.engine).fault is None


@pytest.mark.parametrize("trusted", [True, False])
def test_over_tls_only_to_a_server_whose_certificate_is_known(tmp_path: Path, trusted: bool) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key)]
    named = ["-out", str(certificate), "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, *named], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    letters = Letters()
    more = {"smtp_ca": str(certificate)} if trusted else {}
    with serving(letters, tls, "open-4712") as place:
        more |= {"smtp_user": "desk", "smtp_password": "open-4712"}
        with _office(tmp_path / "home", smtp_url=f"smtp+starttls://{place}", **more) as (office, _):
            row = app.send(office, NUMBER, WANG, [TO])
    assert (row["outcome"], letters.encrypted) == (("accepted", [True]) if trusted else ("failed", []))
    assert trusted or "CERTIFICATE_VERIFY_FAILED" in row["answer"]


def test_what_is_not_ready_or_not_set_is_said(tmp_path: Path) -> None:
    with _office(tmp_path) as (office, _), pytest.raises(SettingsError, match="mark-sent"):
        app.send(office, NUMBER, WANG, [TO])
    with _office(tmp_path, smtp_url="smtp://127.0.0.1:1") as (office, world):
        for wrong in ("nobody", "a@b.example\r\nRCPT TO:<c@d.example>", "王@b.example", "a b@c.example"):
            with pytest.raises(UsageError, match="no mail address"):
                app.send(office, NUMBER, WANG, [wrong])
        with pytest.raises(UsageError, match=r"platform_contacts\.csv"):
            app.send(office, NUMBER, WANG)
        assert world.rows(s.takedown_mail) == []
        assert app.send(office, NUMBER, WANG, [TO])["outcome"] == "failed", "nobody listens there"
    draft_only = tmp_path / "draft"
    with _office(draft_only, smtp_url="smtp://127.0.0.1:1") as (office, world):
        confirmed(world, "9", platform="bazaar")
        (row,) = draft(world, draft_only)
        with pytest.raises(UsageError, match="审核、签发用印、文号、签发人"):
            app.send(office, row["number"], WANG, [TO])


def test_what_is_due_goes_out_once_and_what_cannot_is_named(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    routes = "platform,domicile,way,kind,to,email,valid_from,valid_to,note\n"
    routes += f"plaza,,,refer,某市市场监督管理局,{TO},2020-01-01,,\n,,,assist,platform,,2020-01-01,,\n"
    (tmp_path / "tables" / "takedown_routing.csv").write_text(routes, encoding="utf-8")
    letters, settings = Letters(), {"smtp_from": "desk@bureau.example", "data": tmp_path}
    with (
        serving(letters) as place,
        Office(load_settings(home=tmp_path, unit="某局", smtp_url=f"smtp://{place}", **settings)) as office,
    ):
        world = World(office.engine)
        confirmed(world, "1")
        confirmed(world, "2", platform="bazaar")
        casework.draft(office, None)
        made = schedule_takedown.batch(office, {"by": "王芳", "approval": None})
        bazaar, plaza = made["numbers"]
        done = schedule_takedown.send(office, {"by": "王芳", "approval": None}, made, None)
        assert (done["sent"], letters.taken) == ([], []), "nothing goes out unsigned"
        for number in (bazaar, plaza):
            app.check(office, number, LI)
            app.sign(office, number, WANG, document_number="某市监函〔2026〕12号", signatory="张局")
        sent, refused = takedown_send.send_due(office, WANG)
        assert [row["number"] for row in sent] == [plaza]
        (note,) = refused
        assert bazaar in note and "没有收件邮箱" in note
        again = schedule_takedown.send(office, {"by": "王芳", "approval": None}, made, None)
        assert (again["sent"], len(again["refused"])) == ([], 1)
        assert letters.receivers == [[TO]], "once, whoever asks again"
        assert "以邮件发出" in schedule_takedown.summary(office, made, {**done, "sent": sent})
        assert message_from_bytes(letters.taken[0], policy=default)["Subject"].startswith("某局关于移送")
        assert verify_log(office.engine).fault is None


def test_a_batch_that_is_cut_off_goes_on_and_asks_about_what_is_unclear(tmp_path: Path) -> None:
    letters = Letters(drops="after")
    with serving(letters) as place, _office(tmp_path, smtp_url=f"smtp://{place}") as (office, world):
        request = {**world.rows(s.takedown)[0]["content"], "email": TO}
        with writing(office.engine) as connection:
            connection.execute(s.takedown.update().values(content=request))
        sent, refused = takedown_send.send_due(office, WANG)
        assert (sent, len(refused)) == ([], 1)
        assert "不明" in refused[0]
        letters.drops = ""
        sent, refused = takedown_send.send_due(office, WANG)
        assert (sent, len(refused)) == ([], 1), "a person finds out first"
        app.settle(office, NUMBER, False, WANG, "电话问过")
        sent, refused = takedown_send.send_due(office, WANG)
        assert ([row["number"] for row in sent], refused) == ([NUMBER], [])
