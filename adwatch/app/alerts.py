"""Alerts: one short message where a task of the schedules has failed for good or a platform has gone quiet, to a
webhook, by mail, or both.

It names DAG, task, part, day, try and the kind of error, and leads to the run's log; an error's own words are left out,
since they may quote a listing or an address. An alert that cannot be sent is logged and fails nothing.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

import orjson
import structlog
import urllib3

from adwatch.app.mail import mail_server
from adwatch.errors import SettingsError
from adwatch.settings import Settings, load_settings
from adwatch.text import one_line

SECONDS = 10.0
"""Patience with a webhook or a mail server: a failed task waits for it."""
TIMED_OUT = "timed_out"
"""Reason of a run that took too long: then no task of it has failed."""

log = structlog.get_logger("adwatch")


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told of a failed task."""

    dag: str
    task: str
    part: str = ""
    """The mapped task's name: a platform, a day, a platform and a month."""
    day: str = ""
    """The day or week of the run."""
    tries: int = 0
    """Which try it was; 0 where that is not known."""
    error: str = ""
    """Kind of the error; empty where the task's process was lost."""
    url: str = ""
    """Where its log is read."""
    what: str = "失败"
    """What has happened to it."""

    @property
    def subject(self) -> str:
        """One line."""
        where = " ".join(one_line(each, 120) for each in (self.task, self.part) if each)
        return f"【证巡】{one_line(self.dag, 120)} {self.what}：{where}"

    @property
    def text(self) -> str:
        """The message."""
        told = [f"日期 {one_line(self.day, 40)}"] if self.day else []
        told += [f"第 {self.tries} 次"] if self.tries else []
        told.append(one_line(self.error, 80) or "进程丢失")
        return "\n".join([self.subject, "，".join(told), *([one_line(self.url, 500)] if self.url else [])])


def task_failed(context: Mapping[str, Any]) -> None:
    """Tell of the failed task that a failure callback's context is about; a wrong setting is logged."""
    alert = alert_of(context)
    if alert is None:
        return
    try:
        send(load_settings(), alert)
    except SettingsError as error:
        log.error("alert not sent", dag=alert.dag, task=alert.task, error=str(error))


def alert_of(context: Mapping[str, Any]) -> Alert | None:
    """The alert of a context as Airflow gives it to a callback of a task or of a whole run.

    None for a run that failed because a task did, which was told before. Of a lost process there is no exception.
    """
    reason = context.get("reason")
    if reason is not None and reason != TIMED_OUT:
        return None
    ti, error = context.get("ti"), context.get("exception")
    run = context.get("dag_run") or getattr(ti, "dag_run", None)
    params = context.get("params") or {}
    named = params.get("day") or params.get("week") or getattr(run, "partition_key", None)
    index = getattr(ti, "map_index", None)
    part = getattr(ti, "rendered_map_index", None) or (f"#{index}" if index is not None and index >= 0 else "")
    return Alert(
        dag=str(getattr(ti, "dag_id", None) or getattr(context.get("dag"), "dag_id", "")),
        task="整个运行" if reason else str(getattr(ti, "task_id", "")),
        part="" if reason else str(part),
        day=str(named or ""),
        tries=0 if reason else int(getattr(ti, "try_number", 0) or 0),
        error="超时" if reason else type(error).__name__ if isinstance(error, BaseException) else str(error or ""),
        url=str(getattr(ti, "log_url", "") or ""),
    )


def send(settings: Settings, alert: Alert) -> list[str]:
    """Send by all ways that are set: the names of those that took it. What fails is logged without its address."""
    ways: dict[str, Callable[[Settings, Alert], None]] = {}
    if settings.alert_webhook:
        ways["webhook"] = post
    if settings.alert_mail:
        ways["mail"] = mail
    taken = []
    for name, way in ways.items():
        try:
            way(settings, alert)
        except (OSError, ValueError, urllib3.exceptions.HTTPError, smtplib.SMTPException, SettingsError) as error:
            log.error("alert not sent", way=name, dag=alert.dag, task=alert.task, error=_said(error))
        else:
            taken.append(name)
    return taken


def _said(error: Exception) -> str:
    """What went wrong; an address in it may hold a key, so only our own words and a server's number are given."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return f"{type(error).__name__}: {error}" if isinstance(error, SettingsError | Refused) else type(error).__name__


class Refused(ValueError):
    """The receiver answered that it does not take the message."""


def post(settings: Settings, alert: Alert) -> None:
    """Post to the webhook; a robot that refuses says so by ``errcode`` in an answer with status 200."""
    body = {"msgtype": "text", "text": {"content": alert.text}}
    headers = {"Content-Type": "application/json; charset=utf-8"}
    with urllib3.PoolManager(retries=False, timeout=SECONDS) as pool:
        answer = pool.request("POST", settings.alert_webhook, body=orjson.dumps(body), headers=headers, redirect=False)
    if not 200 <= answer.status < 300:
        raise Refused(f"status {answer.status}")
    try:
        told = orjson.loads(answer.data)
    except orjson.JSONDecodeError:
        return
    if isinstance(told, dict) and isinstance(told.get("errcode"), int) and told["errcode"]:
        raise Refused(f"errcode {told['errcode']}")


def mail(settings: Settings, alert: Alert) -> None:
    """Send by SMTP (RFC 5321), over TLS where the server's URL says so."""
    receivers = [each.strip() for each in settings.alert_mail.split(",") if each.strip()]
    if not settings.smtp_url or not settings.smtp_from:
        raise SettingsError("ADWATCH_ALERT_MAIL needs ADWATCH_SMTP_URL and ADWATCH_SMTP_FROM")
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = alert.subject, settings.smtp_from, ", ".join(receivers)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=settings.smtp_from.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note is an answer to it
    message.set_content(alert.text, cte="base64")
    with mail_server(settings, SECONDS) as server:
        refused = server.send_message(message, settings.smtp_from, receivers)
    if refused:
        raise Refused(f"{len(refused)} of {len(receivers)} addresses")
