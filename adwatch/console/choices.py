"""What forms offer: platforms by their labels, acts by role."""

from __future__ import annotations

from adwatch.app import Office
from adwatch.app.accounts import Session
from adwatch.app.rows import platform_labels, stored_platforms

VERBS = (
    ("confirm", "属实", "c", "decide"),
    ("rectified", "已改正", "m", "decide"),
    ("dismiss", "不属实", "d", "decide"),
    ("doubt", "存疑补证", "q", "decide"),
    ("refer", "转办", "t", "decide"),
    ("register", "线索登记", "r", "register"),
    ("exclude", "排除", "e", "register"),
    ("close", "办结", "o", "decide"),
)
"""(verb, label, key, right)."""


def verbs_for(who: Session) -> list[tuple[str, str, str]]:
    """(verb, label, key) of what a role may do to leads."""
    return [(verb, label, key) for verb, label, key, right in VERBS if who.may(right)]


def platform_choices(office: Office) -> list[tuple[str, str]]:
    """(name, label) of every platform that has listings."""
    labels = platform_labels(office)
    return [(name, labels.get(name, name)) for name in stored_platforms(office)]
