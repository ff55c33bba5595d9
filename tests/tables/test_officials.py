"""The register of official look-ups: as of a day, and every mistake named by line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adwatch.errors import SpecError
from adwatch.tables.officials import NAMES, Officials

HEAD = ",".join(NAMES)


@pytest.mark.parametrize(
    ("host", "day", "word"),
    [
        ("cx.mem.gov.cn", date(2026, 11, 28), "official"),
        ("a.cx.mem.gov.cn", date(2026, 11, 28), "official"),
        ("mem.gov.cn", date(2026, 11, 28), None),
        ("www.lnsafety.gov.cn", date(2018, 6, 1), "official"),
        ("lnsafety.gov.cn", date(2018, 6, 1), "official"),
        ("www.lnsafety.gov.cn", date(2026, 6, 1), "official_once"),
        ("cnse.e-cqs.cn", date(2024, 3, 1), "official"),
        ("cnse.e-cqs.cn", date(2026, 3, 1), "official_once"),
        ("cx.mem.gov.cn.example.cn", date(2026, 11, 28), None),
        ("xcx.mem.gov.cn", date(2026, 11, 28), None),
    ],
)
def test_a_host_is_looked_up_as_of_a_day(host: str, day: date, word: str | None) -> None:
    assert Officials().host(host, day)[0] == word


def test_accounts_and_mini_programs_are_known_by_their_whole_name() -> None:
    register = Officials()
    found = register.named("account", "国家安全生产考试", date(2026, 11, 28))
    assert found is not None and "special_operations" in found.families
    assert register.named("account", "国家安全生产考试网", date(2026, 11, 28)) is None
    assert register.named("mini_program", "国家安全生产考试", date(2026, 11, 28)) is None


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (["host,a.gov.cn,construction,,,,某部"], 2, "columns are needed"),
        (["site,a.gov.cn,construction,,,,某部,"], 2, "write one of host"),
        (["host,http://a.gov.cn,construction,,,,某部,"], 2, "is no host name"),
        (["host,A.gov.cn,construction,,,,某部,"], 2, "is no host name"),
        (["host,a.gov.cn,nothing,,,,某部,"], 2, "write one or more of"),
        (["host,a.gov.cn,construction,,,,,"], 2, "who says so"),
        (["host,a.gov.cn,construction,,2020-02-30,,某部,"], 2, "is no date"),
        (["host,a.gov.cn,construction,,2020-02-01,2019-01-01,某部,"], 2, "is before valid_from"),
        (
            ["host,a.gov.cn,construction,,2020-01-01,,某部,", "host,a.gov.cn,construction,,2021-01-01,,某部,"],
            3,
            "in an earlier line for the same time",
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, lines: list[str], line: int, message: str) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "officials.csv").write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    with pytest.raises(SpecError, match=message) as caught:
        Officials(tmp_path)
    assert f"officials.csv:{line}" in str(caught.value)


def test_a_host_may_be_official_in_two_times(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    rows = ["host,a.gov.cn,construction,,2020-01-01,2020-12-31,某部,", "host,a.gov.cn,construction,,2022-01-01,,某部,"]
    (tmp_path / "tables" / "officials.csv").write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    register = Officials(tmp_path)
    words = [register.host("a.gov.cn", date(year, 6, 1))[0] for year in (2019, 2020, 2021, 2022)]
    assert words == ["official_once", "official", "official_once", "official"]
