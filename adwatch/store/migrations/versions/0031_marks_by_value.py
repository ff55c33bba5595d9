"""Marks lie by account, where a new listing's are neighbours; who holds a value is asked of two narrow tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    """Apply."""
    for name in ('subject_recent', 'subject_holder'):
        op.create_table(name,
        sa.Column('value', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('account_id', ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint('value', 'account_id'),
        sqlite_with_rowid=False
        )
    op.execute(
        'INSERT INTO subject_holder (value, account_id)'
        ' SELECT value, account_id FROM subject_mark ORDER BY value, account_id'
    )
    op.drop_index('ix_subject_mark_account', 'subject_mark')
    op.rename_table('subject_mark', 'subject_mark_old')
    op.create_table('subject_mark',
    sa.Column('account_id', ID, nullable=False),
    sa.Column('kind', sa.String(20), nullable=False),
    sa.Column('value', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('shown', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['subject_account.id']),
    sa.PrimaryKeyConstraint('account_id', 'kind', 'value', name='subject_mark_by_account'),
    sqlite_with_rowid=False
    )
    op.execute(
        'INSERT INTO subject_mark (account_id, kind, value, listing_id, shown)'
        ' SELECT account_id, kind, value, listing_id, shown FROM subject_mark_old ORDER BY account_id, kind, value'
    )
    op.drop_table('subject_mark_old')


def downgrade() -> None:
    """Undo; when a mark was first shown is known no more: its account's subject says the earliest."""
    op.rename_table('subject_mark', 'subject_mark_new')
    op.create_table('subject_mark',
    sa.Column('value', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('account_id', ID, nullable=False),
    sa.Column('kind', sa.String(20), nullable=False),
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('shown', sa.Text(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['subject_account.id']),
    sa.PrimaryKeyConstraint('value', 'account_id', name='subject_mark_by_value'),
    sqlite_with_rowid=False
    )
    op.execute(
        'INSERT INTO subject_mark (value, account_id, kind, listing_id, shown, at)'
        ' SELECT m.value, m.account_id, m.kind, m.listing_id, m.shown, s.made_at FROM subject_mark_new m'
        ' JOIN subject_account a ON a.id = m.account_id JOIN subject s ON s.id = a.subject_id'
        ' ORDER BY m.value, m.account_id'
    )
    op.create_index('ix_subject_mark_account', 'subject_mark', ['account_id', 'kind'])
    for name in ('subject_mark_new', 'subject_holder', 'subject_recent'):
        op.drop_table(name)
