"""The files of a letter: the .docx, its list as XLSX, the request as JSON and X-ARF; and the mail that carries them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import orjson

from adwatch.casework.letter import kind
from adwatch.casework.letter_about import paper
from adwatch.casework.official import Facts
from adwatch.casework.takedown_sheet import as_workbook
from adwatch.casework.xarf_reports import bundle
from adwatch.files import write_whole

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON, ZIP = "application/json", "application/zip"


@dataclass(frozen=True, slots=True)
class Bundling:
    """What X-ARF reports say of the office."""

    contact: str
    """Mail address that each report must name; empty: no reports are made."""
    impersonation: tuple[str, ...]
    """Offer classes that are reported as government impersonation."""
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class File:
    """One file of a letter."""

    name: str
    media_type: str
    content: bytes


def files_of(content: dict[str, Any], facts: Facts, bundling: Bundling, scan: File | None = None) -> list[File]:
    """All files of a letter; the sealed scan stands in the place of the draft, where there is one.

    Letters about a request have no machine form: X-ARF reports abuse, and knows no reminder or withdrawal.
    """
    number = content["number"]
    made = [scan or File(f"{number}.docx", DOCX, paper(content, facts))]
    made.append(File(f"{number}.xlsx", XLSX, as_workbook(content)))
    made.append(File(f"{number}.json", JSON, orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"))
    if kind(content).asks and bundling.contact:
        reports = bundle(content, bundling.contact, bundling.impersonation, bundling.zone)
        if reports.reports:
            made.append(File(f"{number}.xarf.zip", ZIP, reports.content))
    return made


def write_draft(request: Mapping[str, Any], out_dir: Path, fresh: bool, bundling: Bundling) -> dict[str, Any] | None:
    """Write the files of a drafted request; None where they are there."""
    content, number = request["content"], request["number"]
    names = {"letter": f"{number}.docx", "json": f"{number}.json", "list": f"{number}.xlsx"}
    if not fresh and all((out_dir / name).is_file() for name in names.values()):
        return None
    paths = write_files(files_of(content, Facts(), bundling), out_dir)
    reports = f"{number}.xarf.zip"
    return {
        "number": number,
        "kind": content.get("kind", "assist"),
        "kind_label": kind(content).label,
        "platform": request["platform"],
        "addressee": content["addressee"],
        "listings": len(content["listings"]),
        **{name: str(out_dir / file) for name, file in names.items()},
        "xarf": str(out_dir / reports) if out_dir / reports in paths else None,
    }


def write_files(files: list[File], out_dir: Path) -> list[Path]:
    """Write them whole; gives where."""
    for file in files:
        write_whole(out_dir / file.name, file.content)
    return [out_dir / file.name for file in files]


def mail_of(
    content: dict[str, Any],
    files: list[File],
    sender: str,
    receivers: list[str],
    message_id: str,
    at: datetime,
    facts: Facts,
    title: str = "",
) -> bytes:
    """The message as it goes over the wire (RFC 5322, CRLF), the letter and its lists attached.

    ``title``: of the letter, where it is none about a takedown.
    """
    message = EmailMessage(policy=SMTP)
    title = title or kind(content).title
    document = facts.document_number or content["number"]
    unit = content["unit"] or "（发文机关）"
    message["Subject"] = f"{unit}{title}（{document}）"
    message["From"], message["To"] = sender, ", ".join(receivers)
    message["Date"], message["Message-ID"] = format_datetime(at), message_id
    message["X-AdWatch-Number"] = content["number"]
    words = [
        f"{content['addressee']}：",
        f"    现发去《{title}》（{document}），共涉及{len(content['listings'])}条信息。"
        "正文和清单见附件，请办理并书面反馈。",
        f"    内部编号：{content['number']}。复函请注明文号或者内部编号。",
        unit,
    ]
    message.set_content("\n".join(words) + "\n", cte="base64")
    for file in files:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    boundary = hashlib.sha256(message_id.encode()).hexdigest()[:32]
    message.set_boundary(f"=_{boundary}")  # the library would draw one: the same letter is to give the same bytes
    return message.as_bytes()
