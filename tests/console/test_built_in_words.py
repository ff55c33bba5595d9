"""The built-in register of fake sites is called by its Chinese name wherever officers read of a platform."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adwatch.app import casework, weekly
from adwatch.casework import sign_in
from tests.casework.office import decide
from tests.conftest import FixedClock
from tests.console.site import ADMIN, opened, running, text
from tests.store.world import NOON, World, listing, verdict

LABEL = "仿冒网站登记"
RAW = re.compile(r">\s*sites\s*<|sites平台|（sites）")


def test_no_screen_calls_the_register_of_fake_sites_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path, FixedClock(NOON)) as office, running(office) as site:
        world = World(office.engine)
        item = listing("cx.example.cn", platform="sites", title="仿冒查询网站")
        case = world.flag(item, verdict(item, offer_types=("fake_lookup_site",)))
        decide(world, case)
        site.account("head", "head")
        head = site.client("head")
        form = {"cases": str(case), "kind": "clue", "receiver": "police", "addressee": "某市公安局", "reason": "仿冒"}
        assert head.post("/transfer/draft", form, page="/transfer").status == 303
        behind = "/reports/two_monthly/2026-12/behind/sites"
        paths = ("/queue?state=all", f"/cases/{case}", "/takedown", "/transfer/ADW-TR-2026-0001", behind)
        for path in paths:
            page = text(head.get(path))
            assert not RAW.search(page), path
            assert LABEL in page or path in ("/takedown", behind), path
        assert f'<option value="sites">{LABEL}</option>' in text(head.get("/queue"))
        made = weekly.made(office, "2026-W47", False, ADMIN)
        assert made["count"] == 1
        rows = weekly.file(office, "2026-W47", 1, "csv")[1].decode("utf-8-sig")
        assert LABEL in rows and ",sites," not in rows
        assert casework.platform_infos(office)["sites"].label == LABEL
