"""Times as sites write them: relative ones are meant as of the capture."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.spec_fields import Time
from collectors.times import read_time, relative_time

SEEN = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)  # 15:30 in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3分钟前", "2026-11-22 15:27"),
        ("3 分钟前", "2026-11-22 15:27"),
        ("刚刚", "2026-11-22 15:30"),
        ("刚才", "2026-11-22 15:30"),
        ("半小时前", "2026-11-22 15:00"),
        ("一小时前", "2026-11-22 14:30"),
        ("两天前", "2026-11-20 15:30"),
        ("5天前", "2026-11-17 15:30"),
        ("3周前", "2026-11-01 15:30"),
        ("2个月前", "2026-09-22 15:30"),
        ("今天 08:15", "2026-11-22 08:15"),
        ("昨天 12:30", "2026-11-21 12:30"),
        ("昨天12:30", "2026-11-21 12:30"),
        ("前天 08:00", "2026-11-20 08:00"),
        ("11-20", "2026-11-20 00:00"),
        ("11-20 08:30", "2026-11-20 08:30"),
        ("11月20日", "2026-11-20 00:00"),
        ("11月20日 08:30", "2026-11-20 08:30"),
        ("12-31", "2025-12-31 00:00"),
        ("02-29", "2024-02-29 00:00"),
        ("发布于 3小时前", "2026-11-22 12:30"),
        ("编辑于 昨天 21:03 浙江", "2026-11-21 21:03"),
        ("3 minutes ago", "2026-11-22 15:27"),
        ("12:30", "2026-11-22 12:30"),
        ("hello", None),
        ("5", None),
        ("电话 138-0000-0000", None),
        ("99-99", None),
        ("13-45 08:00", None),
        ("", None),
    ],
)
def test_relative_to_the_capture(text: str, expected: str | None) -> None:
    found = relative_time(text, SHANGHAI, SEEN)
    shown = found.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if found is not None else None
    assert shown == expected


@pytest.mark.parametrize("year", [2019, 2024, 2031])
def test_the_same_page_says_the_same_whenever_it_is_read(year: int) -> None:
    seen = datetime(year, 3, 1, 0, 30, tzinfo=UTC)
    assert relative_time("昨天 23:00", SHANGHAI, seen) == datetime(year, 2, 29 if year == 2024 else 28, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        ("Sun, 22 Nov 2026 10:41:17 +0000", {"format": "rfc822"}, datetime(2026, 11, 22, 10, 41, 17, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 10:41:17 GMT", {"format": "rfc822"}, datetime(2026, 11, 22, 10, 41, 17, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 10:41:17", {"format": "rfc822"}, datetime(2026, 11, 22, 2, 41, 17, tzinfo=UTC)),
        ("22 Nov 2026 10:41 -0500", {"format": "rfc822"}, datetime(2026, 11, 22, 15, 41, tzinfo=UTC)),
        ("昨天", {"format": "rfc822"}, None),
        ("Sun, 99 Nov 2026 10:41:17 GMT", {"format": "rfc822"}, None),
        ("1小时前", {"format": ["iso", "relative"]}, datetime(2026, 11, 22, 6, 30, tzinfo=UTC)),
        ("1小时前", {}, None),
        ("昨天 12:30", {"format": "relative", "zone": "UTC"}, datetime(2026, 11, 21, 12, 30, tzinfo=UTC)),
    ],
)
def test_formats(text: str, rule: dict[str, object], expected: datetime | None) -> None:
    assert read_time(Time.model_validate(rule), text, SEEN) == expected


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = read_time(Time(format=("iso", "rfc822", "relative")), text, SEEN)
    assert found is None or found.tzinfo is not None
