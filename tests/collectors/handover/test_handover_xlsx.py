"""XLSX and XLS: values, types, headings, damage, and files made to exhaust memory."""

from __future__ import annotations

import io
import resource
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Read

HEAD = ["商品ID", "商品标题", "价格", "发布时间", "链接"]
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def book(rows: list[list[object]], more: dict[str, list[list[object]]] | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_urls": False, "nan_inf_to_errors": True, **options}) as workbook:
        workbook.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001  # the same bytes each time
        date = workbook.add_format({"num_format": "yyyy年m月d日 hh:mm"})
        for name, table in {"清单": rows, **(more or {})}.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(table):
                for at, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(number, at, cell, date)
                    elif cell is not None:
                        sheet.write(number, at, cell)
    return out.getvalue()


def bare(sheet: str, strings: str = "", head: str = "<?xml version='1.0'?>") -> bytes:
    """A workbook written by hand, without styles."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(
            "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="r"><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>'
        )
        target = '<Relationship Id="rId1" Target="/xl/worksheets/sheet1.xml"/>'
        parts.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{target}</Relationships>")
        parts.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{strings}</sst>")
        parts.writestr("xl/worksheets/sheet1.xml", f"{head}{sheet}")
    return out.getvalue()


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADING = '<row r="1">' + inline("A1", "商品ID") + inline("B1", "商品标题") + "</row>"


@pytest.mark.parametrize(
    "options", [{}, {"constant_memory": True}, {"default_date_format": "d/m/yy", "date_1904": True}]
)
def test_values_and_types(read: Read, options: dict[str, object]) -> None:
    when = datetime(2026, 11, 16, 9, 0)  # noqa: DTZ001
    rows: list[list[object]] = [
        ["某平台数据移交表"],
        [],
        HEAD,
        [1001, "低压电工证 免考", 199.0, when, "https://a.cn/1"],
        ["A-2", "  ", "面议", "2026/11/16 9:00", None],
        [3.0, 110, 0.1 + 0.2, 46342.375 if "date_1904" not in options else when, "https://a.cn/3"],
    ]
    result = read("a.xlsx", book(rows, **options))
    assert result.refused == []
    assert result.ids == ["1001", "A-2", "3"]
    assert [one.title for one in result.listings] == ["低压电工证 免考", None, "110"]
    assert [(one.price_fen) for one in result.listings] == [19900, None, 30]
    assert [one.price_text for one in result.listings][:2] == ["199", "面议"]
    assert {one.posted_at for one in result.listings} == {datetime(2026, 11, 16, 1, 0, tzinfo=UTC)}
    assert [one.capture_row for one in result.listings] == [4, 5, 6]


def test_formulas_give_their_stored_values(read: Read) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEAD[:3])
        sheet.write_formula(1, 0, '="A"&"7"', value="A7")
        sheet.write_formula(1, 1, '=HYPERLINK("https://a.cn","电工证")', value="电工证")
        sheet.write_formula(1, 2, "=1/0", value="#DIV/0!")
        sheet.write_boolean(2, 0, True)
    first, second = read("a.xlsx", out.getvalue()).listings
    assert (first.native_id, first.title, first.price_text) == ("A7", "电工证", None)
    assert second.native_id == "TRUE"


def test_bad_rows_are_refused_and_the_rest_kept(read: Read) -> None:
    rows: list[list[object]] = [
        HEAD,
        ["1", "a"],
        [None, "没有编号"],
        [123456789012345678, "被舍入的编号"],
        [123456789012345678, "有链接", None, None, "https://a.cn/5"],
        [None, None, None, None, None],
        HEAD,
        ["8", "h"],
    ]
    result = read("a.xlsx", book(rows))
    assert result.ids == ["1", "https://a.cn/5", "8"]
    assert result.reasons == [("no_id", "a.xlsx:清单:3"), ("lossy_id", "a.xlsx:清单:4")]
    assert result.refused[0].raw.strip() == "没有编号"


def test_several_sheets_are_numbered_through(read: Read) -> None:
    more: dict[str, list[list[object]]] = {"说明": [["本表由平台填写"]], "第二批": [HEAD, ["2", "b"]], "空": []}
    result = read("a.xlsx", book([HEAD, ["1", "a"]], more))
    assert [(one.native_id, one.capture_row) for one in result.listings] == [("1", 2), ("2", 5)]
    assert result.refused == []


def test_no_heading(read: Read) -> None:
    result = read("a.xlsx", book([["姓名", "年龄"], ["甲", 5]]))
    assert result.reasons == [("no_header", "a.xlsx")]
    assert "清单" in result.refused[0].message


def test_one_known_column(read: Read) -> None:
    assert read("a.xlsx", book([["请逐行填写"], ["链接"], ["https://a.cn/1"], ["https://a.cn/2"]])).ids == [
        "https://a.cn/1",
        "https://a.cn/2",
    ]


def test_rich_text_phonetics_escapes_and_prefixes(read: Read) -> None:
    strings = (
        "<si><r><t>低压</t></r><r><t>电工</t></r><rPh><t>ディーヤー</t></rPh></si><si><t>a_x000A_b_xD800_</t></si>"
    )
    rows = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>0</v></c></row>'
    rows += '<row><c><v>2</v></c><c t="s"><v>1</v></c></row>'
    rows += '<row><c><v>3</v></c><c t="s"><v>99</v></c></row>'
    sheet = f"<worksheet {MAIN}><sheetData>{HEADING}{rows}</sheetData></worksheet>"
    for content in (sheet, sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")):
        result = read("a.xlsx", bare(content, strings))
        assert [(one.native_id, one.title) for one in result.listings] == [
            ("1", "低压电工"),
            ("2", "a\nb\ufffd"),
            ("3", None),
        ]


def test_a_cell_at_the_far_end_costs_nothing(read: Read) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = f'<row r="2">{inline("A2", "1")}{inline("B2", "a")}</row><row r="1048576">{inline("XFD1048576", "x")}</row>'
    result = read("a.xlsx", bare(f"<worksheet {MAIN}><sheetData>{HEADING}{rows}</sheetData></worksheet>"))
    assert result.ids == ["1"]
    assert [one.reason for one in result.refused] == ["no_id"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_million_empty_rows(read: Read) -> None:
    empty = "".join(f'<row r="{n}" s="1"/>' for n in range(2, 1_000_000))
    last = f'<row r="1000000">{inline("A1000000", "1")}</row>'
    result = read("a.xlsx", bare(f"<worksheet {MAIN}><sheetData>{HEADING}{empty}{last}</sheetData></worksheet>"))
    assert [(one.native_id, one.capture_row) for one in result.listings] == [("1", 1_000_000)]


def test_an_entity_bomb_is_refused(read: Read) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    sheet = f'<worksheet {MAIN}><sheetData>{HEADING}<row r="2"><c r="A2"><v>&b;</v></c></row></sheetData></worksheet>'
    assert [reason for reason, _ in read("a.xlsx", bare(sheet, head=bomb)).reasons] == ["corrupt"]


def test_a_value_over_the_limit_and_a_string_that_would_fill_memory(read: Read) -> None:
    rows = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>0</v></c></row>'
    rows += f'<row r="3">{inline("A3", "2")}</row>'
    huge = "<si><t>" + "x" * (20 << 20) + "</t></si>"
    result = read("a.xlsx", bare(f"<worksheet {MAIN}><sheetData>{HEADING}{rows}</sheetData></worksheet>", huge))
    assert result.ids == ["2"]
    assert [one.reason for one in result.refused] == ["too_large"]


def test_damage_keeps_what_stands_before(read: Read) -> None:
    rows = f'<row r="2">{inline("A2", "1")}</row><row r="3"><c r="A3"><broken</row>'
    result = read("a.xlsx", bare(f"<worksheet {MAIN}><sheetData>{HEADING}{rows}</sheetData></worksheet>"))
    assert result.ids == ["1"]
    assert [one.reason for one in result.refused] == ["corrupt"]


def test_other_zip_files_and_cut_off_ones(read: Read) -> None:
    whole = book([HEAD, ["1", "a"]])
    assert [one.reason for one in read("a.xlsx", whole[: len(whole) // 2]).refused] == ["corrupt"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("a.csv", "商品ID\n1\n")
    result = read("a.zip", out.getvalue())
    assert [one.reason for one in result.refused] == ["unknown_format"]
    assert "unpack" in result.refused[0].message


def test_a_version_of_zip_that_nobody_reads_is_refused(read: Read) -> None:
    content = bytearray(book([HEAD, ["1", "标题"]]))
    content[content.index(b"PK\x01\x02") + 6] = 0x41
    assert [one.reason for one in read("a.xlsx", bytes(content)).refused] == ["corrupt"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.data())
def test_flipped_bytes_raise_nothing(read: Read, data: st.DataObject) -> None:
    content = bytearray(book([HEAD, *([str(n), f"标题{n}"] for n in range(30))]))
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=5)):
        content[at] ^= 0x55
    result = read("a.xlsx", bytes(content))
    assert all(one.reason and one.message for one in result.refused)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**12), st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20)
        ),
        max_size=9,
    )
)
def test_what_is_written_is_read(read: Read, rows: list[tuple[int, str]]) -> None:
    result = read(
        "a.xlsx", book([HEAD, *([number, f"字{title}字"] for number, title in rows)], strings_to_formulas=False)
    )
    assert [(one.native_id, one.title) for one in result.listings] == [
        (str(number), f"字{title}字") for number, title in rows
    ]


def test_the_old_format(read: Read) -> None:
    result = read("old.xls", (Path(__file__).parent / "data" / "old.xls").read_bytes())
    assert [(one.native_id, one.title, one.price_fen, one.capture_row) for one in result.listings] == [
        ("1001", "低压电工手套", 1990, 3),
        ("A-2", "绝缘梯", None, 4),
    ]
    assert result.listings[0].posted_at == datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
    assert [one.reason for one in result.refused] == ["no_id"]


def test_a_damaged_old_one(read: Read) -> None:
    content = (Path(__file__).parent / "data" / "old.xls").read_bytes()
    for damaged in (content[:700], content[:8] + b"\xff" * 3000, content[:4000]):
        assert [one.reason for one in read("old.xls", damaged).refused] == ["corrupt"]
