"""What verdicts were made with: each keyword list as it stood, found again by the digest that a verdict carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine, func, select

from adwatch.store import schema as s
from adwatch.store.engine import VERDICT_LOCK, advisory_lock, reading, writing


@dataclass(frozen=True, slots=True)
class ListVersion:
    """One keyword list as it stood."""

    sha256: str
    """Digest of the file."""
    name: str
    owner: str
    document: str
    version: str
    effective_from: str
    """YYYY-MM-DD."""
    effective_to: str | None
    approved_by: str | None
    approved_on: str | None
    text: str
    """The file, whole: a verdict can be explained after the list has changed."""


def record_lists(engine: Engine, keyword_versions: str, lists: Sequence[ListVersion]) -> bool:
    """Remember which lists a digest stands for; whether that was new."""
    names = select(func.count()).select_from(s.keyword_set).where(s.keyword_set.c.keyword_versions == keyword_versions)
    with reading(engine) as connection:
        if connection.scalar(names):
            return False
    with writing(engine) as connection:
        advisory_lock(connection, VERDICT_LOCK)
        if connection.scalar(names):
            return False
        known = set(connection.scalars(select(s.keyword_list.c.sha256)))
        fresh = {item.sha256: asdict(item) for item in lists if item.sha256 not in known}
        if fresh:
            connection.execute(s.keyword_list.insert(), list(fresh.values()))
        members = [{"keyword_versions": keyword_versions, "name": i.name, "sha256": i.sha256} for i in lists]
        if members:
            connection.execute(s.keyword_set.insert(), members)
    return bool(members)


def lists_of(engine: Engine, keyword_versions: str) -> list[dict[str, Any]]:
    """The lists that a digest stands for, by name; none where no verdict was made with it."""
    columns = [column for column in s.keyword_list.c if column.name not in ("text", "name")]
    query = (
        select(s.keyword_set.c.name, *columns)
        .join(s.keyword_list, s.keyword_list.c.sha256 == s.keyword_set.c.sha256)
        .where(s.keyword_set.c.keyword_versions == keyword_versions)
        .order_by(s.keyword_set.c.name)
    )
    with reading(engine) as connection:
        return [{str(name): value for name, value in row._mapping.items()} for row in connection.execute(query)]


def sets(engine: Engine) -> list[dict[str, Any]]:
    """Every digest with its classifier, number of lists and number of verdicts, oldest first."""
    c, d, k = s.classifier, s.verdict, s.keyword_set
    lists = select(func.count()).select_from(k).where(k.c.keyword_versions == c.c.keyword_versions).scalar_subquery()
    verdicts = select(func.count()).select_from(d).where(d.c.classifier_id == c.c.id).scalar_subquery()
    query = select(c.c.keyword_versions, c.c.version, lists.label("lists"), verdicts.label("verdicts")).order_by(c.c.id)
    with reading(engine) as connection:
        return [{str(name): value for name, value in row._mapping.items()} for row in connection.execute(query)]


def text_of(engine: Engine, name: str, before: str) -> str | None:
    """The list of that name as it stood before the version with digest ``before``: the newest other one recorded."""
    query = (
        select(s.keyword_list.c.text)
        .join(s.keyword_set, s.keyword_set.c.sha256 == s.keyword_list.c.sha256)
        .join(s.classifier, s.classifier.c.keyword_versions == s.keyword_set.c.keyword_versions)
        .where(s.keyword_list.c.name == name, s.keyword_list.c.sha256 != before)
        .order_by(s.classifier.c.id.desc())
        .limit(1)
    )
    with reading(engine) as connection:
        found = connection.scalar(query)
    return None if found is None else str(found)
