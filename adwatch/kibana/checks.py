"""Every check that can be made of the saved objects without a Kibana, by its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adwatch.kibana import checks_access, checks_fields, checks_file, checks_panels
from adwatch.kibana.given import Given, parsed
from adwatch.kibana.source import CONSOLE, Vocabulary, build, ndjson, roles, space

CHECKS: dict[int, Callable[[Given], Iterator[str]]] = {
    1: checks_file.lines,
    2: checks_file.identity,
    3: checks_file.versions,
    4: checks_file.attributes,
    5: checks_file.closed,
    6: checks_file.used,
    7: checks_fields.known,
    8: checks_fields.fitting,
    9: checks_panels.lens,
    10: checks_panels.dashboards,
    11: checks_access.links,
    12: checks_fields.spoken,
    13: checks_access.access,
    14: checks_fields.titled,
}

SHAPE = (1, 4)
"""Where one of these is red, the others cannot read the file."""


def given(data: bytes, vocabulary: Vocabulary, console: str = CONSOLE, name: str = "adwatch.ndjson") -> Given:
    """What the checks look at."""
    expected = ndjson(build(vocabulary, console))
    return Given(data, parsed(data), vocabulary, expected, space(), roles(), name, console.rstrip("/"))


def run(looked_at: Given) -> list[tuple[int, str]]:
    """(number of the check, what is wrong), in order; empty when all is well."""
    for number in SHAPE:
        if found := [(number, said) for said in CHECKS[number](looked_at)]:
            return found
    return [(number, said) for number, check in CHECKS.items() for said in check(looked_at)]
