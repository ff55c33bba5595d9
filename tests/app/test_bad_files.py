"""One hand-over of damaged and odd files, as a user runs it: each fault is named by file and line, the rest is kept."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from adwatch.archive import captures_from_archive, open_body
from tests.app.conftest import Command

pytestmark = pytest.mark.slow
DAY = "2026-11-18"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def csv_file() -> bytes:
    """A quote that never ends in line 3, NUL and a bad byte in lines 5 and 6."""
    lines = ["商品ID,商品标题,链接".encode(), b"c1,good,", b'c2,"open,', b"c3,good,", b"c4,a\0b,", b"c5,a\xffb,"]
    return b"\n".join(lines) + b"\n"


def formulas() -> bytes:
    """Formulas with stored values, and one row without an id."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("清单")
        sheet.write_row(0, 0, ["商品ID", "商品标题"])
        sheet.write_formula(1, 0, '="f"&"1"', value="f1")
        sheet.write_formula(1, 1, '=HYPERLINK("https://a.example","电工证")', value="电工证")
        sheet.write_formula(2, 1, "=1/0", value="没有编号")
    return out.getvalue()


def empty_rows() -> bytes:
    """A million empty rows, then a listing."""

    def cell(place: str, text: str) -> str:
        return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'

    head = f'<row r="1">{cell("A1", "商品ID")}{cell("B1", "商品标题")}</row>'
    empty = "".join(f'<row r="{n}" s="1"/>' for n in range(2, 1_000_000))
    last = f'<row r="1000000">{cell("A1000000", "e1")}{cell("B1000000", "末行")}</row>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        sheets = '<sheets><sheet name="S" r:id="r1"/></sheets>'
        parts.writestr("xl/workbook.xml", f'<workbook {MAIN} xmlns:r="r">{sheets}</workbook>')
        link = '<Relationship Id="r1" Target="/xl/worksheets/sheet1.xml"/>'
        parts.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{link}</Relationships>")
        table = f"<worksheet {MAIN}><sheetData>{head}{empty}{last}</sheetData></worksheet>"
        parts.writestr("xl/worksheets/sheet1.xml", table)
    return out.getvalue()


def json_lines() -> bytes:
    """Good ones at lines 1, 4 and 7; a surrogate and NaN are mended."""
    return b"\n".join(
        [
            b'{"native_id": "j1", "title": "a\\ud83dz"}',
            b"{broken",
            b'{"native_id": "j3", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
            b'{"native_id": "j4", "title": "good", "text": NaN}',
            b'{"title": "no id"}',
            b'{"native_id": "j6", "title": "' + b"x" * 1_048_577 + b'"}',
            b'{"native_id": "j7", "title": "' + b"y" * 1_000_000 + b'"}',
        ]
    )


def warc() -> bytes:
    """Two pages, the second record's head overwritten."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False)
    for number in (1, 2):
        page = f"<html><title>页面 {number}</title><body><p>正文，八成新。</p></body></html>".encode()
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        body = io.BytesIO(page)
        url = f"https://w.example/{number}"
        record = writer.create_warc_record(url, "response", body, length=len(page), http_headers=headers)
        writer.write_record(record)
    data = out.getvalue()
    at = data.rindex(b"WARC/1")
    return data[:at] + b"XXXX/1" + data[at + 6 :]


FILES = {"a.csv": csv_file, "b.xlsx": formulas, "c.xlsx": empty_rows, "d.jsonl": json_lines, "e.warc": warc}


@dataclass
class Taken:
    """What one ingest came to."""

    status: int
    errors: str
    row: dict[str, Any]
    folder: Path
    rejects: list[dict[str, Any]]
    titles: dict[str, str]
    """Title by native id of every listing in the store."""


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    folder = tmp_path_factory.mktemp("bad_files")
    (folder / "in").mkdir()
    for name, make in FILES.items():
        (folder / "in" / name).write_bytes(make())
    clean = {key: value for key, value in os.environ.items() if not key.startswith("ADWATCH_")}
    command = Command({**clean, "ADWATCH_HOME": str(folder / "home")})
    done = command.run("ingest", str(folder / "in"), "--platform", "handed", "--day", DAY, "--json")
    [row] = [json.loads(line) for line in done.stdout.splitlines()]
    [file] = (folder / "home" / "rejects").iterdir()
    rejects = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    dumped = [json.loads(line) for line in command.ok("dump", "--canonical").splitlines()]
    names = {line["listing_id"]: line["title"] for line in dumped if line["table"] == "listing_version"}
    listings = {line["native_id"]: names[line["listing_id"]] for line in dumped if line["table"] == "listing"}
    return Taken(done.returncode, done.stderr.decode(), row, folder, rejects, listings)


def test_it_goes_on_to_its_end(taken: Taken) -> None:
    assert taken.status == 1, "the work was done but some input was refused"
    assert "Traceback" not in taken.errors
    assert taken.row["pages"] == len(FILES)
    assert taken.row["seen"] == len(taken.titles)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("a.csv:3", "quote"),
        ("b.xlsx:清单:3", "an id"),
        ("d.jsonl:2", "no JSON"),
        ("d.jsonl:3", "nested"),
        ("d.jsonl:5", "an id"),
        ("d.jsonl:6", "1,048,577"),
        ("e.warc", "record"),
    ],
)
def test_a_fault_is_named_by_file_and_line(taken: Taken, where: str, said: str) -> None:
    named = [line for line in taken.errors.splitlines() if where in line]
    assert any(said in line for line in named), taken.errors
    [kept] = [row for row in taken.rejects if row["where"].startswith(where)]
    assert kept["file"] == where.partition(":")[0]


def test_the_rest_is_kept(taken: Taken) -> None:
    whole = {name: title for name, title in taken.titles.items() if name != "j7"}
    assert whole == {
        **{"c1": "good", "c3": "good", "c4": "a\ufffdb", "c5": "a\ufffdb"},
        **{"f1": "电工证", "e1": "末行", "j1": "a\ufffdz", "j4": "good", "https://w.example/1": "页面 1"},
    }
    assert taken.titles["j7"] == "y" * 1_000_000


def test_every_file_lies_whole_in_the_archive(taken: Taken) -> None:
    root = taken.folder / "home" / "archive"
    kept = {capture.context["name"]: capture for capture in captures_from_archive(root, DAY)}
    assert set(kept) == set(FILES)
    for name, capture in kept.items():
        with open_body(root, capture) as stream:
            whole = (taken.folder / "in" / name).read_bytes()
            assert hashlib.file_digest(stream, "sha256").digest() == hashlib.sha256(whole).digest()
