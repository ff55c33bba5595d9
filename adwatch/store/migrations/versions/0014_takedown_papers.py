"""Letters of a takedown with their steps, mails and replies; each request that is there gets the row of its letter"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    """Apply."""
    op.create_table('takedown_letter',
    sa.Column('id', ID, nullable=False),
    sa.Column('number', sa.String(40), nullable=False),
    sa.Column('kind', sa.String(20), nullable=False),
    sa.Column('takedown_id', ID, nullable=False),
    sa.Column('step', sa.String(20), nullable=False),
    sa.Column('drafted_at', UtcDateTime(), nullable=False),
    sa.Column('sent_at', UtcDateTime(), nullable=True),
    sa.Column('due_provisional', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('document_number', sa.Text(), nullable=True),
    sa.Column('signatory', sa.Text(), nullable=True),
    sa.Column('document_date', sa.String(10), nullable=True),
    sa.Column('content', sa.JSON(none_as_null=True), nullable=True),
    sa.ForeignKeyConstraint(['takedown_id'], ['takedown.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    op.create_index('ix_takedown_letter_takedown', 'takedown_letter', ['takedown_id'])
    op.create_index('ix_takedown_letter_step', 'takedown_letter', ['step'])
    op.create_table('takedown_step',
    sa.Column('id', ID, nullable=False),
    sa.Column('letter_id', ID, nullable=False),
    sa.Column('step', sa.String(20), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('skipped', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['letter_id'], ['takedown_letter.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_takedown_step_letter', 'takedown_step', ['letter_id'])
    op.create_table('takedown_mail',
    sa.Column('id', ID, nullable=False),
    sa.Column('letter_id', ID, nullable=False),
    sa.Column('message_id', sa.String(200), nullable=False),
    sa.Column('receivers', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('outcome', sa.String(20), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['letter_id'], ['takedown_letter.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('message_id')
    )
    op.create_index('ix_takedown_mail_letter', 'takedown_mail', ['letter_id'])
    op.create_table('takedown_reply',
    sa.Column('id', ID, nullable=False),
    sa.Column('takedown_id', ID, nullable=False),
    sa.Column('kind', sa.String(20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('listings', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['takedown_id'], ['takedown.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_takedown_reply_takedown', 'takedown_reply', ['takedown_id'])
    op.execute(
        "INSERT INTO takedown_letter (number, kind, takedown_id, step, drafted_at, sent_at) "
        "SELECT number, 'assist', id, state, drafted_at, sent_at FROM takedown ORDER BY id"
    )


def downgrade() -> None:
    """Undo; a voided request becomes a draft again, since before there were no others."""
    op.execute("UPDATE takedown SET state = 'draft' WHERE state = 'void'")
    for name in ('takedown_reply', 'takedown_mail', 'takedown_step', 'takedown_letter'):
        op.drop_table(name)
