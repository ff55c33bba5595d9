from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from adwatch.casework import sign_in
from tests.conftest import FixedClock
from tests.console.site import Site, opened, running, take_in

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
DAY = "2026-11-18"
OFFERS: list[dict[str, Any]] = [
    {
        "native_id": "one",
        "url": "https://mall.example/item/1",
        "title": "电工証苞過 低压电工",
        "text": "免拷直接拿证，加薇❤abc138000，电话13800138000，特种作业操作证低压电工，三天出证",
        "seller_name": "甲店",
    },
    {"native_id": "two", "title": "高处作业证 包过", "text": "保过，不过退款，人不到场，电话13912345678"},
    {"native_id": "three", "title": "叉车证N1 免考拿证", "text": "叉车证免考免培训，当天拿证，联系13700001111"},
    {"native_id": "four", "title": "焊工证代办", "text": "全国办证，刻章办证，先办证后付款，加微信 hanz2020"},
]


@pytest.fixture(scope="module")
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, clock: FixedClock) -> Iterator[Site]:
    """A console with four leads and an account of each role; argon2 at its cheapest, so that a core is enough."""
    folder = tmp_path_factory.mktemp("console")
    with pytest.MonkeyPatch.context() as patch, opened(folder, clock) as office:
        patch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
        take_in(office, folder, OFFERS, DAY)
        with running(office) as made:
            for role in ("monitor", "reviewer", "head", "viewer", "admin"):
                made.account(role, role)
            made.account("yuncheng", "reviewer", regions=["山西运城"])
            made.account("building", "reviewer", families=["construction"])
            yield made
