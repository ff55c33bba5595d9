"""The way in: folders, archived streams, compressed files, the column table and the reject file."""

from __future__ import annotations

import csv
import gzip
import io
import json
import stat
from pathlib import Path

import pytest

from adwatch.errors import SpecError, UsageError
from adwatch.models import Listing, StageReport
from collectors.handover import ColumnTable, RejectWriter, handover_files, read_handover, read_stream
from collectors.handover.columns import FIELDS, LEFT_OUT, SHIPPED
from collectors.handover.encoding import Gunzip

from .conftest import Read

LINES = "".join(json.dumps({"native_id": str(n), "title": f"标题{n}"}) + "\n" for n in range(2000)).encode()


class Pipe(io.RawIOBase):
    """A stream that can only be read forwards, a few bytes at a time."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._inner.read(min(size, 1000) if size > 0 else 1000)


def everything(folder: Path) -> None:
    (folder / "b").mkdir(parents=True)
    (folder / "a.csv").write_bytes("商品ID,商品标题\n1,甲\n,乙\n".encode("gb18030"))
    (folder / "b" / "c.jsonl.gz").write_bytes(gzip.compress(LINES))
    (folder / "b" / "d.txt").write_text("第一条\n\n第二条\n")
    (folder / "b" / "old.xls").write_bytes((Path(__file__).parent / "data" / "old.xls").read_bytes())
    (folder / ".hidden").write_text("x")
    (folder / "~$a.xlsx").write_text("lock")
    (folder / "z.pdf").write_bytes(b"%PDF-1.7 x")
    (folder / "empty.csv").write_text("")


def test_a_folder(tmp_path: Path, columns: ColumnTable) -> None:
    everything(tmp_path / "in")
    report = StageReport("ingest")
    items = list(read_handover(tmp_path / "in", "p", columns=columns, report=report))
    kept = [one for one in items if isinstance(one, Listing)]
    assert len(kept) == 1 + 2000 + 2 + 2
    assert [(one.reason, one.where) for one in items if not isinstance(one, Listing)] == [
        ("no_id", "a.csv:3"),
        ("no_id", "b/old.xls:商品清单:5"),
        ("empty_file", "empty.csv"),
        ("unknown_format", "z.pdf"),
    ]
    names = [str(file.relative_to(tmp_path / "in")) for file in handover_files(tmp_path / "in")]
    assert names == ["a.csv", "b/c.jsonl.gz", "b/d.txt", "b/old.xls", "empty.csv", "z.pdf"]


def test_an_archived_stream_gives_what_the_file_gave(tmp_path: Path, columns: ColumnTable) -> None:
    everything(tmp_path / "in")
    for file in handover_files(tmp_path / "in"):
        direct = list(read_handover(file, "p", columns=columns, capture_id=4))
        piped = list(read_stream(Pipe(file.read_bytes()), file.name, "p", columns=columns, capture_id=4))  # type: ignore[arg-type]
        assert piped == direct


def test_progress_adds_up_to_the_file(tmp_path: Path, columns: ColumnTable) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(LINES))
    seen: list[int] = []
    assert len(list(read_handover(file, "p", columns=columns, progress=seen.append))) == 2000
    assert sum(seen) == file.stat().st_size


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_a_cut_off_gzip_keeps_what_came(read: Read, keep: float) -> None:
    packed = gzip.compress(LINES)
    result = read("a.jsonl.gz", packed[: int(len(packed) * keep)])
    assert len(result.ids) > 2000 * keep * 0.5
    assert result.refused[-1].reason == "truncated"
    assert len(result.refused) <= 2


def test_gzip_of_many_members_and_padding(read: Read) -> None:
    members = b"".join(gzip.compress(line + b"\n") for line in LINES.splitlines())
    assert len(read("a.jsonl.gz", members + b"\0" * 512).ids) == 2000


def test_gunzip_gives_bounded_pieces() -> None:
    bomb = Gunzip(io.BytesIO(gzip.compress(b"\0" * (64 << 20))))
    sizes = []
    while piece := bomb.read(1 << 16):
        sizes.append(len(piece))
    assert max(sizes) <= 1 << 16
    assert sum(sizes) == 64 << 20


def test_texts_one_a_line(read: Read) -> None:
    result = read("a.txt.gz", gzip.compress("免考拿证\n 免考拿证 \n\n别的\0话\n".encode()))
    assert [(one.text, one.kind, one.capture_row) for one in result.listings] == [
        ("免考拿证", "post", 1),
        ("免考拿证", "post", 2),
        ("别的\ufffd话", "post", 4),
    ]
    assert result.ids[0] == result.ids[1] != result.ids[2]


def test_links_one_a_line(read: Read) -> None:
    (one, other) = read("a.txt", "https://A.cn/1\nhttps://a.cn/2 免考\n").listings
    assert (one.native_id, one.url, one.url_norm, one.text) == (
        "https://A.cn/1",
        "https://A.cn/1",
        "https://a.cn/1",
        None,
    )
    assert (other.url, other.text) == (None, "https://a.cn/2 免考")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a", b"just some words\nand more\n"),
        ("a.xlsx", b"<html><table><tr><td>x</td></tr></table></html>"),
        ("a.bin", bytes(range(256)) * 100),
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.gz", gzip.compress(gzip.compress(b"x", mtime=0), mtime=0)),
    ],
)
def test_unknown_formats_say_what_to_do(read: Read, name: str, content: bytes) -> None:
    result = read(name, content)
    assert result.listings == []
    assert [one.reason for one in result.refused] == ["unknown_format"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.gif", b"GIF89a\x01\0"), ("a.bmp", b"BM\x36\x7a\0\0\0\0"), ("a.webp", b"RIFF\x01\0\0\0WEBPVP8 ")],
)
def test_pictures_of_other_kinds_say_as_what_to_save_them(read: Read, name: str, content: bytes) -> None:
    assert ["PNG or JPEG first" in one.message for one in read(name, content).refused] == [True]


@pytest.mark.parametrize("content", [b"", b"\n \n\r\n"])
@pytest.mark.parametrize("name", ["a.ndjson", "a.csv", "a.har", "a.html", "a.png"])
def test_an_empty_file_is_refused_by_name(read: Read, name: str, content: bytes) -> None:
    assert [(one.reason, one.where) for one in read(name, content).refused] == [("empty_file", name)]


def test_missing_and_unreadable_files(tmp_path: Path, columns: ColumnTable) -> None:
    with pytest.raises(UsageError, match="no such file"):
        list(read_handover(tmp_path / "none", "p", columns=columns))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "dangling.csv").symlink_to(tmp_path / "none")
    assert list(read_handover(tmp_path / "in", "p", columns=columns)) == []


def test_reject_file(tmp_path: Path, read: Read) -> None:
    target = tmp_path / "rejects" / "r.jsonl"
    with RejectWriter(target) as writer:
        assert not target.exists()
        for one in read("a.csv", '商品ID,商品标题\n,没有编号\n1,"开\n').refused:
            writer.write(one)
    assert writer.count == 2
    first, second = (json.loads(line) for line in target.read_text().splitlines())
    assert first == {
        "file": "a.csv",
        "line": 2,
        "where": "a.csv:2",
        "reason": "no_id",
        "message": "须有编号（native_id、商品ID）或者网址（url、链接）"
        " an id (native_id, 商品ID) or an address (url, 链接) is needed",
        "raw": ",没有编号",
    }
    assert (second["line"], second["reason"], second["raw"]) == (3, "quotes", '1,"开')
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_the_shipped_columns() -> None:
    with SHIPPED.open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    used = {row["field"] for row in rows}
    assert used - {LEFT_OUT} >= FIELDS - {"listing_id"}, FIELDS - used
    table = ColumnTable.load()
    for row in rows:
        column = table.get(row["name"])
        assert column is not None
        assert column.name == row["name"]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("商品标题", "title"),
        ("商 品 标 题*", "title"),
        ("【商品标题】（必填）", None),
        ("商品标题（必填）", "title"),
        ("Seller_Name", "seller_name"),
        ("native-id", "native_id"),
        ("商品ＩＤ", "native_id"),
        ("價格", "price_text"),
        ("价格（元）", "price_text"),
        ("价格（分）", "price_fen"),
        ("价格（万元）", None),
        ("价格(USD)", None),
        ("商品/服务信息", "title"),
        ("处置措施", LEFT_OUT),
        ("capture_id", None),
        ("platform", LEFT_OUT),
        ("", None),
        ("怪列", None),
        ("x" * 10_000, None),
        (5, None),
        (None, None),
    ],
)
def test_headings(columns: ColumnTable, heading: object, field: str | None) -> None:
    column = columns.get(heading)
    assert (column.field if column else None) == field


def test_an_office_lays_its_columns_over_ours(tmp_path: Path, read: Read) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "columns-some-platform.csv").write_text(
        "name,field,source,kind,note\n宝贝大名,title,,,\n价格,-,,,not asked\n"
    )
    table = ColumnTable.load(tmp_path)
    row = {"native_id": "1", "宝贝大名": "甲", "价格": "5", "店铺名称": "乙"}
    (one,) = read_stream(io.BytesIO(json.dumps(row).encode()), "a.jsonl", "p", columns=table)
    assert isinstance(one, Listing)
    assert (one.title, one.price_text, one.seller_name) == ("甲", None, "乙")
    (tables / "columns.csv").write_text("name,field,source,kind,note\n名,title,,,\n")
    replaced = ColumnTable.load(tmp_path)
    assert replaced.get("店铺名称") is None
    assert replaced.get("宝贝大名") is not None
    assert replaced.get("seller_name") is not None


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("名,titel,,,", "field"),
        ("名,title,亮照,,", "source"),
        ("名,seller_region,街上,,", "source"),
        ("名,title,,thing,", "kind"),
        ("名,title", ""),
        ("***,title,,,", "name"),
        ("商品标题,title,,,\n商品 标题,text,,,", "name"),
    ],
)
def test_a_wrong_row_names_file_line_and_field(tmp_path: Path, row: str, field: str) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "columns-x.csv").write_text(f"name,field,source,kind,note\n{row}\n")
    with pytest.raises(SpecError, match=r"columns-x\.csv:[23]") as caught:
        ColumnTable.load(tmp_path)
    assert caught.value.field == field
