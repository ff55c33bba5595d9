"""Names an offer's classes and certificate families: the model's margins, helped by the words of the lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from classifiers.scan import Hit

SURE_PROMISE = 1.5
FAMILY_HELP = {3: 2.5, 2: 1.0, 1: 0.0}
"""Added to a family's margin by the heaviest of its words that was found."""
OTHER_HELP = {3: 1.5, 2: 0.3, 1: 0.0}
"""The same for papers of no family of their own, whose words (上岗证, 本科) also stand beside the others."""


def name_types(hits: Sequence[Hit], margins: Mapping[str, float], classes: Iterable[str]) -> tuple[str, ...]:
    """Offer classes, the surest first; at least one."""
    sure = {
        hit.entry.list
        for hit in hits
        if hit.entry.kind == "promise" and hit.entry.weight == 3 and hit.status == "plain"
    }
    return _chosen({name: margins.get(name, 0.0) + SURE_PROMISE * (name in sure) for name in classes})


def name_families(hits: Sequence[Hit], margins: Mapping[str, float], scopes: Mapping[str, str]) -> tuple[str, ...]:
    """Certificate families, the surest first; at least one. ``scopes``: scope of each family."""
    found: dict[str, int] = {}
    for hit in hits:
        if hit.entry.kind == "certificate" and hit.cost < 2:
            found[hit.entry.list] = max(found.get(hit.entry.list, 0), hit.entry.weight)
    strength = {}
    for name, scope in scopes.items():
        helps = FAMILY_HELP if scope == "safety_production" else OTHER_HELP
        strength[name] = margins.get(name, -1.0) + helps.get(found.get(name, 0), 0.0)
    return _chosen(strength)


def _chosen(strength: Mapping[str, float]) -> tuple[str, ...]:
    ranked = sorted(strength, key=lambda name: (-strength[name], name))
    return tuple([name for name in ranked if strength[name] > 0] or ranked[:1])
