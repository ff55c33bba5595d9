"""Alerts to a real local webhook and a real local mail server: what they say, what they never say, what fails nothing."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs
from werkzeug import Request, Response

from adwatch.app import alerts
from adwatch.errors import SettingsError, StageError
from adwatch.settings import load_settings
from tests.app.mail_server import MailServer
from tests.threads import on_a_thread

HOOK = "/robot/send?key=sesame-4711"
URL = "http://127.0.0.1:8080/dags/daily_patrol/runs/r/tasks/patrol_platform/mapped/2?try_number=3"
ALERT = alerts.Alert("daily_patrol", "patrol_platform", "plaza", "2026-11-22", 3, "StageError", URL)
TEXT = f"【证巡】daily_patrol 失败：patrol_platform plaza\n日期 2026-11-22，第 3 次，StageError\n{URL}"


@pytest.fixture
def hook(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """A webhook that is set up."""
    monkeypatch.setenv("ADWATCH_ALERT_WEBHOOK", httpserver.url_for(HOOK))
    return httpserver


def by_mail(monkeypatch: pytest.MonkeyPatch, server: MailServer, scheme: str = "smtp", **more: str) -> None:
    """Mail by that server."""
    own = {"alert_mail": "duty@office.test, chief@office.test", "smtp_url": f"{scheme}://{server.place}"}
    for name, value in {**own, "smtp_from": "adwatch@office.test", **more}.items():
        monkeypatch.setenv(f"ADWATCH_{name.upper()}", value)


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with on_a_thread(MailServer()) as server:
        yield server


def context(**more: Any) -> dict[str, Any]:
    """As Airflow gives it to a callback."""
    ti = SimpleNamespace(
        dag_id="daily_patrol",
        task_id="patrol_platform",
        map_index=2,
        rendered_map_index="plaza",
        try_number=3,
        log_url=URL,
    )
    run = SimpleNamespace(partition_key="2026-11-22")
    error = StageError("内部：包过拿证 加微信 abc13800138000 https://user:secret@shop.test/")
    return {"ti": ti, "dag_run": run, "params": {"day": None}, "exception": error, **more}


def test_a_failed_task_is_told_by_both_ways_in_one_short_message(
    hook: HTTPServer, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_mail(monkeypatch, mails)
    hook.expect_request("/robot/send").respond_with_json({"errcode": 0, "errmsg": "ok"})
    alerts.task_failed(context())
    [(request, _)] = hook.log
    assert request.json == {"msgtype": "text", "text": {"content": TEXT}}
    assert request.args["key"] == "sesame-4711"
    [mail] = mails.received
    assert (mail.sender, mail.receivers) == ("adwatch@office.test", ["duty@office.test", "chief@office.test"])
    assert mail.message["Subject"] == TEXT.splitlines()[0]
    assert mail.message.get_content().splitlines() == TEXT.splitlines()
    assert {"Date", "Message-ID", "To", "From", "Auto-Submitted"} <= set(mail.message.keys())


def test_neither_the_errors_words_nor_a_secret_is_told(
    hook: HTTPServer, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_mail(monkeypatch, mails, smtp_user="adwatch", smtp_password="open-4712")
    mails.password = "open-4712"
    hook.expect_request("/robot/send").respond_with_data("", status=500)
    with capture_logs() as logs:
        alerts.task_failed(context())
    told = [hook.log[0][0].get_data(as_text=True), mails.received[0].message.get_content(), str(logs)]
    for word in ("包过", "13800138000", "shop.test", "sesame", "4712", "secret"):
        assert not any(word in each for each in told)
    assert [(entry["way"], entry["error"]) for entry in logs] == [("webhook", "Refused: status 500")]


def test_nothing_set_nothing_sent(httpserver: HTTPServer, mails: MailServer) -> None:
    with capture_logs() as logs:
        alerts.task_failed(context())
    assert (alerts.send(load_settings(), ALERT), httpserver.log, mails.lines, logs) == ([], [], [], [])


@pytest.mark.parametrize(
    ("given", "part", "day", "tries", "error"),
    [
        ({}, "plaza", "2026-11-22", 3, "StageError"),
        ({"params": {"day": "2026-11-20"}}, "plaza", "2026-11-20", 3, "StageError"),
        ({"params": {"week": "2026-W47"}, "dag_run": None}, "plaza", "2026-W47", 3, "StageError"),
        ({"exception": None}, "plaza", "2026-11-22", 3, ""),
        ({"exception": "Task heartbeat timed out"}, "plaza", "2026-11-22", 3, "Task heartbeat timed out"),
    ],
)
def test_what_a_context_says(given: dict[str, Any], part: str, day: str, tries: int, error: str) -> None:
    alert = alerts.alert_of(context(**given))
    assert alert == alerts.Alert("daily_patrol", "patrol_platform", part, day, tries, error, URL)


def test_of_a_lost_worker_the_map_index_is_told() -> None:
    """Its callback runs elsewhere and knows neither the name nor an exception."""
    lost = context(exception=None)
    lost["ti"].rendered_map_index = None
    alert = alerts.alert_of(lost)
    assert alert is not None
    assert alert.text.splitlines()[:2] == [
        "【证巡】daily_patrol 失败：patrol_platform #2",
        "日期 2026-11-22，第 3 次，进程丢失",
    ]


def test_of_a_whole_run_only_that_it_took_too_long_is_told() -> None:
    assert alerts.alert_of(context(reason="task_failure")) is None
    late = alerts.alert_of(context(reason="timed_out", exception=None))
    assert late is not None
    assert (late.task, late.part, late.tries, late.error) == ("整个运行", "", 0, "超时")
    bare = alerts.alert_of({"reason": "timed_out", "dag": SimpleNamespace(dag_id="daily_patrol"), "run_id": "r"})
    assert bare == alerts.Alert("daily_patrol", "整个运行", error="超时")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b'{"errcode": 93000, "errmsg": "invalid key sesame-4711"}', "Refused: errcode 93000"),
        (404, b"", "Refused: status 404"),
        (302, b"", "Refused: status 302"),
        (200, b'{"errcode": 0}', None),
        (204, b"", None),
        (200, b"ok", None),
        (200, b"[]", None),
    ],
)
def test_a_webhook_that_refuses(hook: HTTPServer, status: int, body: bytes, said: str | None) -> None:
    answers = [Response(body, status=status, headers={"Location": "/elsewhere"})]

    def answer(_request: Request) -> Response:
        return answers.pop()

    hook.expect_request("/robot/send").respond_with_handler(answer)
    with capture_logs() as logs:
        taken = alerts.send(load_settings(), ALERT)
    assert (taken, [entry["error"] for entry in logs]) == (([], [said]) if said else (["webhook"], []))
    assert len(hook.log) == 1, "asked once, and no redirect is followed"


def test_nobody_there_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("ADWATCH_ALERT_WEBHOOK", f"http://127.0.0.1:{port}{HOOK}")
    for name, value in (
        ("ALERT_MAIL", "a@b.test"),
        ("SMTP_URL", f"smtp://127.0.0.1:{port}"),
        ("SMTP_FROM", "c@b.test"),
    ):
        monkeypatch.setenv(f"ADWATCH_{name}", value)
    with capture_logs() as logs:
        alerts.task_failed(context())
    assert [(entry["way"], entry["error"]) for entry in logs] == [
        ("webhook", "NewConnectionError"),
        ("mail", "ConnectionRefusedError"),
    ]


def test_somebody_silent_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("ADWATCH_ALERT_WEBHOOK", f"http://127.0.0.1:{silent.getsockname()[1]}{HOOK}")
        with capture_logs() as logs:
            assert alerts.send(load_settings(), ALERT) == []
    assert [entry["error"] for entry in logs] == ["ReadTimeoutError"]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"unknown": ("chief@office.test",)}, "Refused: 1 of 2 addresses"),
        ({"unknown": ("duty@office.test", "chief@office.test")}, "SMTPRecipientsRefused"),
        ({"password": "another"}, "SMTPAuthenticationError 535"),
        ({"greeting": "554 go away"}, "SMTPConnectError 554"),
    ],
)
def test_a_mail_server_that_refuses(monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], said: str) -> None:
    with on_a_thread(MailServer(**how)) as server:
        more = {"smtp_user": "adwatch", "smtp_password": "open-4712"} if "password" in how else {}
        by_mail(monkeypatch, server, **more)
        with capture_logs() as logs:
            assert alerts.send(load_settings(), ALERT) == []
    assert [entry["error"] for entry in logs] == [said]


@pytest.mark.parametrize(("scheme", "at_once"), [("smtp+starttls", False), ("smtps", True)])
@pytest.mark.parametrize("trusted", [True, False])
def test_mail_over_tls_and_only_to_whom_is_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str, at_once: bool, trusted: bool
) -> None:
    certificate, key = tmp_path / "own.crt", tmp_path / "own.key"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mail.test"]
    named = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*made, *named], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with on_a_thread(MailServer("open-4712", context=tls, tls_at_once=at_once)) as server:
        more = {"smtp_ca": str(certificate)} if trusted else {}
        by_mail(monkeypatch, server, scheme, smtp_user="adwatch", smtp_password="open-4712", **more)
        with capture_logs() as logs:
            taken = alerts.send(load_settings(), ALERT)
        assert taken == (["mail"] if trusted else []), logs
        assert [(each.user, each.encrypted) for each in server.received] == [("adwatch", True)] * trusted
        assert [entry["error"] for entry in logs] == ([] if trusted else ["SSLCertVerificationError"])


def test_a_server_without_tls_is_not_talked_to_where_tls_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, mails: MailServer
) -> None:
    by_mail(monkeypatch, mails, "smtp+starttls")
    with capture_logs() as logs:
        assert alerts.send(load_settings(), ALERT) == []
    assert [entry["error"] for entry in logs] == ["SMTPNotSupportedError"]
    assert mails.received == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("alert_webhook", "robot/sesame", "no address"),
        ("smtp_url", "mail.office.test:25", "no mail server"),
        ("smtp_url", "smtps://user:pass@mail.office.test", "no mail server"),
    ],
)
def test_settings_that_are_wrong_name_themselves_and_tell_no_secret(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"ADWATCH_{name.upper()}: {said}") as told:
        load_settings(**{name: value})
    assert "sesame" not in str(told.value)
    assert "pass" not in str(told.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"smtp_url": ""}, "needs ADWATCH_SMTP_URL"),
        ({"smtp_url": "smtp://mail.office.test", "smtp_user": "adwatch"}, "no password goes over smtp://"),
    ],
)
def test_mail_that_is_half_set_up_is_said(more: dict[str, str], said: str) -> None:
    own = {"alert_mail": "a@b.test", "smtp_from": "c@b.test", **more}
    with capture_logs() as logs:
        assert alerts.send(load_settings(**own), ALERT) == []
    assert said in logs[0]["error"]
    with capture_logs() as logs, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADWATCH_ALERT_WEBHOOK", "robot/sesame")
        alerts.task_failed(context())
    assert "ADWATCH_ALERT_WEBHOOK" in logs[0]["error"]
    assert "sesame" not in str(logs)


def test_hostile_names_make_no_second_line() -> None:
    alert = alerts.Alert("d", "t", "plaza\r\nBcc: all@office.test\n\u202e", "2026-11-22\n", 1, "E\nx", "http://a/\nb")
    assert len(alert.text.splitlines()) == 3
    assert "\n" not in alert.subject
