"""What a reviewer corrects of the machine's reading with the finding 属实: scope, classes, certificate families.

A correction is part of the Decision, ``decision.corrected``: a mapping with those of ``scope``, ``types`` and
``families`` that the person gave. The machine's verdict stays as it was, and re-opening goes on comparing with it.
What holds then is said by ``adwatch.store.corrections``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from adwatch.casework.shown import labels
from adwatch.casework.states import SCOPES
from adwatch.errors import UsageError
from adwatch.tables import Family, OfferClass

VERB = "confirm"
"""The finding that can correct: others say that there is nothing to be counted."""
Corrected = dict[str, Any]


def correction(
    verb: str,
    scope: str | None,
    types: Iterable[str] | None,
    families: Iterable[str] | None,
    known_types: Iterable[str],
    known_families: Iterable[str],
) -> Corrected | None:
    """What a person corrects; None where nothing was given. A UsageError names what there is not."""
    given: Corrected = {"scope": scope} if scope else {}
    for name, option, values, known in (
        ("scope", "--scope", [scope] if scope else [], list(SCOPES)),
        ("types", "--type", list(types or ()), list(known_types)),
        ("families", "--family", list(families or ()), list(known_families)),
    ):
        wrong = [each for each in values if each not in known]
        if wrong:
            raise UsageError(f"{option} {wrong[0][:40]!r}: 没有这一项；可写 {', '.join(known)}")
        if values and name != "scope":
            given[name] = sorted(set(values))
    if given and verb != VERB:
        raise UsageError(f"{verb}: 只有认定“属实”时才能更正范围、违法类型、证书类别")
    return given or None


def told(corrected: Mapping[str, Any] | None, classes: Mapping[str, OfferClass], families: Mapping[str, Family]) -> str:
    """What was corrected, or what the machine had read of that, for people; empty where nothing was corrected."""
    given = corrected or {}
    parts = [f"范围：{SCOPES.get(given['scope'], '无')}"] if "scope" in given else []
    if "types" in given:
        parts.append(f"违法类型：{'、'.join(labels(given['types'], classes)) or '无'}")
    if "families" in given:
        parts.append(f"证书类别：{'、'.join(labels(given['families'], families)) or '无'}")
    return "；".join(parts)
