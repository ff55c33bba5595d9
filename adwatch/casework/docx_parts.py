"""Parts of an official document in WordprocessingML: East Asian fonts, long tables."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from adwatch.casework.shown import without_controls

BODY, HEADING, TITLE, TABLE = "仿宋", "黑体", "方正小标宋简体", "宋体"
"""East Asian fonts by their use; an office without the title font sees its own substitute."""

LATIN = "Times New Roman"


def set_default_font(document: Any) -> None:
    """三号仿宋 (16 pt), 28 pt a line: 22 lines a page of 28 characters."""
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(16)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)


def paragraph(
    document: Any,
    text: str,
    *,
    font: str = BODY,
    size: Any = None,
    align: WD_ALIGN_PARAGRAPH | None = None,
    colour: RGBColor | None = None,
    line: float = 28,
    indent: int = 0,
    after_indent: Any = None,
    keep: bool = False,
) -> Any:
    """A paragraph; ``indent`` is the first line's, in characters; ``keep`` holds it to the next."""
    made = document.add_paragraph()
    run = made.add_run(without_controls(text))
    run.font.size, run.font.name = size or Pt(16), LATIN
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour
    form = made.paragraph_format
    form.alignment, form.line_spacing, form.keep_with_next = align, Pt(line), keep
    if indent:
        form.first_line_indent = Pt((size or Pt(16)).pt * indent)
    if after_indent is not None:
        form.right_indent = after_indent
    return made


def add_table(document: Any, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]]) -> None:
    """A grid with a heading that repeats on every page; a row is not broken across pages.

    Built of elements: the library's own cells cost time with the square of the rows.
    """
    table = document.add_table(rows=0, cols=len(columns))
    table.style, table.autofit = "Table Grid", False
    grid = table._tbl
    for column, (_, width) in zip(grid.tblGrid.findall(qn("w:gridCol")), columns, strict=True):
        column.set(qn("w:w"), str(Mm(width).twips))
    grid.append(_row([name for name, _ in columns], columns, heading=True))
    for row in rows:
        grid.append(_row(row, columns, heading=False))


def _row(cells: Sequence[str], columns: Sequence[tuple[str, int]], heading: bool) -> Any:
    row = OxmlElement("w:tr")
    properties = OxmlElement("w:trPr")
    properties.append(OxmlElement("w:cantSplit"))
    if heading:
        properties.append(OxmlElement("w:tblHeader"))
    row.append(properties)
    for text, (_, width) in zip(cells, columns, strict=True):
        cell = OxmlElement("w:tc")
        shape = OxmlElement("w:tcPr")
        size = OxmlElement("w:tcW")
        size.set(qn("w:w"), str(Mm(width).twips))
        size.set(qn("w:type"), "dxa")
        shape.append(size)
        cell.append(shape)
        for line in text.split("\n"):
            cell.append(_cell_line(line, heading))
        row.append(cell)
    return row


def _cell_line(text: str, heading: bool) -> Any:
    made = OxmlElement("w:p")
    form = OxmlElement("w:pPr")
    spacing = OxmlElement("w:spacing")
    for name, value in (("before", "0"), ("after", "0"), ("line", "240"), ("lineRule", "atLeast")):
        spacing.set(qn(f"w:{name}"), value)
    place = OxmlElement("w:jc")
    place.set(qn("w:val"), "center" if heading else "left")
    form.extend((spacing, place))
    run = OxmlElement("w:r")
    look = OxmlElement("w:rPr")
    fonts = OxmlElement("w:rFonts")
    for name, value in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", HEADING if heading else TABLE)):
        fonts.set(qn(f"w:{name}"), value)
    look.append(fonts)
    size = OxmlElement("w:sz")
    size.set(qn("w:val"), "18")
    look.append(size)
    words = OxmlElement("w:t")
    words.text = without_controls(text)
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run.extend((look, words))
    made.extend((form, run))
    return made


def at_fixed_time(package: bytes) -> bytes:
    """The same package with every member dated 1980-01-01: equal content gives equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
