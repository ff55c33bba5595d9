"""The tables' forms and calendars as data: headings as issued, due days on working days, an office's own laid over."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adwatch.casework.report_calendar import due_row, period, periods
from adwatch.errors import SpecError, UsageError
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.report_form import HERE, Form, report_forms
from classifiers.offers import OFFER_CLASSES

HEADINGS = [
    *("开展执法检查的企业数量(家)", "查出无证、假证人员数量(人)", "查出企业问题总数(项)", "限期整改的企业数量(家)"),
    *("停业整顿的企业数量(家)", "罚款金额(万元)", "完成整改的问题数量(项)", "涉嫌犯罪的问题线索移交数量(项)"),
    *("查出假冒政府网站平台数量(个)", "清理涉安全生产资质证书违法违规信息数量(项)", "涉嫌犯罪的问题线索移交数量(项)"),
    *("公安机关查处的涉假证案件数量(件)", "检察机关提前介入的涉假证案件数量(件)"),
    *("检察机关提起公诉的涉假证案件数量(件)", "人民法院审判假证案件数量(件)", "案例曝光情况", "宣传报道情况"),
]
FORMS = report_forms()


def test_the_two_monthly_table_has_the_columns_of_the_form_in_its_order() -> None:
    form = FORMS["two_monthly"]
    assert [column.heading for column in form.columns] == HEADINGS
    groups = [column.group for column in form.columns]
    assert groups == ["", *[""] * 7, *["网络空间治理"] * 3, *["立案查处"] * 4, "", ""]
    computed = [column.heading for column in form.columns if column.figure is not None]
    assert computed == HEADINGS[8:11]
    assert [column.heading for column in FORMS["yearly"].columns] == HEADINGS


def test_every_class_that_a_figure_names_is_one() -> None:
    named = {one for form in FORMS.values() for column in form.columns if column.figure for one in column.figure.types}
    assert {column.figure.of for form in FORMS.values() for column in form.columns if column.figure} >= {
        "sites",
        "removed",
    }
    assert named <= {offer.id for offer in OFFER_CLASSES}


@pytest.mark.parametrize(
    ("name", "key", "first", "last", "due"),
    [
        ("two_monthly", "2026-07", "2026-06-01", "2026-07-31", "2026-08-24"),  # the 23rd is a Sunday
        ("two_monthly", "2026-11", "2026-10-01", "2026-11-30", "2026-12-23"),
        ("monthly_25", "2026-09", "2026-08-26", "2026-09-25", "2026-09-28"),  # Mid-Autumn, then a weekend
        ("monthly_25", "2026-01", "2025-12-26", "2026-01-25", "2026-01-26"),
        ("monthly_2", "2026-09", "2026-09-01", "2026-09-30", "2026-10-08"),  # National Day's week
        ("monthly_2", "2025-12", "2025-12-01", "2025-12-31", "2026-01-04"),  # a Sunday that is worked
        ("yearly", "2025", "2025-01-01", "2025-12-31", "2026-01-08"),
    ],
)
def test_periods_and_due_days(name: str, key: str, first: str, last: str, due: str) -> None:
    one = period(FORMS[name], key)
    assert (one.first.isoformat(), one.last.isoformat()) == (first, last)
    assert one.due(FORMS[name], WorkingDays()).isoformat() == due


def test_nothing_is_owed_before_the_campaign_began() -> None:
    found = periods(FORMS["two_monthly"], date(2024, 12, 31))
    assert [one.key for one in found] == ["2024-05", "2024-07", "2024-09", "2024-11"]
    with pytest.raises(UsageError, match="2024-05"):
        period(FORMS["two_monthly"], "2024-03")
    for strange in ("", "x", "2026-08", "9999", "2026-13", "²⁰²⁶"):
        with pytest.raises(UsageError, match="没有期次"):
            period(FORMS["two_monthly"], strange)


def test_month_to_date_and_the_day_before(tmp_path: Path) -> None:
    text = (HERE / "monthly_25.yml").read_text(encoding="utf-8")
    text = text.replace("{from_day: 26}", "{month_to_date: true}").replace("shift: after", "shift: before")
    form = _written(tmp_path, "monthly_25", text)["monthly_25"]
    one = period(form, "2026-10")
    assert (one.first, one.last) == (date(2026, 10, 1), date(2026, 10, 25))
    assert one.due(form, WorkingDays()) == date(2026, 10, 23)


def test_a_year_that_nobody_knows_is_said_and_an_office_may_tell(tmp_path: Path) -> None:
    form = FORMS["monthly_2"]
    one = period(form, "2030-12")
    with pytest.raises(UsageError, match=r"2031.*holidays\.csv"):
        one.due(form, WorkingDays())
    row = due_row(form, one, False, date(2030, 12, 30), WorkingDays())
    assert (row["due"], row["state"]) == (None, "unknown")
    assert "2031" in row["problem"]
    (tmp_path / "tables").mkdir()
    own = tmp_path / "tables" / "holidays.csv"
    own.write_text("day,working,note\n2031-01-02,no,元旦\n2031-01-04,yes,调休\n", encoding="utf-8")
    assert one.due(form, WorkingDays(tmp_path)) == date(2031, 1, 3)
    own.write_text("day,working,note\n2031-01-02,maybe,\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"holidays\.csv:2"):
        WorkingDays(tmp_path)


@pytest.mark.parametrize(
    ("today", "submitted", "state"),
    [
        ("2026-11-29", False, "running"),
        ("2026-12-01", False, "due"),
        ("2026-12-24", False, "overdue"),
        ("2026-12-24", True, "submitted"),
    ],
)
def test_states_of_what_is_due(today: str, submitted: bool, state: str) -> None:
    form = FORMS["two_monthly"]
    row = due_row(form, period(form, "2026-11"), submitted, date.fromisoformat(today), WorkingDays())
    assert row["state"] == state


@pytest.mark.parametrize(("begun", "state"), [("2026-11-30", "overdue"), ("2026-12-01", "before")])
def test_what_ended_before_the_office_began_is_not_overdue(begun: str, state: str) -> None:
    form, working = FORMS["two_monthly"], WorkingDays()
    one = period(form, "2026-11")
    assert one.last == date(2026, 11, 30)
    row = due_row(form, one, False, date(2026, 12, 24), working, date.fromisoformat(begun))
    assert row["state"] == state
    assert due_row(form, one, True, date(2026, 12, 24), working, date.fromisoformat(begun))["state"] == "submitted"


def _written(folder: Path, name: str, text: str) -> dict[str, Form]:
    (folder / "tables" / "reports").mkdir(parents=True, exist_ok=True)
    (folder / "tables" / "reports" / f"{name}.yml").write_text(text, encoding="utf-8")
    return report_forms(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: text}", "kind: words}", r"county.yml:\d+: columns.4.kind"),
        ("own: 市场监管", "own: 财政", "none of the departments"),
        ("{online_transferred}", "{removed.__class__}", "is no column"),
        ("{from_day: 26}", "{from_day: 26, month_to_date: true}", r"county.yml:\d+: calendar.covers"),
        ("day: 25", "day: 31", r"county.yml:\d+: calendar.due.day"),
        ("title:", "titel:", "title"),
        (", leads: true", "", "leads: true"),
        ("columns:", "columns: [", "YAML"),
    ],
)
def test_a_mistake_in_a_form_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (HERE / "monthly_25.yml").read_text(encoding="utf-8")
    with pytest.raises(SpecError, match="name"):
        _written(tmp_path / "long", "n" * 61, text)
    assert set(_written(tmp_path, "county", text)) == {*FORMS, "county"}
    assert old in text
    with pytest.raises(SpecError, match=said):
        _written(tmp_path, "county", text.replace(old, new))


def test_a_form_whose_file_has_changed_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "tables" / "reports" / "yearly.yml"
    file.parent.mkdir(parents=True)
    shipped = (HERE / "yearly.yml").read_text(encoding="utf-8")
    file.write_text(shipped, encoding="utf-8")
    title = report_forms(tmp_path)["yearly"].title
    assert report_forms(tmp_path)["yearly"].title == title
    file.write_text(shipped.replace(title, f"本市{title}"), encoding="utf-8")
    assert report_forms(tmp_path)["yearly"].title == f"本市{title}"
    file.write_text("title: [", encoding="utf-8")
    with pytest.raises(SpecError, match="is no YAML"):
        report_forms(tmp_path)
