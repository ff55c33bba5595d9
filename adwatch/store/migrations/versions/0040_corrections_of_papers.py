"""更正函 about transfers and 甄别函, the rows of ``differing`` that they correct, and who took their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.columns import DATA, ID
from adwatch.store.times import UtcDateTime

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('correction_letter',
    sa.Column('id', ID, nullable=False),
    sa.Column('number', sa.String(40), nullable=False),
    sa.Column('paper', sa.String(20), nullable=False),
    sa.Column('paper_id', ID, nullable=False),
    sa.Column('about', sa.String(40), nullable=False),
    sa.Column('step', sa.String(20), nullable=False),
    sa.Column('drafted_at', UtcDateTime(), nullable=False),
    sa.Column('sent_at', UtcDateTime(), nullable=True),
    sa.Column('document_number', sa.Text(), nullable=True),
    sa.Column('signatory', sa.Text(), nullable=True),
    sa.Column('document_date', sa.String(10), nullable=True),
    sa.Column('content', DATA, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction_letter')),
    sa.UniqueConstraint('number', name=op.f('uq_correction_letter_number')),
    )
    op.create_index('ix_correction_letter_about', 'correction_letter', ['about'])
    op.create_table('correction_row',
    sa.Column('letter_id', ID, nullable=False),
    sa.Column('differing_id', ID, nullable=False),
    sa.ForeignKeyConstraint(['letter_id'], ['correction_letter.id'], name=op.f('fk_correction_row_letter_id_correction_letter')),
    sa.ForeignKeyConstraint(['differing_id'], ['differing.id'], name=op.f('fk_correction_row_differing_id_differing')),
    sa.PrimaryKeyConstraint('letter_id', 'differing_id', name=op.f('pk_correction_row')),
    )
    op.create_index('ix_correction_row_differing', 'correction_row', ['differing_id'])
    op.create_table('correction_step',
    sa.Column('id', ID, nullable=False),
    sa.Column('letter_id', ID, nullable=False),
    sa.Column('step', sa.String(20), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('skipped', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['letter_id'], ['correction_letter.id'], name=op.f('fk_correction_step_letter_id_correction_letter')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction_step')),
    )
    op.create_index('ix_correction_step_letter', 'correction_step', ['letter_id'])


def downgrade() -> None:
    """Undo."""
    for table in ('correction_step', 'correction_row', 'correction_letter'):
        op.drop_table(table)
