"""The register and the look-alike filter as an officer uses them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from adwatch.app import officials
from adwatch.app.office import Office
from adwatch.errors import SpecError, UsageError
from adwatch.settings import Settings
from tests.classifiers.sites.test_page import LOOKUP

DAY = date(2026, 11, 28)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "data").mkdir()
    with Office(Settings(home=tmp_path / "home", data=tmp_path / "data", contact="t@t.example")) as opened:
        yield opened


def test_what_is_added_is_official_from_then_on_and_the_shipped_entries_stay(office: Office) -> None:
    host = {"kind": "host", "name": "cx.some.example", "families": "construction", "source": "某省住建厅"}
    assert officials.on(office, DAY, "https://cx.some.example/q")["verdict"] == "not_registered"
    shipped = officials.check(office)["entries"]
    assert officials.add(office, {**host, "valid_from": "2026-01-01"})["entries"] == shipped + 1
    assert officials.on(office, DAY, "https://cx.some.example/q")["verdict"] == "official"
    assert officials.on(office, date(2025, 1, 1), "cx.some.example")["verdict"] == "official_once"
    assert officials.on(office, DAY, "cx.mem.gov.cn")["verdict"] == "official"


def test_a_wrong_entry_changes_nothing(office: Office, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="is no host name"):
        officials.add(office, {"kind": "host", "name": "http://x", "families": "construction", "source": "某部"})
    assert not list((tmp_path / "data").rglob("*.csv"))
    with pytest.raises(UsageError, match="no host name"):
        officials.on(office, DAY, "…")


def test_the_filter_answers_every_line_in_order(office: Office) -> None:
    lines = ["cx.mem.gov.cn\n", "cx-mem-gov.cn\n", "\n", "www.lnsafety.gov.cn", "https://a.example/"]
    rows = list(officials.scores(None, lines, DAY))
    assert [row["verdict"] for row in rows] == ["official", "look_alike", "other", "official_once", "other"]
    assert rows[2]["host"] is None and rows[1]["why"]


def test_a_saved_page_is_explained(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_bytes(LOOKUP.encode("gb18030"))
    row = officials.page(office, file, "http://cx-mem-gov.example/", DAY)
    assert row["word"] == "fake_lookup" and row["word_label"] == "疑似假冒查询网站"
    assert any("查询表单" in point["why"] for point in row["points"])
    with pytest.raises(UsageError, match="cannot be read"):
        officials.page(office, tmp_path / "none.html", "http://a.example/", DAY)
    with pytest.raises(UsageError, match="no address"):
        officials.page(office, file, "nowhere", DAY)
