"""A platform that has gone quiet is told: by a message, a metric, and with how sure its figures are."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from adwatch.app import Office
from adwatch.app.metrics import samples
from adwatch.app.quiet import WORDS, quiet
from adwatch.app.schedule import end_day
from adwatch.errors import StageError
from adwatch.settings import load_settings
from adwatch.store.captures import end_run, start_run
from tests.app.sites import PLATFORM
from tests.conftest import FixedClock
from tests.store.world import NOON

TODAY = "2026-11-20"
USUAL = {"seen": 30, "new": 8, "complete": True}


def _office(folder: Path, **settings: Any) -> Office:
    file = folder / "data" / "platforms" / "shop.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PLATFORM.format(name="shop", url="http://shop.test"), encoding="utf-8")
    return Office(
        load_settings(home=folder / "home", data=folder / "data", _env_file=None, **settings), FixedClock(NOON)
    )


def _days(office: Office, *figures: dict[str, Any] | None, last: str = TODAY) -> None:
    """One ended patrol a day, the last on ``last``; None: no patrol."""
    for back, figure in enumerate(reversed(figures)):
        if figure is not None:
            day = (date.fromisoformat(last) - timedelta(back)).isoformat()
            outcome = "ok" if figure.get("seen") else "empty"
            counts = {"changed": 0, "vanished": 0, "flagged": 0, "outcome": outcome, "platform": "shop", **figure}
            end_run(office.engine, start_run(office.engine, "patrol", day, "shop", "html", NOON), outcome, counts, NOON)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([USUAL] * 5 + [{"seen": 0, "probe": "ok"}], ("nothing_seen", 30, 0, "zero_sure")),
        ([USUAL] * 5 + [{"seen": 0}], ("nothing_seen", 30, 0, "zero_unsure")),
        ([USUAL] * 5 + [{"seen": 5, "new": 5}], ("far_less", 30, 5, "part")),
        ([USUAL] * 5 + [None], ("not_patrolled", 30, 0, None)),
        ([USUAL] * 5 + [{**USUAL, "new": 0}] * 3, ("nothing_new", 8, 0, "whole")),
        ([USUAL] * 6, None),
        ([USUAL] * 5 + [{"seen": 7, "new": 5}], None),
        ([USUAL] * 5 + [{"seen": 4, "new": 4, "rested": 1}], None),
        ([USUAL] * 5 + [{**USUAL, "new": 0}] * 2, None),
        ([USUAL] * 2 + [{"seen": 0}], None),
        ([{**USUAL, "new": 1}] * 6 + [{**USUAL, "new": 0}] * 3, None),
    ],
)
def test_what_is_quiet_and_what_is_not(
    tmp_path: Path, days: list[dict[str, Any] | None], told: tuple[object, ...] | None
) -> None:
    with _office(tmp_path) as office:
        _days(office, *days)
        found = quiet(office, TODAY, ["shop"])
    assert [(one.word, one.usual, one.now, one.sure) for one in found] == ([told] if told else [])
    assert told is None or WORDS[str(told[0])] in found[0].told


def test_the_days_end_sends_a_message_even_where_a_platform_failed(tmp_path: Path, httpserver: HTTPServer) -> None:
    said: list[str] = []

    def take(request: Request) -> Response:
        said.append(request.get_json()["text"]["content"])
        return Response('{"errcode": 0}')

    httpserver.expect_request("/hook").respond_with_handler(take)
    with _office(tmp_path, alert_webhook=httpserver.url_for("/hook")) as office:
        _days(office, *[USUAL] * 5, {"seen": 0})
        with pytest.raises(StageError, match="failed: shop"):
            end_day(office, TODAY, ["shop"], [])
    assert said == [
        "【证巡】daily_patrol 安静：平台 shop\n日期 2026-11-20，什么也没看到：平时每天 30 条，今天 0 条（没有，但无从核实）"
    ]


def test_an_ordinary_day_sends_nothing(tmp_path: Path, httpserver: HTTPServer) -> None:
    with _office(tmp_path, alert_webhook=httpserver.url_for("/hook")) as office:
        _days(office, *[USUAL] * 6)
        end_day(office, TODAY, ["shop"], [{"platform": "shop"}])
    assert httpserver.log == []


def test_the_metric_names_it(tmp_path: Path) -> None:
    with _office(tmp_path) as office:
        local = NOON.astimezone(office.settings.zone).date()
        _days(office, *[USUAL] * 5, {"seen": 0}, last=local.isoformat())
        told = {
            row["labels"]["platform"]: row["value"]
            for row in samples(office)
            if row["metric"] == "adwatch_platform_quiet"
        }
    assert told["shop"] == 1
    assert sum(told.values()) == 1
