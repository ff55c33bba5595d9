"""Tables of the keyword verbs."""

from __future__ import annotations

from typing import Any

from adwatch.cli.output import print_json, print_table, say

KINDS = {
    "gained": "新增命中",
    "lost": "不再命中",
    "changed": "类型改变",
    "review_gained": "新增复核",
    "review_lost": "不再复核",
}
STATES = {"confirmed": "属实", "dismissed": "不属实"}


def print_dry_run(result: dict[str, Any]) -> None:
    """What a list would change: figures, words, samples."""
    heads = ["词条增 added", "词条减 removed", "在库 listings", "涉及 touched", *(f"{v} {k}" for k, v in KINDS.items())]
    names = ("entries_added", "entries_removed", "listings", "touched", *KINDS)
    title = f"试运行 {result['file']}  {result['from']} 至 {result['to']}"
    print_table(title, heads, [[f"{result[name]:,}" for name in names]])
    if result["lost_confirmed"] or result["gained_dismissed"]:
        say(f"注意: 不再命中的有 {result['lost_confirmed']} 条已认定属实")
        say(f"注意: 新增命中的有 {result['gained_dismissed']} 条曾认定不属实")
    rows = [(each["word"], *(each[kind] for kind in KINDS), each["touched"]) for each in result["words"][:40]]
    if rows:
        print_table("逐词 words", ("词", *KINDS.values(), "涉及"), rows)
    if result["samples"]:
        samples = [_sample(each) for each in result["samples"]]
        print_table("样例（已脱敏）samples", ("变化", "词", "原文", "分数", "线索状态"), samples)
    say("批准: adwatch keywords approve FILE --by 姓名 · 生效后回溯: adwatch retrohunt FILE")


def _sample(each: dict[str, Any]) -> tuple[object, ...]:
    score = f"{each['score_before']:.2f}→{each['score_after']:.2f}"
    return (KINDS[each["kind"]], each["word"], each["excerpt"], score, STATES.get(each["state"] or "", each["state"]))


def print_edited(title: str, row: dict[str, Any], as_json: bool) -> None:
    """What became of a list that was changed."""
    if as_json:
        print_json([row])
        return
    names = ("list", "version", "replaces", "entries", "approved_by", "keyword_versions", "file")
    heads = ("词表 list", "版本", "取代版本", "词条", "批准人", "词表组", "文件")
    print_table(title, heads, [[row[name] for name in names]])


def print_versions(rows: list[dict[str, Any]], digest: str | None) -> None:
    """All digests, or the lists behind one."""
    if digest is None:
        sets = {"keyword_versions": "词表组", "version": "分类器 classifier", "lists": "词表", "verdicts": "判定"}
        print_table("词表版本 versions", list(sets.values()), [[row[name] for name in sets] for row in rows])
        return
    heads = {"name": "词表", "version": "版本", "owner": "提供单位", "document": "文号", "effective_from": "起"}
    heads |= {"effective_to": "止", "approved_by": "批准人", "sha256": "SHA-256"}
    print_table(f"词表组 {digest}", list(heads.values()), [[row[name] for name in heads] for row in rows])


SOURCES = {"words": "新词", "folded": "变体（已折叠命中）", "near": "近似词（差一字）"}


def print_suggestions(result: dict[str, Any]) -> None:
    """Suggested words, each with examples."""
    basis = f"属实 {result['confirmed']:,} · 不属实 {result['dismissed']:,} · 普通 {result['ordinary']:,} 篇"
    heads = (
        "词 word",
        "来源 source",
        "近似词条 near",
        "类型 for",
        "z",
        "属实",
        "店铺",
        "不属实",
        "普通",
        "例句（已脱敏）",
    )
    names = ("word", "source", "near", "for", "z", "confirmed", "sellers", "dismissed", "ordinary", "examples")
    rows = [
        {**row, "source": SOURCES[row["source"]], "examples": " ‖ ".join(row["examples"])}
        for row in result["suggestions"]
    ]
    print_table(f"新词建议 suggest · {basis}", heads, [[row[name] for name in names] for row in rows])
    if rows:
        say("采纳: adwatch keywords accept 词 --by 姓名 --for 类型 · 先看影响: adwatch keywords dry-run FILE")
