"""Small look-ups that several verbs share."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Engine, func, select

from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.sites import ENTRIES
from adwatch.text import one_line


def lock_name(platform: str) -> str:
    """A file name for a platform's lock: hostile names cannot leave the folder."""
    return "platform-" + re.sub(r"[^A-Za-z0-9_\u4e00-\u9fff-]", "_", platform)[:80]


BUILT_IN = {ENTRIES: "仿冒网站登记"}
"""Sources that have no platform file, as people call them."""


def platform_labels(office: Office) -> dict[str, str]:
    """What people call each source of listings: those with a platform file, and the built-in ones."""
    return BUILT_IN | {name: spec.label for name, spec in office.platforms.items()}


def known_platform(office: Office, name: str | None) -> None:
    """A UsageError where neither a platform file nor a stored listing bears the name."""
    if name is None or name in office.platforms:
        return
    with reading(office.engine) as connection:
        stored = sorted(connection.scalars(select(s.platform.c.name)))
    if name not in stored:
        names = ", ".join(stored) or "none"
        raise UsageError(f"--platform {one_line(name)}: no such platform; stored are {names} (adwatch platforms list)")


def known_case(office: Office, case_id: int) -> None:
    """A UsageError where there is no case of this number."""
    with reading(office.engine) as connection:
        found = connection.scalar(select(s.case.c.id).where(s.case.c.id == case_id))
    if found is None:
        raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")


def _newest() -> Any:
    """The newest classifier that has read the listing's current version: a retro-hunt reads only some listings."""
    other = s.verdict.alias("other")
    query = select(func.max(other.c.classifier_id)).where(other.c.version_id == s.listing.c.version_id)
    return query.correlate(s.listing).scalar_subquery()


def flagged_on(engine: Engine, platform: str, day: str) -> int:
    """Listings of a platform seen on a day whose current version is flagged by the newest classifier."""
    query = (
        select(func.count())
        .select_from(s.listing)
        .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
        .join(s.verdict, (s.verdict.c.version_id == s.listing.c.version_id) & (s.verdict.c.classifier_id == _newest()))
        .where(s.platform.c.name == platform, s.listing.c.last_seen_day == day, s.verdict.c.band == "flagged")
    )
    with reading(engine) as connection:
        return int(connection.scalar(query) or 0)


def latest_texts(engine: Engine, platform: str, day: str) -> list[Any]:
    """Listings of a platform seen on a day: native_id, title, text and band of the newest classifier's verdict."""
    version = s.listing_version
    query = (
        select(s.listing.c.native_id, version.c.title, version.c.text, s.verdict.c.band)
        .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
        .join(version, version.c.id == s.listing.c.version_id)
        .outerjoin(s.verdict, (s.verdict.c.version_id == version.c.id) & (s.verdict.c.classifier_id == _newest()))
        .where(s.platform.c.name == platform, s.listing.c.last_seen_day == day)
        .order_by(s.listing.c.native_id)
    )
    with reading(engine) as connection:
        return list(connection.execute(query).all())


def stored_platforms(office: Office) -> list[str]:
    """Names of all platforms that something was captured of."""
    with reading(office.engine) as connection:
        return sorted(connection.scalars(select(s.platform.c.name)))
