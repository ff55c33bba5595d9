"""Transfers to police and network authorities; legal holds, packages that were kept, WARC files that expired"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
DATA = sa.JSON(none_as_null=True)
TABLES = (
    'transfer', 'transfer_case', 'transfer_step', 'legal_hold', 'evidence_package', 'package_capture', 'expired_file'
)


def upgrade() -> None:
    """Apply."""
    op.create_table('transfer',
    sa.Column('id', ID, nullable=False),
    sa.Column('number', sa.String(40), nullable=False),
    sa.Column('kind', sa.String(10), nullable=False),
    sa.Column('step', sa.String(20), nullable=False),
    sa.Column('receiver', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('drafted_at', UtcDateTime(), nullable=False),
    sa.Column('moved_at', UtcDateTime(), nullable=False),
    sa.Column('sent_at', UtcDateTime(), nullable=True),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('outcome', sa.String(20), nullable=True),
    sa.Column('document_number', sa.Text(), nullable=True),
    sa.Column('signatory', sa.Text(), nullable=True),
    sa.Column('document_date', sa.String(10), nullable=True),
    sa.Column('receipt_number', sa.Text(), nullable=True),
    sa.Column('content', DATA, nullable=False),
    sa.Column('file', sa.Text(), nullable=True),
    sa.Column('size', sa.BigInteger(), nullable=True),
    sa.Column('sha256', sa.String(64), nullable=True),
    sa.Column('manifest_sha256', sa.String(64), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    op.create_index('ix_transfer_step', 'transfer', ['step', 'moved_at'])
    op.create_table('transfer_case',
    sa.Column('transfer_id', ID, nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.ForeignKeyConstraint(['transfer_id'], ['transfer.id']),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('transfer_id', 'case_id')
    )
    op.create_index('ix_transfer_case_case', 'transfer_case', ['case_id'])
    op.create_table('transfer_step',
    sa.Column('id', ID, nullable=False),
    sa.Column('transfer_id', ID, nullable=False),
    sa.Column('step', sa.String(20), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['transfer_id'], ['transfer.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_transfer_step_transfer', 'transfer_step', ['transfer_id', 'id'])
    op.create_table('legal_hold',
    sa.Column('id', ID, nullable=False),
    sa.Column('case_id', ID, nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('placed_at', UtcDateTime(), nullable=False),
    sa.Column('placed_by', sa.Text(), nullable=False),
    sa.Column('placed_unit', sa.Text(), nullable=False),
    sa.Column('released_at', UtcDateTime(), nullable=True),
    sa.Column('released_by', sa.Text(), nullable=True),
    sa.Column('release_reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_legal_hold_case', 'legal_hold', ['case_id'])
    op.create_table('evidence_package',
    sa.Column('id', ID, nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('manifest_sha256', sa.String(64), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_evidence_package_case', 'evidence_package', ['case_id'])
    op.create_table('package_capture',
    sa.Column('package_id', ID, nullable=False),
    sa.Column('capture_id', ID, nullable=False),
    sa.Column('offset', sa.BigInteger(), nullable=False),
    sa.Column('length', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['package_id'], ['evidence_package.id']),
    sa.PrimaryKeyConstraint('package_id', 'capture_id')
    )
    op.create_index('ix_package_capture', 'package_capture', ['capture_id'])
    op.create_table('expired_file',
    sa.Column('id', ID, nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('captures', sa.Integer(), nullable=False),
    sa.Column('kept', sa.Integer(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('deleted_at', UtcDateTime(), nullable=True),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('file')
    )


def downgrade() -> None:
    """Undo."""
    for name in reversed(TABLES):
        op.drop_table(name)
