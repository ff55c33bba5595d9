"""The audit log: a chained entry for each thing that was done"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


KEPT = 'audit_entry_kept'
"""Name of the log while the schema is an older one: a log that proves what was done is not dropped."""


def upgrade() -> None:
    """Apply; what was done before has no entries."""
    if sa.inspect(op.get_bind()).has_table(KEPT):
        op.rename_table(KEPT, 'audit_entry')
        return
    op.create_table('audit_entry',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('role', sa.Text(), nullable=True),
    sa.Column('action', sa.String(40), nullable=False),
    sa.Column('subject', sa.String(20), nullable=False),
    sa.Column('subject_id', sa.String(80), nullable=False),
    sa.Column('detail', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('before', sa.String(64), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint('seq')
    )
    op.create_index('ix_audit_entry_subject', 'audit_entry', ['subject', 'subject_id'])


def downgrade() -> None:
    """Undo; a log that has entries is put aside, its numbers with it, and goes on when the schema comes up again."""
    if op.get_bind().scalar(sa.text('SELECT count(*) FROM audit_entry')):
        op.rename_table('audit_entry', KEPT)
    else:
        op.drop_table('audit_entry')
