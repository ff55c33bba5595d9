"""What is said of an evidence package that was checked."""

from __future__ import annotations

from pathlib import Path

import typer

from adwatch.cli.output import print_json, safe, say, tell

WORDS = {
    "altered": "被改动",
    "removed": "缺失",
    "added": "多出",
    "renamed": "改名",
    "reordered": "次序变动",
    "duplicated": "重复",
    "unsafe": "名称危险",
    "proof": "与证明不符",
    "unreadable": "无法读取",
}
"""Chinese names of what can be wrong with a package."""


def show_package(package: Path, sha256: str | None, authority: Path | None, as_json: bool) -> None:
    """Check a package and say what was found; exit status 3 where something is wrong."""
    from adwatch.app import package as work

    result = work.verify(package, sha256, authority)
    if as_json:
        print_json([result])
    else:
        for each in result["problems"]:
            tell(f"{WORDS[each['word']]} {each['word']}: {safe(each['file'])}: {safe(each['message'])}")
        for note in result["notes"]:
            say(f"  注 note: {safe(note)}")
        word = "不完整 not whole" if result["problems"] else "完整 whole"
        say(
            f"证据包{word}：{result['files']:,} 个文件 files，{result['captures']:,} 件取证 captures，"
            f"{result['entries']:,} 条审计 entries，其中 {result['proven']:,} 项归入日根 in roots，"
            f"时间戳 stamps {result['stamped']}"
        )
        say(f"manifest.json SHA-256: {result['manifest_sha256'] or '-'}")
    if result["problems"]:
        raise typer.Exit(3)
