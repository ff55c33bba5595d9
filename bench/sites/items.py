"""Writes what a real program is filled with on two days: the same shop, with changes in between.

``python bench/sites/items.py COUNT FOLDER [--now 2026-11-27T09:00:00+08:00]`` writes ``day1.jsonl`` and ``day2.jsonl``,
an item a line, newest first: id, title, text, price (yuan, absent for some), seller, posted (ISO 8601), category, image
(path relative to the file), comments [{author, text, posted}]. Ordinary goods come from goods.txt, the rest from the
demo's listings; some texts are written to break what reads them. On day 2 a twentieth has vanished, a twentieth is
new, and of the rest some have another title, text, price or picture, or one more comment, each kind told apart by the
item's number.
"""

from __future__ import annotations

import argparse
import json
import random
import struct
import sys
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.goods import goods, phrases

SELLERS = ("林小满", "阿诚", "旧物社", "周末集市")
CATEGORIES = ("家居", "数码", "户外")
ODD = (
    "尺寸 <b>30cm</b> & 重量 <5kg，不是标签 </p><script>alert(1)</script>，原样显示",
    "第一行：成色九五新\n第二行：当面验货\n\n空一行之后：不议价",
    "英文 \"quotes\" 与 'single'，省略... 破折 -- 再见 --- 完，3x4=12，10'6\"",
    "实体 &amp; &lt;em&gt; &nbsp; 照原样写出来，{{ 模板 }} {% 标签 %} [gallery] %s",
    "表情 🚲👨‍👩‍👧 与生僻字 𠮷野家、㊣、①②③、ＡＢＣ１２３、零宽\u200b字符、繁體字樣",
    "网址 https://example.com/a?b=1&c=2#d 邮箱 someone@example.com，路径 C:\\temp\\new，反斜杠 \\n 不是换行",
)
SAID = ("请问还在吗？", "价格可以再商量一下吗", "已经收到，和描述一致", "同城可以自提吗？")
DEMO = Path(__file__).resolve().parents[2] / "adwatch_demo" / "listings.jsonl"


def picture(path: Path, number: int) -> None:
    """A small PNG of one colour, another for each number."""
    side = 64
    row = b"\0" + bytes([(number * 53) % 256, (number * 97) % 256, (number * 151) % 256]) * side
    parts = [(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(row * side))]
    data = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in [*parts, (b"IEND", b"")]
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


def ordinary(number: int, chooser: random.Random) -> tuple[str, str]:
    """Title and text of something for sale."""
    what = chooser.choice(phrases()["what"])
    text = goods(chooser, chooser.randint(30, 240))
    if number % 25 == 3:
        text += "。" + ODD[number // 25 % len(ODD)]
    title = f"{what} {chooser.choice(phrases()['city'])}自提 {number}号"
    return (f'{title} <i>"特价"</i> & 包邮', text) if number % 97 == 5 else (title, text)


@cache
def offers() -> list[tuple[str, str]]:
    """Titles and texts of the demo's offers and hard cases, which come among the goods."""
    with DEMO.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["title"], row["text"]) for row in rows if row["site"] == "shop" and row["title"] and row["text"]]


def item(number: int, now: datetime, folder: Path) -> dict[str, Any]:
    """Item number ``number``, counted from the newest; the same for the same number."""
    chooser = random.Random(number)
    from_demo = offers()
    title, text = from_demo[number // 12 % len(from_demo)] if number % 12 == 0 else ordinary(number, chooser)
    posted = now - timedelta(minutes=30 * number, seconds=number % 60)
    said = [
        {"author": f"顾客{number + at}", "text": SAID[(number + at) % 4], "posted": _iso(posted, minutes=at + 1)}
        for at in range(number % 3)
    ]
    made = {
        "id": f"n{number:05d}",
        "title": title,
        "text": text,
        "price": round(9.9 + chooser.randint(0, 400_000) / 100, 2),
        "seller": SELLERS[number % 4],
        "posted": _iso(posted),
        "category": CATEGORIES[number % 3],
        "comments": said,
    }
    if number % 20 == 7:
        del made["price"]
    if number % 50 == 1:
        made["image"] = f"img/{made['id']}.png"
        picture(folder / made["image"], number)
    return made


def _iso(moment: datetime, minutes: int = 0) -> str:
    return (moment + timedelta(minutes=minutes)).isoformat()


def changed(old: dict[str, Any], number: int, now: datetime, folder: Path) -> dict[str, Any] | None:
    """The item on the second day; None if it has vanished."""
    new = dict(old)
    kind = number % 20
    if kind == 19:
        return None
    if kind == 1 and "image" in new:
        new["image"] = f"img/{new['id']}-2.png"
        picture(folder / new["image"], number + 1)
    elif kind == 2:
        new["title"] += " 降价"
    elif kind == 4:
        new["text"] += "。补充：今天刚擦洗过，可以看视频。"
    elif kind == 6 and "price" in new:
        new["price"] = round(new["price"] * 0.9, 2)
    elif kind == 8:
        said = {"author": "顾客新来的", "text": "今天还能看货吗", "posted": _iso(now, minutes=-(number % 50))}
        new["comments"] = [*new["comments"], said]
    elif kind == 14:
        new["title"], new["text"] = f"【改】{new['title']}", new["text"] + "\n只换不卖。"
    return new


def second_day(first: list[dict[str, Any]], now: datetime, folder: Path) -> Iterator[dict[str, Any]]:
    """New items, then those of the first day that are left."""
    for at in range(len(first) // 20):
        yield item(len(first) + at, now + timedelta(minutes=30 * len(first)), folder)
    for number, old in enumerate(first):
        left = changed(old, number, now, folder)
        if left is not None:
            yield left


def main() -> None:
    """Write both days."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--now", type=datetime.fromisoformat, default=None)
    arguments = parser.parse_args()
    now = arguments.now or datetime.now().astimezone().replace(microsecond=0) - timedelta(days=1)
    (arguments.folder / "img").mkdir(parents=True, exist_ok=True)
    first = [item(number, now, arguments.folder) for number in range(arguments.count)]
    second = list(second_day(first, now + timedelta(hours=20), arguments.folder))
    for name, rows in (("day1", first), ("day2", second)):
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (arguments.folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
