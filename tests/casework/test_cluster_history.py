from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, select

from adwatch.casework.clusters import link_due
from adwatch.store import schema as s
from adwatch.store.dump import canonical
from adwatch.store.engine import migrate, open_engine, reading
from bench.cluster_history import NOW, RULES, SECRET, History, begin, fill, no_picture

MANY = 6_000
"""Each of the forty texts on sale is then held by more accounts than may share one."""


def store(folder: Path, name: str) -> Engine:
    engine = open_engine(f"sqlite:///{folder}/{name}.db")
    migrate(engine)
    begin(engine)
    return engine


def left(engine: Engine) -> tuple[list[Any], set[int], set[tuple[Any, ...]], dict[str, int]]:
    """What linking leaves: subjects and cases as dumped, wide values, contacts by listing, how many hold values."""
    lines = [orjson.loads(line) for line in canonical(engine)]
    dumped = sorted(str(line) for line in lines if line["table"].startswith(("subject", "case")))
    with reading(engine) as connection:
        wide = set(connection.scalars(select(s.subject_wide.c.value)))
        tags = {tuple(row) for row in connection.execute(select(s.case_tag))}
        by_value = [len(connection.execute(select(t)).all()) for t in (s.subject_recent, s.subject_holder)]
        marks = len(connection.execute(select(s.subject_mark)).all())
    return dumped, wide, tags, {"held": sum(by_value), "marks": marks}


def test_the_history_of_the_bench_is_what_linking_leaves(tmp_path: Path) -> None:
    linked = store(tmp_path, "linked")
    fill(linked, 1, MANY + 1)
    link_due(linked, RULES, SECRET, no_picture, NOW)
    laid = store(tmp_path, "laid")
    history = History()
    for first in (1, 2_001):
        history.lay(laid, first, 2_001 if first == 1 else MANY + 1)
    history.widen(laid)
    one, other = left(linked), left(laid)
    assert one == other
    assert one[3]["held"] == one[3]["marks"] > 10 * MANY
    for engine in (linked, laid):
        engine.dispose()
