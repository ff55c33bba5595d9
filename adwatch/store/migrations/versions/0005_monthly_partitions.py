"""Captures, versions and verdicts in monthly partitions, on PostgreSQL; what was there before is the first partition"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0003'
branch_labels = None
depends_on = None

TABLES = {
    'capture': ('id', ('id',), (
        'FOREIGN KEY (platform_id) REFERENCES platform (id)',
        'FOREIGN KEY (run_id) REFERENCES run (id)',
    ), {
        'ix_capture_day': 'day, platform_id',
        'ix_capture_run': 'run_id',
        'ix_capture_body': 'sha256',
    }),
    'listing_version': ('id', ('id',), (), {'ix_version_listing': 'listing_id'}),
    'verdict': ('version_id', ('version_id', 'classifier_id'), (
        'FOREIGN KEY (classifier_id) REFERENCES classifier (id)',
    ), {}),
}
"""Partitioned by, primary key, foreign keys, indexes."""

A_MONTH = 10**9
END_OF_BEFORE = 200001 * A_MONTH
"""Months number their rows from YYYYMM000000001."""


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name != 'postgresql':
        return
    months = _months()
    for name, (by, key, foreign, indexes) in TABLES.items():
        before = f'{name}_before'
        op.execute(f'ALTER TABLE {name} RENAME TO {before}')
        op.execute(f'ALTER INDEX {name}_pkey RENAME TO {before}_pkey')
        for index in indexes:
            op.execute(f'ALTER INDEX {index} RENAME TO {index}_before')
        op.execute(f'CREATE TABLE {name} (LIKE {before} INCLUDING DEFAULTS) PARTITION BY RANGE ({by})')
        _own_sequence(name, by)
        _constrain(name, key, foreign, indexes)
        for month in months:
            _part(name, by, month)
        op.execute(f'ALTER TABLE {name} ATTACH PARTITION {before} FOR VALUES FROM (MINVALUE) TO ({END_OF_BEFORE})')
    op.execute('ALTER INDEX capture_record_id_key RENAME TO capture_before_record_id_key')


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name != 'postgresql':
        return
    for name, (by, key, foreign, indexes) in TABLES.items():
        op.execute(f'ALTER TABLE {name} RENAME TO {name}_parts')
        op.execute(f'CREATE TABLE {name} (LIKE {name}_parts INCLUDING DEFAULTS)')
        op.execute(f'INSERT INTO {name} SELECT * FROM {name}_parts')
        _own_sequence(name, by)
        op.execute(f'DROP TABLE {name}_parts')
        _constrain(name, key, foreign, indexes)
    op.execute('ALTER TABLE capture ADD UNIQUE (record_id)')


def _months() -> list[int]:
    """Months that rows or the next numbers belong to, in a store that was partitioned once."""
    found: set[int] = set()
    for name, (by, *_) in TABLES.items():
        keys = [f'SELECT DISTINCT {by} / {A_MONTH} FROM {name}']
        if by == 'id':
            keys.append(f"SELECT coalesce(pg_sequence_last_value('{name}_id_seq'::regclass), 0) / {A_MONTH}")
        for query in keys:
            found.update(op.get_bind().execute(sa.text(query)).scalars())
    return sorted(month for month in found if month * A_MONTH >= END_OF_BEFORE)


def _part(name: str, by: str, month: int) -> None:
    """A month's partition, with the rows that are numbered by it."""
    part, first, end = f'{name}_{month}', month * A_MONTH, (month + 1) * A_MONTH
    op.execute(f'CREATE TABLE {part} (LIKE {name} INCLUDING ALL)')
    if name == 'capture':
        op.execute(f'ALTER TABLE {part} ADD UNIQUE (record_id)')
    op.execute(
        f'WITH moved AS (DELETE FROM {name}_before WHERE {by} >= {first} AND {by} < {end} RETURNING *)'
        f' INSERT INTO {part} SELECT * FROM moved'
    )
    op.execute(f'ALTER TABLE {name} ATTACH PARTITION {part} FOR VALUES FROM ({first}) TO ({end})')


def _own_sequence(name: str, key: str) -> None:
    if key == 'id':
        op.execute(f'ALTER SEQUENCE {name}_id_seq OWNED BY {name}.id')


def _constrain(name: str, key: tuple[str, ...], foreign: tuple[str, ...], indexes: dict[str, str]) -> None:
    op.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({', '.join(key)})")
    for constraint in foreign:
        op.execute(f'ALTER TABLE {name} ADD {constraint}')
    for index, columns in indexes.items():
        op.execute(f'CREATE INDEX {index} ON {name} ({columns})')
