"""覆盖: a row a day and platform, how sure it is, and who has gone quiet; for accounts that see all."""

from __future__ import annotations

from datetime import date, timedelta

from adwatch.store.captures import end_run, start_run
from tests.console.conftest import DAY, NOW
from tests.console.site import Site


def _patrolled(site: Site, day: str, outcome: str, counts: dict[str, object]) -> None:
    run = start_run(site.office.engine, "patrol", day, "plaza", "html", NOW)
    end_run(site.office.engine, run, outcome, counts, NOW)


def test_the_week_with_how_sure_each_day_is(site: Site) -> None:
    days = [(date.fromisoformat(DAY) - timedelta(back)).isoformat() for back in (2, 1, 0)]
    _patrolled(site, days[0], "ok", {"seen": 31, "new": 31, "complete": True})
    _patrolled(site, days[1], "empty", {"probe": "ok"})
    _patrolled(site, days[2], "layout_changed", {"known": "up", "outcomes": {"layout_changed": 1}})
    page = site.client("viewer").get("/coverage").data.decode()
    for words in ("全部看到", "确实没有", "没有，但存疑", "列表为空而已知信息仍在", days[0], "plaza"):
        assert words in page, words
    earlier = site.client("viewer").get(f"/coverage?to={days[0]}").data.decode()
    assert "全部看到" in earlier
    assert "没有，但存疑" not in earlier
    assert "没有，但存疑" not in site.client("viewer").get("/coverage?platform=nowhere").data.decode()


def test_a_day_that_is_none_is_a_mistake_and_a_limited_account_sees_nothing(site: Site) -> None:
    assert site.client("viewer").get("/coverage?to=tomorrow").status == 400
    assert site.client("yuncheng").get("/coverage").status == 403
