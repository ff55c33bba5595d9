"""A ledger of N rows screened: ``python -m bench ledger [N]`` (default 1,000,000), as CSV and as XLSX, with the
authority's own records of the same size beside it. People are invented.
"""

from __future__ import annotations

import csv
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from adwatch.app import ledger
from adwatch.app.office import Office
from adwatch.settings import Settings
from adwatch.tables.id_numbers import check_digit

HEADING = ("序号", "姓名", "身份证号", "证书编号", "证书类别", "作业类别", "初领日期", "有效期至")
TRADES = ("低压电工作业", "高处作业", "熔化焊接与热切割作业")


def people(number: int) -> Iterator[list[str]]:
    """Rows with a few wrong ones."""
    chance = random.Random(5)
    for place in range(number):
        body = f"140802{chance.randrange(1965, 2004)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
        body += f"{place % 1000:03d}"
        person = body + (check_digit(body) if chance.random() > 0.02 else "0")
        name = chr(chance.randrange(0x4E00, 0x9000)) + chr(chance.randrange(0x4E00, 0x9000))
        year = chance.randrange(2019, 2026)
        days = (f"{year}-03-01", f"{year + 6}-02-28")
        yield [str(place + 1), name, person, f"T{person}", "特种作业操作证", chance.choice(TRADES), *days]


def main() -> int:
    """Print the figures."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "ledger.csv"
        with rows.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([HEADING, *people(number)])
        book = xlsxwriter.Workbook(str(rows.with_suffix(".xlsx")), {"constant_memory": True})
        sheet = book.add_worksheet()
        for place, cells in enumerate([list(HEADING), *people(min(number, 1_048_575))]):
            sheet.write_row(place, 0, cells)
        book.close()
        with Office(Settings(home=Path(folder) / "home", contact="bench@bench.example")) as office:
            for file, issued in ((rows, ()), (rows.with_suffix(".xlsx"), ()), (rows, (rows,))):
                begin = time.perf_counter()
                done = ledger.check(office, file, issued=issued)
                seconds = time.perf_counter() - begin
                words = ", ".join(f"{each['word']} {each['rows']:,}" for each in done["words"])
                beside = f" beside {done['issued']:,} records" if issued else ""
                print(f"{file.suffix[1:]}{beside}: {done['rows']:,} rows in {seconds:.1f} s ({words})", flush=True)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
