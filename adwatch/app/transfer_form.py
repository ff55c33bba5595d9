"""What the form and the command of a new transfer must be given: to whom, by the whole name, and why."""

from __future__ import annotations

from adwatch.app.office import Office
from adwatch.casework.routing_table import authorities
from adwatch.errors import UsageError
from adwatch.tables.takedown import escalations


def addressed(office: Office, receiver: str, addressee: str, reason: str) -> str:
    """The whole name of whom a transfer goes to: as given, else as the office's own tables name the receiver.

    An error names the field that is empty.
    """
    if not (named := addressee.strip() or _routed(office, receiver)):
        raise UsageError(
            "没有填写主送单位全称：请写明接收单位的全称，如某市公安局；命令：adwatch transfer draft --addressee 全称"
        )
    if not reason.strip():
        raise UsageError("没有填写移送理由：请写明涉嫌什么、为何移送；命令：adwatch transfer draft --reason 理由")
    return named


def _routed(office: Office, receiver: str) -> str:
    """As authorities.csv or takedown_escalations.csv of the office name it; empty where neither does."""
    data = office.settings.data
    for table in (authorities(data), escalations(data)):
        if receiver in table and table[receiver].addressee:
            return str(table[receiver].addressee)
    return ""
