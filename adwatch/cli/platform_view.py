"""How ``platforms list`` and ``platforms check`` look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from adwatch.cli.output import print_table, safe, say

_VERDICTS = {"ok": "可用 ok", "look": "可用，请看提示 look", "broken": "不可用 broken"}
_STATES = {"patrolled": "巡查", "template": "模板", "off": "停用", "demo": "演示用"}
_FACTS = {
    "software": "建站程序 software",
    "feeds": "订阅源 feeds",
    "list": "列表 list",
    "paging": "翻页 paging",
    "structured data": "结构化数据 structured data",
    "sitemap": "网站地图 sitemap",
}
_WHY_NOT = {
    "exists": "已有同名的平台文件，从不覆盖；请用 --name 另起名字，或先移走旧文件 there is a file of that name",
    "nowhere": "没有设 ADWATCH_DATA（本单位文件的文件夹）；请设好再来，或给 --out set ADWATCH_DATA or give --out",
}
_NEXT = {True: "有下一页", False: "没有下一页", None: "只有一页"}


def show_platforms(rows: Iterable[dict[str, Any]]) -> None:
    """Platform files as a table: which are patrolled, and where each lies."""
    heads = ("名称 name", "说明", "类型 kind", "依据 access", "网址", "状态", "文件")
    columns = ("name", "label", "kind", "access", "base_url")
    cells = [[*(row[column] or "" for column in columns), _STATES[row["state"]], _place(row["file"])] for row in rows]
    print_table("平台 platforms", heads, cells)


_ALWAYS = (
    "day",
    "platform",
    "outcome",
    "sure",
    "pages",
    "seen",
    "new",
    "changed",
    "vanished",
    "flagged",
    "terms",
    "terms_empty",
)
_SILENT: dict[str, tuple[object, ...]] = {
    "runs": (1,),
    "probe": (None,),
    "breaker": ("closed",),
    "complete": (True,),
    "known": (None,),
}
_SILENT["reread"] = ("none", "same")
_SILENT["said"] = ({},)
"""Cells that are only shown where they are none of this; figures where they are not zero."""


def show_coverage(rows: Iterable[dict[str, Any]], heads: Mapping[str, str]) -> None:
    """A row a day and platform: the figures, and in words what was not as it should be."""
    cells = [[*(_worded(name, row[name]) for name in _ALWAYS), _remarks(row, heads)] for row in rows]
    print_table("巡查覆盖 coverage", [*(heads[name] for name in _ALWAYS), "说明"], cells)


def _remarks(row: Mapping[str, Any], heads: Mapping[str, str]) -> str:
    told = (
        f"{heads[name]} {_worded(name, value)}"
        for name, value in row.items()
        if name not in _ALWAYS and value not in _SILENT.get(name, (0,))
    )
    return "，".join(told)


def _worded(name: str, value: Any) -> Any:
    from adwatch.app.coverage import SURE, answers_told
    from adwatch.app.words import OUTCOMES

    if name == "said":
        return answers_told(value)
    words = {"outcome": OUTCOMES, "sure": SURE}.get(name, {})
    return words.get(str(value), safe(value))


def _place(file: str) -> str:
    return "随包" if file.startswith("collectors/") else file


def show_check(found: dict[str, Any], zone: tzinfo) -> None:
    """One live look: what was asked, what was read of it (times in ``zone``), what to mend or to do next."""
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
    if found["list_fill"]:
        say("  列表上的字段 on the list: " + "，".join(f"{name} {count}" for name, count in found["list_fill"].items()))
    if found["fill"]:
        example = found["example"]
        rows = [
            (
                name,
                count if not count.startswith("0/") else f"{count} 未见",
                _short(example.get("price_text" if name == "price" else name), zone),
            )
            for name, count in found["fill"].items()
        ]
        print_table("字段 fields", ("字段", "读到/条目", "例：请与网页核对 example"), rows)
    if found["verdict"] != "broken" and found["item_url"]:
        say("核对无误后运行 adwatch platforms record " + found["platform"])


def show_draft(found: dict[str, Any], zone: tzinfo) -> None:
    """What a first look found: how each field is read, the first listings (times in ``zone``), where the draft lies."""
    for name, told in found["facts"].items():
        say(f"  {_FACTS.get(name, name)}: {safe(told)}")
    for note in found["notes"]:
        say(f"  ! {safe(note)}")
    if found["fields"]:
        heads = ("字段 field", "怎样找到 how", "读到 filled", "例 example")
        cells = [(row["field"], row["how"], row["filled"], _short(row["example"], zone)) for row in found["fields"]]
        print_table(f"{found['name']}：{safe(found['why'])}", heads, cells)
        shown = ("编号", "标题", "价格", "卖家", "发布", "正文")
        names = ("native_id", "title", "price_text", "seller_name", "posted_at", "text")
        print_table("样例 samples", shown, [[_short(row[name], zone) for name in names] for row in found["samples"]])
    else:
        say("没有读到像商品或帖子的内容：请换一个列表页的网址，或请平台交付数据。")
    if found["file"]:
        say(f"草稿 draft: {found['file']}（{found['pages']} 页）")
        say("请打开草稿：逐项核对字段，写明 basis、contact，改 enabled: true；")
        say("再运行 adwatch platforms check " + found["name"])
    else:
        say(found["yaml"])
        say(f"以上草稿没有写入文件：{_WHY_NOT[found['unwritten']]}")


def _short(value: Any, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, (tuple, list)):
        value = "、".join(map(str, value))
    text = " ".join(str(value).split()) if value is not None else ""
    return text if len(text) <= 60 else f"{text[:59]}…"
