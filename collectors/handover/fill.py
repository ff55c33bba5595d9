"""Writes answers into cells of somebody else's XLSX and leaves everything else as it came.

Every part of the file but the one sheet is copied byte for byte; in the sheet only the named cells are touched: they
keep their style and get a text. So forms with merged heads, protection, lists and pictures go back as they were issued.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from contextlib import closing

from lxml import etree

from collectors.handover import zips
from collectors.handover.values import ValueRefused
from collectors.handover.workbook import Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
PART_LIMIT = 200 << 20


def fill_cells(data: bytes, sheet: str, cells: Mapping[tuple[int, int], str]) -> bytes:
    """The workbook with texts in cells by (row, column) from 1; ValueRefused where a cell holds a formula."""
    with closing(Workbook(io.BytesIO(data))) as book:
        part = book.part_of(sheet)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            names = {info.filename.lower().lstrip("/"): info for info in old.infolist()}
            info = names[part]
            if info.file_size > PART_LIMIT:
                raise ValueRefused(
                    "too_large",
                    f"{info.filename} 解压后超过 {PART_LIMIT:,} 字节"
                    f" {info.filename} unpacks to more than {PART_LIMIT:,} bytes",
                )
            changed = _filled(old.read(info), cells)
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
                for each in old.infolist():
                    new.writestr(each, changed if each is info else old.read(each), each.compress_type)
    except zips.READING as error:
        raise ValueRefused("corrupt", f"工作簿已损坏 the workbook is damaged: {error}") from error
    return out.getvalue()


def _filled(xml: bytes, cells: Mapping[tuple[int, int], str]) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise ValueRefused("corrupt", f"工作簿中的 XML 已损坏 the XML in the workbook is damaged: {error}") from error
    if b"<!DOCTYPE" in xml[:2000]:
        raise ValueRefused(
            "corrupt",
            "工作簿含有 DTD，正常的表格软件不会写出 the workbook declares a DTD, which no spreadsheet program writes",
        )
    space = etree.QName(root).namespace
    if space not in (MAIN, STRICT):
        raise ValueRefused("corrupt", f"不是工作表 no worksheet: its root is {root.tag}")
    body = root.find(f"{{{space}}}sheetData")
    if body is None:
        raise ValueRefused("corrupt", "工作表没有行 the worksheet has no rows")
    rows = {int(row.get("r") or at): row for at, row in enumerate(body, 1)}
    for (line, column), text in cells.items():
        if line not in rows:
            raise ValueRefused("corrupt", f"工作表没有第 {line} 行 the sheet has no row {line}")
        _put(rows[line], line, column, text, str(space))
    declaration = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return declaration + etree.tostring(root, encoding="UTF-8")


def _put(row: etree._Element, line: int, column: int, text: str, space: str) -> None:
    name = f"{letters(column)}{line}"
    place = 0
    found = None
    for at, cell in enumerate(row):
        number = column_of(str(cell.get("r", "")))
        if number == column:
            found = cell
            break
        if number < column:
            place = at + 1
    if found is None:
        found = etree.Element(f"{{{space}}}c", {"r": name})
        row.insert(place, found)
    if found.find(f"{{{space}}}f") is not None:
        raise ValueRefused("formula", f"{name} 是公式，不予覆盖 {name} holds a formula; it is not overwritten")
    for child in list(found):
        found.remove(child)
    found.set("t", "inlineStr")
    holder = etree.SubElement(found, f"{{{space}}}is")
    words = etree.SubElement(holder, f"{{{space}}}t")
    words.text = text
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def letters(column: int) -> str:
    """27 → AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_of(name: str) -> int:
    """AA5 → 27; 0 where it is no cell's name."""
    number = 0
    for letter in name:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number
