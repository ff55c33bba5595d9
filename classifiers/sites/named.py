"""How much the name of an app, a mini program or a public account looks like an official one's."""

from __future__ import annotations

import unicodedata
from datetime import date

from adwatch.tables.officials import Official, Officials
from classifiers.sites.lookalike import HostVerdict
from classifiers.sites.page_words import read_words

SUBJECTS = (
    "应急管理部",
    "应急管理厅",
    "应急管理局",
    "住房和城乡建设",
    "住房城乡建设",
    "市场监督管理",
    "人力资源和社会保障",
)
"""Words of a maker or account subject that an authority has; that it is one, a person checks."""


def named(officials: Officials, kind: str, name: str, subject: str, day: date) -> HostVerdict:
    """Verdict on a name: official as registered and run by an authority, a look-alike, or other; with reasons."""
    plain = _plain(name)
    for entry in officials.entries:
        if entry.kind == kind and _plain(entry.name) == plain and entry.valid(day):
            if not subject or _runs(subject, entry):
                return HostVerdict(name, "official", 0.0, (f"登记册：{entry.source}（{entry.region}）",))
            return HostVerdict(name, "look_alike", 4.0, (f"与官方{entry.name}同名，主体却是“{subject}”",))
    points: list[tuple[float, str]] = []
    if (like := nearest(officials, name)) is not None:
        points.append((2.5, f"名称含有或仅差一字于官方“{like.name}”"))
    words = read_words()
    for kinds, weight, said in (("authority", 1.2, "主管部门"), ("lookup", 1.2, "查询"), ("paper", 0.8, "证书")):
        if (word := next((word for word in words[kinds] if word in plain), None)) is not None:
            points.append((weight, f"名称含{said}字样“{word}”"))
    if subject and any(word in subject for word in SUBJECTS):
        points.append((-2.0, f"主体“{subject}”像是机关，须核实"))
    score = round(max(0.0, sum(point for point, _ in points)), 2)
    return HostVerdict(name, "look_alike" if score >= 2.0 else "other", score, tuple(why for _, why in points))


def nearest(officials: Officials, name: str) -> Official | None:
    """The official account or mini program whose name it holds or is one character away from."""
    plain = _plain(name)
    several = (each for each in officials.entries if each.kind in ("account", "mini_program"))
    return next((each for each in several if _near(plain, _plain(each.name))), None)


def _runs(subject: str, entry: Official) -> bool:
    return entry.source[:4] in subject or any(word in subject for word in SUBJECTS)


def _plain(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", name).lower() if char.isalnum())


def _near(one: str, official: str) -> bool:
    """Whether a name holds an official one, or is one character away from it."""
    if official in one:
        return True
    if abs(len(one) - len(official)) > 1 or len(official) < 4:
        return False
    at = next(
        (at for at, pair in enumerate(zip(one, official, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(official)),
    )
    rests = (one[at + 1 :] == official[at + 1 :], one[at:] == official[at + 1 :], one[at + 1 :] == official[at:])
    return any(rests)
