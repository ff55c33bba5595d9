"""What cases repeat of their listings, and files that belong to a subject."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, select, text

from adwatch.errors import StoreError, UsageError
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.attachments import attachment_file, attachments_of, keep_attachment, read_attachment
from adwatch.store.engine import migrate, open_engine, reading, writing
from adwatch.store.outside import cases_by_seller
from adwatch.store.reach import SEVERAL
from tests.store.test_engine import alembic_config

NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)
ACTOR = Actor("王芳", "某市应急管理局")


def test_the_migration_fills_the_columns_and_tags_of_cases_that_are_there(store_url: str) -> None:
    engine = open_engine(store_url)
    migrate(engine)
    command.downgrade(alembic_config(engine), "0010")
    with writing(engine) as connection:
        connection.execute(s.platform.insert().values(id=1, name="plaza", kind="html"))
        connection.execute(s.classifier.insert().values(id=1, version="v", keyword_versions="k", classified_to=0))
        seen = {"first_seen_at": NOW, "last_seen_at": NOW, "last_seen_day": "2026-11-01", "platform_id": 1}
        known = {"1": ("exam_exemption", "construction"), "2": ("fast_track", "special_operations"), "3": (None, None)}
        for name, (offer, family) in known.items():
            number = int(name)
            # the second listing has changed: its current version has no verdict yet, its older one has
            current = 20 if number == 2 else number
            listing = {"id": number, "key": number.to_bytes(16, "big"), "native_id": name, "version_id": current}
            connection.execute(s.listing.insert().values(**listing, **seen))
            for version in sorted({number, current}):
                values = {"id": version, "listing_id": number, "day": "2026-11-01", "kind": "product"}
                digest = {"content_sha256": f"{version:064d}", "captured_at": NOW, "seller_region": f"region {version}"}
                seller = {"seller_id": f"shop {version}" if number < 3 else None, "seller_name": " 小店 "}
                connection.execute(s.listing_version.insert().values(**values, **digest, **seller))
            opened = {"id": number, "opened_at": NOW, "score": 0.5}
            connection.execute(
                text(
                    'INSERT INTO "case" (id, state, scope, score, opened_at, opened_day)'
                    " VALUES (:id, 'screening', 'safety_production', :score, :opened_at, '2026-11-01')"
                ),
                opened,
            )
            connection.execute(s.case_listing.insert().values(listing_id=number, case_id=number))
            if offer is not None:
                found = {"band": "flagged", "score": 0.5, "tier": "exact", "scope": "safety_production"}
                detail = {"types": [offer], "families": [family, "driving"] if number == 2 else [family]}
                connection.execute(
                    s.verdict.insert().values(version_id=number, classifier_id=1, detail=detail, **found)
                )
    command.upgrade(alembic_config(engine), "head")
    columns = (s.case.c.platform_id, s.case.c.band, s.case.c.tier, s.case.c.region, s.case.c.origin, s.case.c.family)
    with reading(engine) as connection:
        cases = [tuple(row) for row in connection.execute(select(*columns).order_by(s.case.c.id))]
        tags = [tuple(row) for row in connection.execute(select(s.case_tag).order_by(*s.case_tag.primary_key.columns))]
        sellers = [cases_by_seller(connection, name) for name in ("小店", "shop 1", "shop 2", "shop 20")]
    assert cases == [
        (1, "flagged", "exact", "region 1", "patrol", "construction"),
        (1, "flagged", "exact", "region 2", "patrol", SEVERAL),
        (1, None, None, "region 3", "patrol", None),
    ]
    assert sellers == [[1, 2, 3], [1], [], [2]]
    assert [tag for tag in tags if tag[1] != "seller"] == [
        (1, "class", "exam_exemption"),
        (1, "family", "construction"),
        (2, "class", "fast_track"),
        (2, "family", "driving"),
        (2, "family", "special_operations"),
    ]
    command.downgrade(alembic_config(engine), "0010")
    with reading(engine) as connection:
        assert connection.scalar(text('SELECT count(*) FROM "case"')) == 3
        assert connection.scalar(text("SELECT count(*) FROM case_listing")) == 3
    engine.dispose()


def keep(engine: Engine, home: Path, content: bytes, **values: object) -> int:
    said = {"name": "回函.pdf", "media_type": "application/pdf", "subject": "case", "subject_id": 7, "kind": "reply"}
    with writing(engine) as connection:
        row = keep_attachment(connection, home, content, actor=ACTOR, now=NOW, **{**said, **values})  # type: ignore[arg-type]
    return int(row["id"])


def test_a_file_is_kept_once_under_its_digest_and_read_back(engine: Engine, tmp_path: Path) -> None:
    first = keep(engine, tmp_path, b"scan")
    assert keep(engine, tmp_path, b"scan") == first
    assert keep(engine, tmp_path, b"scan", subject_id=8) != first
    keep(engine, tmp_path, b"another", name="../../etc/passwd" + "长" * 300)
    with reading(engine) as connection:
        rows = attachments_of(connection, "case", [7, 8])
    assert [row["size"] for row in rows[7]] == [4, 7] and len(rows[8]) == 1
    assert rows[7][1]["name"].startswith("../../") and len(rows[7][1]["name"]) == 200
    assert rows[7][0]["unit"] == "某市应急管理局"
    assert sorted(file.read_bytes() for file in (tmp_path / "attachments").rglob("*") if file.is_file()) == [
        b"another",
        b"scan",
    ]
    assert read_attachment(tmp_path, rows[7][0]["sha256"]) == b"scan"


def test_a_file_that_was_altered_or_lost_is_an_error(engine: Engine, tmp_path: Path) -> None:
    keep(engine, tmp_path, b"scan")
    with reading(engine) as connection:
        sha256 = attachments_of(connection, "case", [7])[7][0]["sha256"]
    attachment_file(tmp_path, sha256).write_bytes(b"scam")
    with pytest.raises(StoreError, match="not what was kept"):
        read_attachment(tmp_path, sha256)
    attachment_file(tmp_path, sha256).unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        read_attachment(tmp_path, sha256)


@pytest.mark.parametrize(("person", "unit"), [("", "某局"), ("王芳", " ")])
def test_nobody_acts_without_a_name_and_a_unit(person: str, unit: str) -> None:
    with pytest.raises(UsageError, match="a person and a unit are needed"):
        Actor(person, unit)
