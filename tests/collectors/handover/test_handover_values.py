"""Written values → typed values, each table with rows that must not be read."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwatch.text import url_norm
from collectors.handover import values as v

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("199", 19900),
        ("¥199.00", 19900),
        ("￥ 199.5", 19950),
        ("199元", 19900),
        ("1,299.00", 129900),
        ("１９９元", 19900),
        ("1.2万", 1200000),
        ("3千元", 300000),
        ("价格：199元/本", 19900),
        ("199元起", 19900),
        ("RMB 88", 8800),
        ("0.30000000000000004", 30),
        ("0", 0),
        ("19.995", 2000),
        ("面议", None),
        ("199-299", None),
        ("$20", None),
        ("US$20", None),
        ("原价399现价199", None),
        ("-5", None),
        ("1e5", None),
        ("9" * 40, None),
        ("99999999999999元", None),
        ("199元" + "!" * 100, None),
        ("", None),
    ],
)
def test_price(text: str, fen: int | None) -> None:
    assert v.price_fen(text) == fen


@given(st.integers(0, 10**9), st.sampled_from(["{}.{:02d}", "¥{}.{:02d}", "{}.{:02d}元", "￥{}.{:02d} 起"]))
def test_price_is_exact(fen: int, form: str) -> None:
    assert v.price_fen(form.format(fen // 100, fen % 100)) == fen


@given(st.text(max_size=80))
def test_price_of_any_text(text: str) -> None:
    fen = v.price_fen(text)
    assert fen is None or 0 <= fen < 10**15


MORNING = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-16 09:00",
        "2026-11-16T09:00:00",
        "2026-11-16T09:00:00.000",
        "2026-11-16T01:00:00Z",
        "2026-11-16T01:00:00+00:00",
        "2026/11/16 9:00",
        "2026.11.16 09:00:00",
        "2026年11月16日 09:00",
        "2026年11月16日上午9点",
        "2026年11月16日 星期一 9时00分",
        "２０２６－１１－１６　０９：００",
        "20261116090000",
        "1794790800",
        "1794790800000",
        1794790800,
        1794790800000,
        1794790800.0,
        46342.375,
        datetime(2026, 11, 16, 9, 0),  # noqa: DTZ001  # as a spreadsheet gives it
    ],
)
def test_time(value: object) -> None:
    assert v.to_time(value, SHANGHAI) == MORNING


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-11-16", "2026-11-15T16:00:00+00:00"),
        ("20261116", "2026-11-15T16:00:00+00:00"),
        ("2026/1/6", "2026-01-05T16:00:00+00:00"),
        ("2026年11月16日下午3点05分", "2026-11-16T07:05:00+00:00"),
        ("2026-11-16 12:30 am", "2026-11-15T16:30:00+00:00"),
        ("2026-11-16 09:00:00 +0900", "2026-11-16T00:00:00+00:00"),
        ("1988-07-01 09:00", "1988-07-01T00:00:00+00:00"),  # China had summer time
    ],
)
def test_time_of_other_forms(value: object, shown: str) -> None:
    moment = v.to_time(value, SHANGHAI)
    assert moment is not None
    assert moment.isoformat() == shown
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "",
        "3天前",
        "昨天",
        "2026-13-01",
        "2026-02-30",
        "0001-01-01",
        "9999-12-31T23:59:59-23:59",
        "12",
        20311131,
        20311132,
        20261116256000,
        12,
        0,
        -1,
        True,
        float("nan"),
        float("inf"),
        "99999999999999999999",
        10**30,
        [],
        {},
        "2026-11-16 25:00",
        "1",
        "2026年",
    ],
)
def test_no_time(value: object) -> None:
    assert v.to_time(value, SHANGHAI) is None


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_time_of_anything(value: object) -> None:
    moment = v.to_time(value, SHANGHAI)
    assert moment is None or (moment.tzinfo is UTC and 1979 <= moment.year <= 2200)


@given(
    st.datetimes(datetime(1985, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Casablanca", "Asia/Kathmandu"]),
)
def test_fast_time_is_the_zones(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    moment = moment.replace(microsecond=0, fold=0)
    assert v.to_time(str(moment), zone) == moment.replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("120", 120),
        (7, 7),
        (7.0, 7),
        ("1,200", 1200),
        ("1.2万", 12000),
        ("1000+", 1000),
        ("评价 35 条", 35),
        ("2.5w+", 25000),
        ("暂无", None),
        ("", None),
        ("3 of 5", None),
        ("9" * 30, None),
    ],
)
def test_count(value: object, count: int | None) -> None:
    assert v.to_count(value) == count


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  a  ", "a"),
        ("", None),
        (" \n", None),
        (None, None),
        (5, "5"),
        (5.0, "5"),
        (5.5, "5.5"),
        (True, "TRUE"),
        ("a\0b", "a\ufffdb"),
        (float("nan"), None),
        (["一", "二"], "一\n二"),
    ],
)
def test_text(value: object, text: str | None) -> None:
    assert v.to_text(value) == text


def test_text_up_to_the_limit() -> None:
    assert v.to_text("字" * v.TEXT_LIMIT) == "字" * v.TEXT_LIMIT
    with pytest.raises(v.ValueRefused) as caught:
        v.to_text("字" * (v.TEXT_LIMIT + 1))
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("value", [{"a": 1}, [1], [["x"]], (1,)])
def test_nested_is_no_text(value: object) -> None:
    with pytest.raises(v.ValueRefused) as caught:
        v.to_text(value)
    assert caught.value.reason == "wrong_type"


@pytest.mark.parametrize("value", ["1.23457E+17", "6.2e+17", 6.2e17, 1e15])
def test_a_rounded_id_is_refused(value: object) -> None:
    with pytest.raises(v.ValueRefused) as caught:
        v.to_id(value)
    assert caught.value.reason == "lossy_id"


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), ("1.0", "1.0"), ("E+1", "E+1"), (621234567890123456, "621234567890123456")]
)
def test_id(value: object, text: str) -> None:
    assert v.to_id(value) == text


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https://a.cn/1", "https://a.cn/1"),
        ("【某宝】https://a.cn/1?x=2 「低压电工」点击链接直接打开", "https://a.cn/1?x=2"),
        ("链接：https://a.cn/1，口令", "https://a.cn/1"),
        ("a.cn/1", "a.cn/1"),
        ("javascript:alert(1)", None),
        (" DATA:text/html,x", None),
        ("无 链接", None),
        ("", None),
    ],
)
def test_url(value: str, url: str | None) -> None:
    assert v.to_url(value) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://a.cn/1",
        "https://a.cn/",
        "https://a.cn",
        "https://a.cn/1/",
        "https://a.cn/1?id=5",
        "https://a.cn/1?id=5&spm=2",
        "https://a.cn/1?spm=5",
        "https://A.cn/1",
        "https://a.cn//1",
        "https://a.cn/1?id=",
        "https://a.cn/1#x",
        "https://a.cn:443/1",
        "ftp://a.cn/1",
        "https://a.cn/%7e",
        "https://a.cn/中",
        "x",
    ],
)
def test_normal_url_is_url_norm(url: str) -> None:
    assert v.normal_url(url) == url_norm(url)


@given(
    st.from_regex(
        r"https?://[a-zA-Z0-9.:-]{1,8}/[a-z/.~%-]{0,8}(\?(id|k|spm|sku)=[a-z.~+%-]{0,4}(&id=1)?)?", fullmatch=True
    )
)
def test_any_normal_url_is_url_norm(url: str) -> None:
    assert v.normal_url(url) == url_norm(url)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (["https://a.cn/1.jpg"], ("https://a.cn/1.jpg",)),
        (
            ["https://a.cn/1.jpg", "https://a.cn/1.jpg", None, "", {"url": "//a.cn/2.jpg"}],
            ("https://a.cn/1.jpg", "//a.cn/2.jpg"),
        ),
        (
            "https://a.cn/1,2.jpg, https://a.cn/3.jpg；https://a.cn/4.jpg|https://a.cn/5.jpg",
            ("https://a.cn/1,2.jpg", "https://a.cn/3.jpg", "https://a.cn/4.jpg", "https://a.cn/5.jpg"),
        ),
        ('["https:\\/\\/a.cn\\/1.jpg","https://a.cn/2.jpg"]', ("https://a.cn/1.jpg", "https://a.cn/2.jpg")),
        ("", ()),
        ("javascript:x", ()),
    ],
)
def test_addresses(value: object, found: tuple[str, ...]) -> None:
    assert v.to_addresses(value) == found
