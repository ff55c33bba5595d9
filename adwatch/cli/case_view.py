"""One case for people: the text with its findings marked, why, by which law, on what evidence, and what was done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from rich.text import Text

from adwatch.cli.output import console, print_table, safe, say


def print_case(case: dict[str, Any], zone: tzinfo) -> None:
    """Print a case as ``show_case`` gives it, times in the office's zone."""
    from adwatch.app.words import ACTORS, DECISIONS, EVENTS

    number = f"线索编号 {case['lead_number']}" if case["lead_number"] else "（未登记）"
    say(f"案件号 {case['case_id']}  {case['state_label']}  {number}  分数 {case['score']:.2f}")
    say(f"违法类型: {safe(case['offer_labels'])}  证书类别: {safe(case['family_labels'])}")
    if case["machine"]:
        say(f"更正前识别: {safe(case['machine'])}")
    for listing in case["listings"]:
        _print_listing(listing, zone)
    if case["decisions"]:
        decided = [
            (
                *(local(d["at"], zone), DECISIONS.get(d["result"], d["result"]), d["person"], d["unit"], d["reason"]),
                d["corrected_label"],
            )
            for d in case["decisions"]
        ]
        print_table("甄别", ("时间", "结论", "人", "单位", "理由", "更正"), decided)
    rows = [
        (local(each["at"], zone), EVENTS.get(each["kind"], each["kind"]), ACTORS.get(each["actor"], each["actor"]))
        for each in case["events"]
    ]
    print_table("经过", ("时间", "事项", "操作"), rows)


def print_raw(listings: Iterable[dict[str, Any]]) -> None:
    """Print listings as they were received; what could move the cursor is not."""
    for each in listings:
        say(f"信息 {each['listing_id']}  店铺 {safe(each['seller_name'])} {safe(each['seller_id'])}")
        say(safe(each["title"]))
        for line in (each["text"] or "").splitlines():
            say(safe(line))
        say("联系方式: " + "、".join(f"{found['kind']} {safe(found['value'])}" for found in each["contacts"]))


def local(when: datetime, zone: tzinfo) -> str:
    """A time for people."""
    return when.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _print_listing(listing: dict[str, Any], zone: tzinfo) -> None:
    from adwatch.app.words import BANDS, WORDS, folds

    say("")
    shop, region = safe(listing["seller_name"]) or "未显示", safe(listing["seller_region"]) or "未显示"
    say(f"平台: {safe(listing['platform'])}  店铺: {shop}  地区: {region}")
    say(f"链接: {safe(listing['url']) or '无'}  编号: {safe(listing['native_id'])}")
    raw = safe_same_length(listing["marked_text"])
    text = Text(raw)
    for found in listing["evidence"]:
        text.stylize("bold red", found["start"], found["end"])
    console().print(text)
    rows = [(found["surface"], found["keyword"], found["list"], folds(found["fold"])) for found in listing["evidence"]]
    print_table("命中", ("原文", "词", "词表", "写法"), rows)
    for law in listing["cites"]:
        say(f"依据: {safe(law)}")
    print_opinions(listing.get("opinions", ()))
    versions = [(v["day"], BANDS.get(v["band"], v["band"]), v["evidence"]) for v in listing["versions"]]
    print_table("版本与证据", ("日期", "判定", "证据号"), versions)
    done = [
        (asked["number"], local(check["at"], zone), WORDS.get(check["word"], check["word"]), check["message"])
        for asked in listing["takedowns"]
        for check in asked["checks"]
    ]
    if done:
        print_table("下架核验", ("下架函", "时间", "结果", "依据"), done)
    elif listing["takedowns"]:
        say(f"下架函: {safe([asked['number'] for asked in listing['takedowns']])}")


def print_opinions(opinions: Iterable[dict[str, Any]]) -> None:
    """What a language model was heard to say, shown as such."""
    for opinion in opinions:
        sure = "" if opinion["confidence"] is None else f"（自称把握 {opinion['confidence']:.0%}）"
        quote = f"；所引原文“{safe(opinion['quote'])}”" if opinion["quote"] else ""
        say(f"第二意见 {safe(opinion['model'])}: {opinion['word_label']}{sure}: {safe(opinion['reason'])}{quote}")
        say(f"  {opinion['note']}")


def safe_same_length(text: str) -> str:
    """Like ``safe``, one to one, but newlines stay: offsets hold."""
    return "".join(char if char == "\n" else safe(char) for char in text)
