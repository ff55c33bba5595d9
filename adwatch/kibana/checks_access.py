"""Checks 11 and 13: links lead to the console only; the tag, the space and the roles are what they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwatch.kibana.given import Given, at, inside, where

READS = {"read", "view_index_metadata"}
SECRETS = re.compile(r"password|api_?key|secret|bearer|127\.0\.0\.1|localhost|/home/|/root/", re.IGNORECASE)


def links(given: Given) -> Iterator[str]:
    """11: URL formats link to the console; nothing is fetched by looking; no script, secret or host of a machine."""
    for one in given.of("index-pattern"):
        formats = inside(one, "fieldFormatMap") or {}
        urls = {name: each["params"] for name, each in formats.items() if each["id"] == "url"}
        if not urls:
            yield f"{where(one)}: no field links to the console"
        for name, params in urls.items():
            template = params.get("urlTemplate", "")
            if params.get("type") != "a":
                yield f"{where(one)}: {name}: the type of a link is a: img and audio are fetched by looking"
            if not (template.startswith(f"{given.console}/") and re.match(r"https?://", template)):
                yield f"{where(one)}: {name}: the link must begin with {given.console}/"
            if "{{value}}" not in template or "{{rawValue}}" in template:
                yield f"{where(one)}: {name}: the link holds {{{{value}}}}, which is encoded, not {{{{rawValue}}}}"
        if inside(one, "runtimeFieldMap"):
            yield f"{where(one)}: no runtime fields: they would run scripts"
    text = given.data.decode(errors="replace").replace(given.console, "")
    for found in SECRETS.finditer(text):
        yield f"{given.name}: {found.group()!r} has no place in the file"


def access(given: Given) -> Iterator[str]:
    """13: the tag's limits; roles read our aliases only, the regulator's sees and changes nothing; one space."""
    for one in given.of("tag"):
        found = one["attributes"]
        if not 2 <= len(found["name"]) <= 50 or len(found["description"]) > 100:
            yield f"{where(one)}: name 2 to 50 characters, description at most 100"
        if not re.fullmatch(r"#[0-9A-F]{6}", found["color"]):
            yield f"{where(one)}: the colour is #RRGGBB"
    if not re.fullmatch(r"[a-z0-9_-]+", str(given.space.get("id"))):
        yield "access.yml: the space's id has a-z, 0-9, _ and - only"
    titles = {at(one, "attributes.title") for one in given.of("index-pattern")}
    for name, role in given.roles.items():
        if role["elasticsearch"]["cluster"] or role["elasticsearch"]["run_as"]:
            yield f"access.yml: {name}: no right on the cluster, none to act as another"
        for each in role["elasticsearch"]["indices"]:
            if set(each["privileges"]) - READS:
                yield f"access.yml: {name}: only {', '.join(sorted(READS))} on the indices"
            if set(each["names"]) != titles:
                yield f"access.yml: {name}: its indices are those of the data views: {', '.join(sorted(titles))}"
        for each in role["kibana"]:
            if each["base"] or each["spaces"] != [given.space.get("id")]:
                yield f"access.yml: {name}: base is empty, the space is {given.space.get('id')}"
            if "regulator" in name and not all(
                feature.endswith("_v2") and rights == ["read"] for feature, rights in each["feature"].items()
            ):
                yield f"access.yml: {name}: looks only: features in their v2 with read"
