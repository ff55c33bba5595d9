"""Beside the weekly list stands how far the week was seen."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from python_calamine import CalamineWorkbook

from adwatch.store.captures import end_run, start_run
from tests.casework.test_export import export
from tests.store.world import World, listing


def test_the_list_says_how_far_the_week_was_seen(world: World, tmp_path: Path) -> None:
    world.flag(listing("1"))
    later = world.now + timedelta(hours=1)
    for day, outcome, counts, ended in (
        ("2026-11-16", "ok", {"pages": 9, "seen": 30, "new": 30, "terms": 12, "complete": True}, world.now),
        ("2026-11-17", "empty", {"pages": 3, "terms": 12, "probe": "ok", "outcomes": {"empty": 1}}, world.now),
        (
            "2026-11-18",
            "blocked",
            {
                "pages": 1,
                "outcomes": {"blocked": 1, "unreachable": 3},
                "unknown": {"unreachable": 2},
                "said": {"needs_cookie": 1, "unknown": 2},
            },
            world.now,
        ),
        ("2026-11-19", "ok", {"pages": 9, "seen": 1}, later),
    ):
        end_run(
            world.engine, start_run(world.engine, "patrol", day, "plaza", "html", world.now), outcome, counts, ended
        )
    file, manifest = export(world, tmp_path, "xlsx")
    table = CalamineWorkbook.from_path(str(file)).get_sheet_by_name("巡查覆盖").to_python()
    assert table[0][:8] == ["日期", "平台", "结果", "可信程度", "检索词", "页面", "所见", "新增"]
    assert table[0][10:13] == ["被拦截", "无法访问", "原因不明"]
    assert [(row[0], row[3], row[6], *row[10:13], row[-1]) for row in table[1:]] == [
        ("2026-11-16", "全部看到", 30, 0, 0, 0, ""),
        ("2026-11-17", "确实没有", 0, 0, 0, 0, ""),
        ("2026-11-18", "没能看", 0, 1, 1, 2, "要登录凭据 1 次，原因不明 2 次"),
    ]
    told = json.loads(manifest.read_bytes())["coverage"]
    assert [(row["day"], row["terms"], row["sure_label"]) for row in told][1] == ("2026-11-17", 12, "确实没有")
