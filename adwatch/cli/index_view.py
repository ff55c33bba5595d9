"""What a comparison of index and store found, as tables."""

from __future__ import annotations

from typing import Any

from adwatch.cli.output import print_table, say

PARTS = {"all": "全部 all", "hits": "命中 hits"}
KINDS = {
    "listings": "存储 store",
    "documents": "索引 index",
    "missing": "缺失 missing",
    "orphans": "多余 orphans",
    "sampled": "抽样 sampled",
    "different": "不符 different",
    "days": "天数 days",
}


def show_comparison(result: dict[str, Any]) -> None:
    """One row a part; the days that differ; the listings that are named."""
    rows = [[PARTS[part["part"]], *(f"{part[kind]:,}" for kind in KINDS)] for part in result["parts"]]
    print_table("索引核对 index verify", ("部分 part", *KINDS.values()), rows)
    uneven = [
        (PARTS[part["part"]], day["day"], day["store"], day["index"])
        for part in result["parts"]
        for day in part["uneven"]
    ]
    if uneven:
        print_table("逐日数目不符 days that differ", ("部分 part", "日 day", "存储 store", "索引 index"), uneven[:40])
        if len(uneven) > 40:
            say(f"……另有 {len(uneven) - 40} 天 more days")
    for kind, why in (("missing", "索引中没有 not in the index"), ("orphans", "仅索引中有 only in the index")):
        for name in result[kind]:
            say(f"{name}: {why}")
    for name, fields in result["different"].items():
        say(f"{name}: 内容不符 differs in {', '.join(fields)}")
    say(f"{result['waiting']:,} 条待补送，未核对 changes wait and were not compared")
    say(
        "一致 equal"
        if result["equal"]
        else "不一致 not equal; adwatch index push, index verify again, then index rebuild"
    )
