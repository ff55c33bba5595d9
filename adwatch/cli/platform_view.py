"""How ``platforms list`` and ``platforms check`` look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adwatch.cli.output import print_table, safe, say

_VERDICTS = {"ok": "可用 ok", "look": "可用，请看提示 look", "broken": "不可用 broken"}
_STATES = {"patrolled": "巡查", "template": "模板", "off": "停用", "demo": "演示用"}
_NEXT = {True: "有下一页", False: "没有下一页", None: "只有一页"}


def show_platforms(rows: Iterable[dict[str, Any]]) -> None:
    """Platform files as a table: which are patrolled, and where each lies."""
    heads = ("名称 name", "说明", "类型 kind", "依据 access", "网址", "状态", "文件")
    columns = ("name", "label", "kind", "access", "base_url")
    cells = [[*(row[column] or "" for column in columns), _STATES[row["state"]], _place(row["file"])] for row in rows]
    print_table("平台 platforms", heads, cells)


def _place(file: str) -> str:
    return "随包" if file.startswith("collectors/") else file


def show_check(found: dict[str, Any]) -> None:
    """One live look: what was asked, what was read of it, what to mend."""
    say(f"{found['platform']}（{found['kind']}）: {_VERDICTS[found['verdict']]}")
    for finding in found["findings"]:
        say(f"  ! {safe(finding)}")
    if found["list_url"]:
        say(f"  列表 list: {safe(found['list_url'])}，{found['list_items']} 条，{_NEXT[found['next_page']]}")
    if found["item_url"]:
        say(f"  条目 item: {safe(found['item_url'])}")
    if found["rate"]:
        say(f"  robots.txt: {safe(found['robots'])}；间隔 rate: {safe(found['rate'])}")
        say(f"  拦截词 block words: {safe(found['block_words'])}")
    if found["fill"]:
        rows = [
            (name, count if not count.startswith("0/") else f"{count} 未见") for name, count in found["fill"].items()
        ]
        print_table("字段 fields", ("字段", "读到/条目"), rows)
