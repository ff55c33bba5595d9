"""CSV: delimiters, encodings, headings, broken quotes, ragged rows."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from collectors.handover import delimited

from .conftest import Read

HEAD = ["商品ID", "商品标题", "价格", "链接"]
ROWS = [["1", "低压电工证 免考", "199元", "https://a.cn/1"], ["2", "绝缘手套", "面议", "https://a.cn/2"]]


def written(rows: list[list[str]], delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    handle = io.StringIO()
    csv.writer(handle, delimiter=delimiter, quoting=quoting).writerows(rows)
    return handle.getvalue()


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a"])
def test_delimiters_and_encodings(read: Read, delimiter: str, coding: str, name: str) -> None:
    result = read(name, written([HEAD, *ROWS], delimiter).encode(coding))
    assert result.refused == []
    assert [(one.native_id, one.title, one.price_fen, one.price_text) for one in result.listings] == [
        ("1", "低压电工证 免考", 19900, "199元"),
        ("2", "绝缘手套", None, "面议"),
    ]
    assert [one.capture_row for one in result.listings] == [2, 3]


def test_chinese_that_begins_late(read: Read) -> None:
    rows = [[str(n), "plain", "1", "https://a.cn/1"] for n in range(60_000)] + [["x", "电工证", "1", ""]]
    for coding in ("utf-8", "gb18030"):
        result = read("a.csv", written([["item_id", "title", "price", "url"], *rows]).encode(coding))
        assert result.listings[-1].title == "电工证"
        assert len(result.listings) == len(rows)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_other_separators_in_text(read: Read, end: str) -> None:
    text = "一\u2028二\x0b三\x85四"
    result = read("a.csv", end.join(["商品ID,商品标题", f"1,{text}", "", " , ", "2,b"]))
    assert [(one.native_id, one.title) for one in result.listings] == [("1", text), ("2", "b")]
    assert result.refused == []


def test_heading_under_titles_and_repeated(read: Read) -> None:
    text = "某平台数据移交表,,\n填报单位：某局,,2026-11-16\n商品ID,商品标题,怪列\n1,a,x\n商品ID,商品标题,怪列\n2,b,y\n"
    result = read("a.csv", text)
    assert (result.ids, result.refused) == (["1", "2"], [])
    assert result.report.notes == ["a.csv: unknown columns, not read: 怪列; add them to columns.csv"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('x,"open quote,1,https://a.cn/x', "quotes"),
        ('x,"closed" too early,1,https://a.cn/x', "quotes"),
        ("x,too,many,cells,here", "ragged"),
        ("x,few", "ragged"),
        (",没有编号,5,", "no_id"),
        ("1.23457E+17,被表格舍入,5,", "lossy_id"),
        ("x," + "长" * (1 << 20) + "字,5,", "too_large"),
        (",,5,javascript:alert(1)", "no_id"),
    ],
    ids=range(8),
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_bad_row_is_refused_and_the_rest_kept(read: Read, line: str, reason: str, end: str) -> None:
    good = [[str(n), f"标题{n}", "5", f"https://a.cn/{n}"] for n in range(20)]
    before, after = written([HEAD, *good[:10]]), written(good[10:])
    result = read("a.csv", before + line + end + after)
    assert result.ids == [row[0] for row in good]
    assert result.reasons == [(reason, "a.csv:12")]
    assert result.refused[0].raw[:1] == line[:1]
    assert result.listings[-1].capture_row == 22


def test_a_quote_that_swallows_rows_and_still_fits(read: Read) -> None:
    lines = [
        "商品ID,商品标题,链接",
        '1,"a,https://a.cn/1',
        "2,b,https://a.cn/2",
        '3,c",https://a.cn/3',
        "4,d,https://a.cn/4",
    ]
    result = read("a.csv", "\n".join(lines))
    assert result.ids == ["2", "3", "4"]
    assert result.reasons == [("quotes", "a.csv:2")]


def test_text_of_many_lines_is_one_row(read: Read) -> None:
    text = '第一行,逗号\n第二行 "引号"\n\n第四行'
    result = read("a.csv", written([["商品ID", "详情", "链接"], ["1", text, "https://a.cn/1"], ["2", "b", ""]]))
    assert [(one.native_id, one.text, one.capture_row) for one in result.listings] == [("1", text, 2), ("2", "b", 6)]


def test_an_open_quote_before_many_lines(read: Read) -> None:
    lines = ["商品ID,商品标题", '1,"open'] + [f"{n},t" for n in range(2, 5000)]
    result = read("a.csv", "\n".join(lines))
    assert result.ids == [str(n) for n in range(2, 5000)]
    assert result.reasons == [("quotes", "a.csv:2")]


def test_nul_and_bad_bytes_become_replacement_characters(read: Read) -> None:
    result = read("a.csv", "商品ID,商品标题\n1,电\0工证明书\n".encode() + b"2,\xe7\x94\xb5\xe5\xb7\xa5\xff\n")
    assert [one.title for one in result.listings] == ["电\ufffd工证明书", "电工\ufffd"]


def test_a_field_over_the_module_limit_of_csv(read: Read) -> None:
    (one,) = read("a.csv", f"商品ID,详情\n1,{'长' * 300_000}\n").listings
    assert one.text is not None
    assert len(one.text) == 300_000


def test_six_columns_that_platforms_report(read: Read) -> None:
    head = "经营者身份,网店名称,商品/服务信息,违法行为描述,保存的记录,处置措施"
    rows = "某某公司,某店,低压电工证 https://a.cn/9 免考,发布免考信息,https://a.cn/s.png,已下架\n某某公司,某店,高处作业证,包过,,已下架\n,,,,,已下架"
    result = read("a.csv", f"{head}\n{rows}\n{rows}")
    first, second, _, again = result.listings
    assert (first.native_id, first.url, first.links) == ("https://a.cn/9", "https://a.cn/9", ("https://a.cn/s.png",))
    assert (second.operator_name, second.seller_name, second.title, second.text) == (
        "某某公司",
        "某店",
        "高处作业证",
        "包过",
    )
    assert second.native_id == again.native_id
    assert second.native_id.startswith("content-")
    assert [one.reason for one in result.refused] == ["no_id", "no_id"]
    assert result.report.notes == []


def test_tips_are_tips_without_the_person_who_reports(read: Read) -> None:
    head = "登记编号,举报人,举报人电话,被举报人,举报内容,问题描述,举报时间,经营地址"
    result = read("t.csv", f"{head}\nT-1,张某,13800000000,某店,卖电工证,链接 https://a.cn/1,2026-11-16 09:00,太原市\n")
    (one,) = result.listings
    assert (one.kind, one.native_id, one.seller_name) == ("tip", "T-1", "某店")
    assert one.text == "卖电工证\n链接 https://a.cn/1"
    assert (one.seller_region, one.seller_region_source) == ("太原市", "亮照")
    assert "13800000000" not in repr(one)
    assert result.report.notes == []


def test_times_that_cannot_be_read_are_counted(read: Read) -> None:
    result = read("a.csv", "商品ID,发布时间,评价数\n1,3天前,暂无\n2,昨天,5\n3,,\n")
    assert (result.ids, result.refused) == (["1", "2", "3"], [])
    assert result.report.notes == [
        "a.csv: 1 numbers could not be read; the rows are kept without them",
        "a.csv: 2 times could not be read; the rows are kept without them",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("姓名,年龄\n甲,5\n", "no_header"),
        ("价格,库存\n5,5\n", "no_header"),
    ],
)
def test_no_heading(read: Read, content: str, reason: str) -> None:
    result = read("a.csv", content)
    if reason == "no_header" and content.startswith("价格"):
        assert result.listings == []
        return
    assert result.reasons == [(reason, "a.csv:1")]
    assert "columns.csv" in result.refused[0].message


def test_one_column_of_links(read: Read) -> None:
    assert read("a.csv", "链接\nhttps://a.cn/1\nhttps://a.cn/2\n").ids == ["https://a.cn/1", "https://a.cn/2"]


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(st.integers(1, 10**12), CELL, CELL), min_size=1, max_size=10, unique_by=lambda row: row[0]),
    st.sampled_from(delimited.DELIMITERS),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
@example([(1, "\r0;0", "")], ";", csv.QUOTE_ALL)
def test_what_csv_writes_is_read(read: Read, rows: list[tuple[int, str, str]], delimiter: str, quoting: int) -> None:
    lines = [line for _, title, text in rows for cell in (title, text) for line in re.split("[\r\n]", cell)[1:-1]]
    assume(all(line.count(delimiter) < 2 for line in lines))  # a line in a cell that is a whole row is taken for one
    cells = [[str(number), title, text] for number, title, text in rows]
    result = read("a.csv", written([["商品ID", "商品标题", "详情"], *cells], delimiter, quoting).encode())
    assert result.refused == []
    wanted = [(number, title.strip() or None, text.strip() or None) for number, title, text in cells]
    assert [(one.native_id, one.title, one.text) for one in result.listings] == wanted


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.text(st.sampled_from('a",\n\r证\0\t;'), max_size=60))
def test_garbage_between_good_rows_costs_no_good_row_after_it(read: Read, garbage: str) -> None:
    tail = [f"good{n},标题{n},https://a.cn/{n}" for n in range(3)]
    result = read("a.csv", "\n".join(["商品ID,商品标题,链接", garbage, *tail]) + "\n")
    assert set(result.ids) >= {"good1", "good2"}


def test_memory_is_flat(tmp_path: Path) -> None:
    import tracemalloc

    from collectors.handover import ColumnTable, read_handover

    columns, peaks = ColumnTable.load(), []
    for count in (20_000, 80_000):
        file = tmp_path / f"{count}.csv"
        file.write_text("商品ID,商品标题\n" + "".join(f"{n},标题{n}{'x' * 150}\n" for n in range(count)))
        tracemalloc.start()
        assert sum(1 for _ in read_handover(file, "p", columns=columns)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5 + 1_000_000
