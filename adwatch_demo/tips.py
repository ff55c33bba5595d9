"""Tips as a hotline exports them: one file a simulated day, now a workbook, now comma-separated lines in GB 18030.

The XLSX is made of the five parts that a reader needs, always the same bytes for the same rows: a file that was taken
in is known by its content.
"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from html import escape
from pathlib import Path

from adwatch_demo import HANDED
from adwatch_demo.world import FIRST_DATE, Row, morning, standing

HEADINGS = (
    "序号",
    "工单编号",
    "工单标题",
    "诉求内容",
    "涉事主体",
    "所在地区",
    "登记时间",
    "来电人",
    "来电号码",
    "承办单位",
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STAMP = (FIRST_DATE.year, FIRST_DATE.month, FIRST_DATE.day, 0, 0, 0)


def write_tips(folder: Path, day: int, first: date = FIRST_DATE) -> Path | None:
    """Write the day's file into the folder, which is made; None on a day without tips.

    ``first`` is the date of the first simulated day.
    """
    rows = standing(HANDED, day, first)
    folder.mkdir(parents=True, exist_ok=True)
    if not rows:
        return None
    table = [HEADINGS, *(cells(number, row) for number, row in enumerate(reversed(rows), 1))]
    workbook = day % 2 == 1
    path = folder / f"工单导出_{morning(day, first):%Y%m%d}.{'xlsx' if workbook else 'csv'}"
    draft = folder.with_name(f".{folder.name}.tmp")
    draft.write_bytes(xlsx(table) if workbook else gb_csv(table))
    draft.replace(path)
    return path


def cells(number: int, row: Row) -> tuple[str, ...]:
    """One row of the export; the caller's name and number are the hotline's own masks."""
    posted = datetime.fromisoformat(row["posted_at"])
    mine = (row["seller_name"], row["seller_region"] or "", f"{posted:%Y-%m-%d %H:%M:%S}")
    return (str(number), row["id"], row["title"], row["text"], *mine, "王**", "138****0000", "市场监督管理局")


def gb_csv(table: list[tuple[str, ...]]) -> bytes:
    """The table as spreadsheets of the region save it."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_MINIMAL).writerows(table)
    return out.getvalue().encode("gb18030")


def xlsx(table: list[tuple[str, ...]]) -> bytes:
    """The table as a workbook of one sheet with inline strings (ECMA-376, part 1, 18.3.1.4)."""
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{chr(65 + column)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
            for column, cell in enumerate(line)
        )
        + "</row>"
        for number, line in enumerate(table, 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="工单" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name, _STAMP), (_HEAD + text).encode("utf-8"), zipfile.ZIP_DEFLATED)
    return out.getvalue()
