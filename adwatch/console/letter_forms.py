"""What forms of letters send, and files that are handed out: 下架 and 更正函 alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import UploadFile
from starlette.responses import Response

from adwatch.app import document_numbers
from adwatch.app.takedown import File
from adwatch.console import pages
from adwatch.console.desk import Desk

LEFT = {"document_number": "文号", "signatory": "签发人", "document_date": "成文日期"}


def unfilled(row: Mapping[str, Any]) -> str:
    """Which of a paper's facts are empty, to be told before it goes out; the office's rules say which are needed."""
    left = [label for name, label in LEFT.items() if not row[name]]
    return f"尚未填写：{'、'.join(left)}。" if left else ""


def same_number(desk: Desk, number: str, document_number: str | None) -> str:
    """Which other papers bear the 文号 of a paper, to be told before and after; empty where none does."""
    return document_numbers.taken(desk.office, document_number, number, desk.limits)


def entered(document_number: str, signatory: str, document_date: str) -> dict[str, str | None]:
    """What the office's document system gave; an empty field gives nothing."""
    values = {"document_number": document_number, "signatory": signatory, "document_date": document_date}
    return {name: value.strip() or None for name, value in values.items()}


def download(file: File) -> Response:
    """A file under its name."""
    return Response(file.content, media_type=file.media_type, headers=pages.attachment(file.name))


def uploaded(files: list[UploadFile]) -> list[File]:
    """What was sent, whole; an empty field of a form is no file."""
    found = [(each, each.file.read()) for each in files if each.filename]
    kind = "application/octet-stream"
    return [File(each.filename or "", each.content_type or kind, content) for each, content in found if content]
