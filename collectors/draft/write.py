"""A draft as YAML with comments: what was seen, what a person must decide, what to try next."""

from __future__ import annotations

from typing import Any

import yaml

from adwatch.text import one_line
from collectors.draft.look import Draft
from collectors.draft.trial import how

_ORDER = (
    *(
        "name",
        "label",
        "extends",
        "kind",
        "base_url",
        "enabled",
        "access",
        "basis",
        "contact",
        "company",
        "rate",
        "budget",
    ),
    *("allow_hosts", "lists", "paging", "items", "detail", "probe", "expect", "block", "gone"),
)
_COMMENTS = {
    "enabled": "true, once access, basis and contact are right: until then no patrol asks it",
    "access": "by what right: handover (ask for that first), open_interface, feed, public_page",
    "basis": "the legal or contractual ground, in words",
    "contact": "who at the platform answers for this access",
    "company": "its operator (亮照): letters go there",
    "budget": "requests a day, of all workers together",
    "allow_hosts": "a private host that may be asked, since you said so",
    "lists": "where patrols start; {term} is each search term of the keyword lists",
    "paging": "how a list goes on",
    "items": "one item of a list, and the link to its own page",
    "detail": "the item's own page",
    "probe": "a word that has hits today: choose one that always has",
    "expect": "what a healthy day looks like",
}


class _Plain(yaml.SafeDumper):
    """Mappings in the order they are written; short lists and mappings in one line."""


def as_yaml(draft: Draft) -> str:
    """The platform file; where nothing was read, a file that says what to write by hand."""
    lines = [f"# A draft of adwatch platforms new {one_line(draft.url, 300)}; compare what it reads with the site."]
    lines += [f"# {name}: {one_line(told, 300)}" for name, told in draft.facts.items()]
    best = draft.best
    values: dict[str, Any] = {"name": draft.name, "label": draft.label}
    if best is not None:
        lines.append(f"# Chosen: {best.why}.")
        values |= best.values
    else:
        base = "/".join(draft.url.split("/", 3)[:3])
        lines.append(
            "# Nothing that looks like an item was read: write items and detail by hand, or ask for a hand-over."
        )
        values |= {"kind": "html", "base_url": base, "access": "public_page", "basis": "（请填写）"}
        values |= {"lists": [{"latest": draft.url}], "items": {"select": "li", "link": "a", "fields": {"title": "a"}}}
    lines += [f"# Also tried: {trial.why}: {_came_to(trial)}" for trial in draft.trials[1:] if trial is not best]
    values = {"enabled": False, "contact": None, "budget": 2000, **values}
    if best is not None and best.spec is not None:
        values.setdefault("access", best.spec.access)
        values.setdefault("basis", best.spec.basis)
        seen = [name for name in ("title", "text") if best.fill(name) == len(best.listings)]
        values["expect"] = {"fewest": max(1, best.on_list // 2), "required": seen}
    for name in (*_ORDER, *(name for name in values if name not in _ORDER)):
        if name not in values:
            continue
        if name in _COMMENTS:
            lines.append(f"# {_COMMENTS[name]}")
        lines.append(_dumped({name: values[name]}))
        if name == "detail" and best is not None:
            lines += [f"#   {field}: {best.fill(field)} of {len(best.listings)} read" for field in _lacking(best)]
    return "\n".join(lines) + "\n"


def _came_to(trial: Any) -> str:
    if not trial.listings:
        return "; ".join(trial.faults[:2]) or "nothing is read"
    fields = [name for name, _ in trial.fields.given() if trial.fill(name)]
    return f"{len(trial.listings)} listings with {', '.join(fields)}"


def _lacking(trial: Any) -> list[str]:
    return [name for name, _ in trial.fields.given() if trial.fill(name) < len(trial.listings)]


def _dumped(value: Any) -> str:
    return yaml.dump(
        value, Dumper=_Plain, allow_unicode=True, sort_keys=False, default_flow_style=False, width=110
    ).rstrip("\n")


def rows(draft: Draft) -> list[dict[str, Any]]:
    """A row a field: name, how it is found, in how many of the samples, an example."""
    best = draft.best
    if best is None:
        return []
    out = []
    for name, _ in best.fields.given():
        place = "price_text" if name == "price" else name
        example = next((value for one in best.listings if (value := getattr(one, place)) not in (None, ())), None)
        filled = f"{best.fill(name)}/{len(best.listings)}"
        out.append({"field": name, "how": how(best, name), "filled": filled, "example": example})
    return out


def samples(draft: Draft, most: int = 5) -> list[dict[str, Any]]:
    """The first listings as they were read."""
    best = draft.best
    names = ("native_id", "title", "price_text", "seller_name", "posted_at", "text", "url")
    return [{name: getattr(one, name) for name in names} for one in (best.listings[:most] if best else ())]
