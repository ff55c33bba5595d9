"""Subjects: accounts that are one seller, by what they show and by what persons say; pictures by their address"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TABLES = (
    *('subject_due', 'subject_rule_account', 'subject_rule', 'subject_wide', 'subject_mark', 'subject_member'),
    *('subject_account', 'subject'),
)


def upgrade() -> None:
    """Apply; listings that have a case are due to be linked."""
    op.create_table('subject',
    sa.Column('id', ID, nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('merged_into', ID, nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('subject_account',
    sa.Column('id', ID, nullable=False),
    sa.Column('key', sa.LargeBinary(16), nullable=False),
    sa.Column('platform_id', ID, nullable=False),
    sa.Column('seller_id', sa.Text(), nullable=True),
    sa.Column('subject_id', ID, nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('ix_subject_account_subject', 'subject_account', ['subject_id'])
    op.create_table('subject_member',
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('account_id', ID, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['subject_account.id']),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
    sa.PrimaryKeyConstraint('listing_id')
    )
    op.create_index('ix_subject_member_account', 'subject_member', ['account_id'])
    op.create_table('subject_mark',
    sa.Column('value', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('account_id', ID, nullable=False),
    sa.Column('kind', sa.String(20), nullable=False),
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('shown', sa.Text(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['subject_account.id']),
    sa.PrimaryKeyConstraint('value', 'account_id'),
    sqlite_with_rowid=False
    )
    op.create_index('ix_subject_mark_account', 'subject_mark', ['account_id', 'kind'])
    op.create_table('subject_wide',
    sa.Column('value', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('value')
    )
    op.create_table('subject_rule',
    sa.Column('id', ID, nullable=False),
    sa.Column('kind', sa.String(10), nullable=False),
    sa.Column('of_id', ID, nullable=True),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['of_id'], ['subject_rule.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('subject_rule_account',
    sa.Column('rule_id', ID, nullable=False),
    sa.Column('account_id', ID, nullable=False),
    sa.Column('side', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['subject_account.id']),
    sa.ForeignKeyConstraint(['rule_id'], ['subject_rule.id']),
    sa.PrimaryKeyConstraint('rule_id', 'account_id')
    )
    op.create_index('ix_subject_rule_account', 'subject_rule_account', ['account_id'])
    op.create_table('subject_due',
    sa.Column('seq', ID, nullable=False),
    sa.Column('listing_id', ID, nullable=False),
    sa.PrimaryKeyConstraint('seq'),
    sqlite_autoincrement=True
    )
    pictures = sa.text("content_type LIKE 'image/%'")
    op.create_index('ix_capture_picture', 'capture', ['url'], sqlite_where=pictures, postgresql_where=pictures)
    op.execute('INSERT INTO subject_due (listing_id) SELECT listing_id FROM case_listing ORDER BY listing_id')


def downgrade() -> None:
    """Undo."""
    op.execute('UPDATE "case" SET subject_id = NULL')
    op.drop_index('ix_capture_picture', 'capture')
    for name in TABLES:
        op.drop_table(name)
