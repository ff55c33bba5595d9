"""The table of networks (networks.csv) for the command: checked line by line, and asked whose an address is."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.tables import table_file
from adwatch.tables.networks import FILE, HOW_TO_ADD, MAINLAND, Networks, read_networks

Row = dict[str, Any]


def check(office: Office, file: Path | None = None) -> Row:
    """A file before it is put in place, or the one in force: rows, samples among them, ``problems`` by line."""
    path = file or table_file(FILE, office.settings.data)
    try:
        rows, samples, wrong = read_networks(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 (byte {error.start}); save it as CSV UTF-8") from error
    problems = [{"line": each.line, "column": each.field or "", "problem": each.message} for each in wrong]
    mainland = sum(row.country == MAINLAND for row in rows)
    about = {"file": str(path), "rows": len(rows), "mainland": mainland, "holders": len({row.holder for row in rows})}
    return {**about, "samples": samples, "problems": problems}


def whose(office: Office, address: str, file: Path | None = None) -> Row:
    """Whose network an IP address is in; ``holder`` None where no row has it: nothing is guessed."""
    try:
        ip_address(address.strip("[] "))
    except ValueError as error:
        raise UsageError(f"--address {address[:60]!r}: 不是IP地址") from error
    found = Networks(office.settings.data, file).holder(address)
    known = {"country": found.country, "holder": found.holder} if found else {"country": None, "holder": None}
    return {"address": address[:60], **known, "said": f"{found.holder}（{found.country}）" if found else HOW_TO_ADD}
