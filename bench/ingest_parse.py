"""Reading hand-over files: rows/s and memory of each format beside what the standard library needs for the bare parse.

Usage: python bench/ingest_parse.py [ROWS ...]   (default 100000 1000000; each measurement in a process of its own)
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from adwatch.models import Listing
from adwatch.settings import load_settings
from collectors.captured import Captured
from collectors.handover import ColumnTable, read_handover
from collectors.registry import read_platforms

NAMES = ("商品ID", "链接", "商品标题", "详情", "价格", "店铺ID", "店铺名称", "发布时间", "图片")
FIELDS = ("native_id", "url", "title", "text", "price", "seller_id", "seller_name", "posted_at", "images")
WORDS = [
    "低压电工",
    "高处作业",
    "培训",
    "报名",
    "考试",
    "发货",
    "新款",
    "工具",
    "套装",
    "手套",
    "安全帽",
    "绝缘",
    "梯子",
]
WORDS += ["全国", "包邮", "学习", "资料", "教材", "正版", "现货", "咨询", "客服"]
FORMATS = ("jsonl", "ndjson", "har", "json", "csv", "gb.csv", "xlsx", "warc")
"""ndjson: Zeeschuimer's; har: twenty items in each answer."""


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Invented rows of about 200 characters."""
    rng = random.Random(7)
    for number in range(count):
        text = " ".join(rng.choices(WORDS, k=24))
        yield (
            str(600_000_000_000 + number),
            f"https://item.example.cn/goods/{number}.html",
            f"{rng.choice(WORDS)} {rng.choice(WORDS)} {number}",
            text,
            f"{rng.randrange(1, 900)}.{rng.randrange(10)}0",
            f"shop{number % 5000}",
            f"{rng.choice(WORDS)}专营店",
            f"2026-11-{1 + number % 28:02d} 09:{number % 60:02d}:00",
            f"https://img.example.cn/{number}.jpg",
        )


def make(form: str, file: Path, count: int) -> None:
    """Write a file of that format."""
    if form in ("jsonl", "json"):
        with file.open("w", encoding="utf-8") as handle:
            between = "[\n" if form == "json" else ""
            for row in rows(count):
                record = dict(zip(FIELDS, row, strict=True)) | {"images": [row[-1]]}
                handle.write(between + json.dumps(record, ensure_ascii=False))
                between = ",\n" if form == "json" else "\n"
            handle.write("\n]" if form == "json" else "\n")
    elif form == "ndjson":
        with file.open("w", encoding="utf-8") as handle:
            for row in rows(count):
                meta = {"source_platform": "douyin.com", "timestamp_collected": 1795345200000, "user_agent": "UA"}
                handle.write(json.dumps({**meta, "data": item(row)}, ensure_ascii=False) + "\n")
    elif form == "har":
        with file.open("w", encoding="utf-8") as handle:
            handle.write('{"log":{"version":"1.2","entries":[')
            between = ""
            for batch in batched(rows(count), 20):
                answer = json.dumps({"data": [{"aweme_info": item(row)} for row in batch]}, ensure_ascii=False)
                content = {"mimeType": "application/json", "text": answer}
                asked = {"url": "https://www.douyin.com/aweme/v1/web/search/item/"}
                entry = {"request": asked, "response": {"status": 200, "content": content}}
                handle.write(between + json.dumps(entry, ensure_ascii=False))
                between = ","
            handle.write("]}}")
    elif form.endswith("csv"):
        with file.open("w", encoding="gb18030" if form == "gb.csv" else "utf-8-sig", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(NAMES)
            writer.writerows(rows(count))
    elif form == "xlsx":
        with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([NAMES, *rows(count)]):
                sheet.write_row(number, 0, row)
    else:
        with file.open("wb") as handle:
            writer = WARCWriter(handle, gzip=True)
            for row in rows(count):
                body = (
                    f"<html><title>{row[2]}</title><body><nav>x</nav><article><p>{row[3]}</p></article></body></html>"
                )
                headers = StatusAndHeaders(
                    "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
                )
                record = writer.create_warc_record(row[1], "response", BytesIO(body.encode()), http_headers=headers)
                writer.write_record(record)


def item(row: tuple[str, ...]) -> dict[str, object]:
    """A row as Douyin's interface would have it."""
    author = {"nickname": row[6], "sec_uid": row[5]}
    cover = {"cover": {"url_list": [row[8]]}}
    return {"aweme_id": row[0], "desc": row[3], "create_time": 1795003445, "author": author, "video": cover}


def batched(each: Iterator[tuple[str, ...]], size: int) -> Iterator[list[tuple[str, ...]]]:
    """Lists of ``size`` rows."""
    while batch := list(islice(each, size)):
        yield batch


def ours(file: Path) -> int:
    """Our reader, to the last listing."""
    captured = Captured(read_platforms(load_settings(_env_file=None))[0])
    found = read_handover(file, "bench", columns=ColumnTable.load(), captured=captured)
    return sum(isinstance(one, Listing) for one in found)


def stdlib(file: Path) -> int:
    """The bare parse by json, csv or calamine: no types, no checks, no listing."""
    if file.suffix in (".jsonl", ".ndjson"):
        with file.open(encoding="utf-8") as handle:
            return sum(len(json.loads(line)) > 0 for line in handle)
    if file.suffix in (".json", ".har"):
        return len(json.loads(file.read_text(encoding="utf-8")))
    if file.suffix == ".csv":
        encoding = "gb18030" if ".gb." in file.name else "utf-8-sig"
        with file.open(encoding=encoding, newline="") as handle:
            return sum(1 for _ in csv.reader(handle)) - 1
    if file.suffix == ".xlsx":
        return sum(1 for _ in CalamineWorkbook.from_path(file).get_sheet_by_index(0).iter_rows()) - 1
    return 0


def measure(work: Callable[[Path], int], file: Path) -> None:
    """Prints rows, seconds and peak memory, for the parent process."""
    before = peak_memory()
    start = time.process_time()
    count = work(file)
    seconds, peak = time.process_time() - start, peak_memory()
    print(count, seconds, peak // 1024, (peak - before) // 1024)


def peak_memory() -> int:
    """Peak resident memory of this process in kB (ru_maxrss would hand on the parent's)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def main() -> None:
    """The table."""
    if len(sys.argv) == 4 and sys.argv[1] in ("ours", "stdlib"):
        measure(ours if sys.argv[1] == "ours" else stdlib, Path(sys.argv[2]))
        return
    counts = [int(word) for word in sys.argv[1:]] or [100_000, 1_000_000]
    print("format     rows        ours rows/s   peak MB  (growth)   bare parse rows/s   peak MB")
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMATS:
            for count in counts:
                size = count // 10 if form == "warc" else count
                file = Path(folder) / f"rows.{form}"
                make(form, file, size)
                line = f"{form:9} {size:9,}"
                for who in ("ours", "stdlib"):
                    command = [sys.executable, __file__, who, str(file), "-"]
                    done = subprocess.run(command, capture_output=True, text=True, check=True)
                    found, seconds, peak, growth = (float(word) for word in done.stdout.split())
                    assert who == "stdlib" or found == size, (form, found)
                    line += f"  {found / max(seconds, 1e-6):12,.0f}  {peak:8,.0f}" + (
                        f"  ({growth:,.0f})" if who == "ours" else ""
                    )
                print(line, flush=True)
                file.unlink()


if __name__ == "__main__":
    main()
