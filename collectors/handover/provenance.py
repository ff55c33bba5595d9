"""With what a handed-over file was made, as far as it says so itself: for the record of how evidence was taken."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import orjson

from adwatch.text import clean, one_line
from collectors.handover import zips
from collectors.handover.zeeschuimer import META

HEAD = 1 << 16
_LONGEST = 300
_HAR_CREATOR = re.compile(r'"creator"\s*:\s*(\{[^{}]{0,500}\})')
_HAR_BROWSER = re.compile(r'"browser"\s*:\s*(\{[^{}]{0,500}\})')
_WARC_SOFTWARE = re.compile(r"^software:\s*(.{1,200}?)\s*$", re.MULTILINE | re.IGNORECASE)


def made_with(path: Path) -> str | None:
    """Program and version that wrote the file, and the browser that it names; None where the file is silent."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    found = _of_zip(path) if head.startswith(b"PK") else _of_text(clean(head.decode("utf-8", "replace")))
    return one_line(clean(found), _LONGEST) if found else None


def _of_text(head: str) -> str | None:
    if head.startswith("WARC/"):
        software = _WARC_SOFTWARE.search(head)
        return software[1] if software else None
    if "Page saved with SingleFile" in head[:2000]:
        return "SingleFile"
    if "<!-- saved from url=" in head[:2000]:
        return "浏览器“网页另存为”"
    if saved := re.match(r"From: <(Saved by [^>\r\n]{1,60})>", head):
        return f"MHTML（{saved[1]}）"
    if creator := _HAR_CREATOR.search(head):
        browser = _HAR_BROWSER.search(head)
        return "；".join(named for each in (creator, browser) if each and (named := _named(each[1])))
    return _of_items(head.lstrip("\ufeff \r\n").partition("\n")[0])


def _named(text: str) -> str:
    """Name and version of a HAR's creator or browser."""
    try:
        value: Any = json.loads(text)
    except ValueError:
        return ""
    return " ".join(part for name in ("name", "version") if isinstance(part := value.get(name), str))


def _of_items(line: str) -> str | None:
    """Of Zeeschuimer's file, by its first line."""
    try:
        row: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(row, dict):
        return None
    given_out = isinstance(row.get(META), dict)
    meta = row[META] if given_out else row
    if not isinstance(meta.get("source_platform"), str):
        return None
    agent = meta.get("user_agent")
    tool = "Zeeschuimer（经 4CAT）" if given_out else "Zeeschuimer"
    return f"{tool}；{agent}" if isinstance(agent, str) and agent else tool


def _of_zip(path: Path) -> str | None:
    """Of a WACZ, as its datapackage.json says."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("datapackage.json") as manifest:
            software = json.loads(manifest.read(1 << 20)).get("software")
    except (*zips.OPENING, KeyError, AttributeError, RecursionError):
        return None
    return software if isinstance(software, str) else None
