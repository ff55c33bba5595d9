"""What forms of letters send, and files that are handed out: 下架 and 更正函 alike."""

from __future__ import annotations

from starlette.responses import Response

from adwatch.app.takedown import File
from adwatch.console import pages


def entered(document_number: str, signatory: str, document_date: str) -> dict[str, str | None]:
    """What the office's document system gave; an empty field gives nothing."""
    values = {"document_number": document_number, "signatory": signatory, "document_date": document_date}
    return {name: value.strip() or None for name, value in values.items()}


def download(file: File) -> Response:
    """A file under its name."""
    return Response(file.content, media_type=file.media_type, headers=pages.attachment(file.name))
