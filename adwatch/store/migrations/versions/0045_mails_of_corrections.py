"""Mails by which 更正函 about transfers, 甄别函 and 提请处置函 went out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.columns import DATA, ID
from adwatch.store.times import UtcDateTime

revision = '0045'
down_revision = '0043'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('correction_mail',
    sa.Column('id', ID, nullable=False),
    sa.Column('letter_id', ID, nullable=False),
    sa.Column('message_id', sa.String(200), nullable=False),
    sa.Column('receivers', DATA, nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('outcome', sa.String(20), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['letter_id'], ['correction_letter.id'], name=op.f('fk_correction_mail_letter_id_correction_letter')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction_mail')),
    sa.UniqueConstraint('message_id', name=op.f('uq_correction_mail_message_id')),
    )
    op.create_index('ix_correction_mail_letter', 'correction_mail', ['letter_id'])


def downgrade() -> None:
    """Undo."""
    op.drop_table('correction_mail')
