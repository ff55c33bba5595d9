"""What a handed-over file is, by its first bytes; its name decides only where the bytes leave it open."""

from __future__ import annotations

import re
from typing import Literal

from collectors.handover.columns import ColumnTable
from collectors.handover.delimited import PREVIEW, find_heading
from collectors.handover.encoding import encoding_of, guess, strip_mark
from collectors.handover.jsonlines import parse
from collectors.handover.values import ValueRefused

Format = Literal["jsonl", "json", "har", "csv", "lines", "xlsx", "xls", "warc", "gzip", "html", "mhtml", "picture"]
HEAD = 1 << 18
"""Bytes that detection looks at."""
_HAR = re.compile(r'\{\s*"log"\s*:\s*\{')
_MHTML = re.compile(r"(?:[A-Za-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){1,40}?Content-Type:\s*multipart/related", re.IGNORECASE)
_PAGE = ("<!doctype html", "<html", "<!-- saved from url")
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "xlsx"),
    (b"PK\x05\x06", "xlsx"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"WARC/", "warc"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
)
EXPECTED = (
    "应为 JSON 行、CSV、XLSX、WARC、WACZ、HAR、保存的网页、PNG、JPEG 或者文本"
    " JSON lines, CSV, XLSX, WARC, WACZ, HAR, a saved page, PNG, JPEG or text is expected"
)
_NAMED = {
    b"GIF8": "a GIF picture: save it as PNG or JPEG first",
    b"BM": "a BMP picture: save it as PNG or JPEG first",
    b"RIFF": "a WebP picture or a film: save it as PNG or JPEG first",
    b"%PDF": "a PDF",
    b"Rar!": "a RAR archive: unpack it first",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"SQLite format 3": "a database",
}


def detect(head: bytes, name: str, columns: ColumnTable) -> tuple[Format, str | None]:
    """(format, encoding of a text where its start tells); ValueRefused for what is none of the formats."""
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found, None
    for magic, label in _NAMED.items():
        if head.startswith(magic) and (len(magic) > 2 or b"\0" in head[:20]):
            raise ValueRefused("unknown_format", f"文件类型 this is {label}; {EXPECTED}")
    suffix = name.lower().removesuffix(".gz").rpartition(".")[2]
    encoding = encoding_of(head)
    bare = strip_mark(head)
    text = bare.decode(encoding or ("ascii" if bare.isascii() else guess(bare)), "replace")
    lines_encoding = encoding if encoding or bare.isascii() else guess(bare)
    start = text.lstrip("\ufeff \t\r\n\0")
    if suffix == "har" or _HAR.match(start):
        return "har", encoding
    if suffix not in ("xls", "xlsx", "csv", "et") and start[:20].lower().startswith(_PAGE):
        return "html", lines_encoding
    if suffix in ("mht", "mhtml", "eml", "") and _MHTML.match(start[:20_000].replace("\r\n", "\n")):
        return "mhtml", None
    if suffix in ("jsonl", "ndjson"):
        return "jsonl", lines_encoding
    if suffix not in ("csv", "tsv"):
        if start.startswith("{"):
            one_line = suffix != "json" and "\n" not in start
            return ("jsonl", lines_encoding) if one_line or _lines_of_objects(start) else ("json", encoding)
        if re.match(r"\[\s*[\[{\]]", start) or (suffix == "json" and start.startswith("[")):
            return "json", encoding
        if start[:15].lower().startswith(("<!doctype", "<html", "<?xml", "<table")):
            raise ValueRefused(
                "unknown_format",
                "这是 XML：表格请存为 XLSX，网页请存为 HTML、MHTML 或者 WARC"
                " this is XML; save a table as XLSX, a page as HTML, MHTML or WARC",
            )
        if len(_BINARY.findall(text[:10_000])) * 20 > max(len(text[:10_000]), 200):
            raise ValueRefused("unknown_format", f"不是文本 this is no text; {EXPECTED}")
        heading = find_heading(text.splitlines(keepends=True)[:PREVIEW], columns)
        if suffix in ("txt", "text") and (heading is None or heading.known < 2):
            return "lines", encoding
        if heading is None:
            raise ValueRefused(
                "unknown_format",
                "文本中没有认识的表头；若是每行一段文字，请改名为 .txt"
                " no heading is known in this text; name it .txt for one text a line",
            )
    return "csv", encoding


def _lines_of_objects(text: str) -> bool:
    """Whether one of the first lines is an object by itself: the first may be a bad row."""
    for line in text.split("\n", 6)[:6]:
        if not line.startswith("{"):
            continue
        try:
            if isinstance(parse(line), dict) or len(line) > HEAD // 4:
                return True
        except ValueRefused as error:
            if error.reason == "too_deep" or len(line) > HEAD // 8:
                return True
    return False
