"""Batches confirmed by letter, leads that come from outside, inspections, campaigns' values, bulletins"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TABLES = ('confirmation', 'confirmation_row', 'intake', 'intake_lead', 'inspection', 'campaign_value', 'bulletin')


def upgrade() -> None:
    """Apply."""
    op.create_table('confirmation',
    sa.Column('id', ID, nullable=False),
    sa.Column('number', sa.String(40), nullable=False),
    sa.Column('authority', sa.String(60), nullable=False),
    sa.Column('state', sa.String(20), nullable=False),
    sa.Column('drafted_at', UtcDateTime(), nullable=False),
    sa.Column('sent_at', UtcDateTime(), nullable=True),
    sa.Column('sent_by', sa.Text(), nullable=True),
    sa.Column('due_on', sa.String(10), nullable=True),
    sa.Column('document', sa.Text(), nullable=True),
    sa.Column('reply_number', sa.Text(), nullable=True),
    sa.Column('reply_on', sa.String(10), nullable=True),
    sa.Column('content', sa.JSON(none_as_null=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    op.create_table('confirmation_row',
    sa.Column('id', ID, nullable=False),
    sa.Column('confirmation_id', ID, nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('lead_number', sa.String(40), nullable=False),
    sa.Column('answer', sa.String(20), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('day', sa.String(10), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('settled', sa.String(20), nullable=True),
    sa.Column('decision_id', ID, nullable=True),
    sa.ForeignKeyConstraint(['confirmation_id'], ['confirmation.id']),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('confirmation_id', 'case_id')
    )
    op.create_index('ix_confirmation_row_case', 'confirmation_row', ['case_id'])
    op.create_table('intake',
    sa.Column('id', ID, nullable=False),
    sa.Column('origin', sa.String(20), nullable=False),
    sa.Column('platform', sa.String(100), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('giver', sa.Text(), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('received_at', UtcDateTime(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('origin', 'sha256')
    )
    op.create_table('intake_lead',
    sa.Column('id', ID, nullable=False),
    sa.Column('intake_id', ID, nullable=False),
    sa.Column('origin', sa.String(20), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.Column('received_at', UtcDateTime(), nullable=False),
    sa.Column('due_on', sa.String(10), nullable=True),
    sa.Column('real_name', sa.Boolean(), nullable=False),
    sa.Column('acknowledged_at', UtcDateTime(), nullable=True),
    sa.Column('acknowledged_by', sa.Text(), nullable=True),
    sa.Column('told_at', UtcDateTime(), nullable=True),
    sa.Column('told_by', sa.Text(), nullable=True),
    sa.Column('told', sa.Text(), nullable=True),
    sa.Column('rewarded_at', UtcDateTime(), nullable=True),
    sa.Column('rewarded_by', sa.Text(), nullable=True),
    sa.Column('reward', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id']),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('origin', 'number')
    )
    op.create_index('ix_intake_lead_case', 'intake_lead', ['case_id'])
    op.create_index('ix_intake_lead_due', 'intake_lead', ['due_on'])
    op.create_table('inspection',
    sa.Column('id', ID, nullable=False),
    sa.Column('number', sa.String(40), nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.Column('found_on', sa.String(10), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('card_number', sa.Text(), nullable=False),
    sa.Column('card_key', sa.String(64), nullable=False),
    sa.Column('qr', sa.Text(), nullable=False),
    sa.Column('bought', sa.Text(), nullable=False),
    sa.Column('payment', sa.Text(), nullable=False),
    sa.Column('contact', sa.Text(), nullable=False),
    sa.Column('contact_key', sa.String(64), nullable=False),
    sa.Column('seller', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    op.create_index('ix_inspection_card', 'inspection', ['card_key'])
    op.create_index('ix_inspection_contact', 'inspection', ['contact_key'])
    op.create_table('campaign_value',
    sa.Column('id', ID, nullable=False),
    sa.Column('campaign', sa.String(60), nullable=False),
    sa.Column('indicator', sa.String(60), nullable=False),
    sa.Column('department', sa.Text(), nullable=False),
    sa.Column('county', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_campaign_value_campaign', 'campaign_value', ['campaign'])
    op.create_table('bulletin',
    sa.Column('id', ID, nullable=False),
    sa.Column('number', sa.String(40), nullable=False),
    sa.Column('kind', sa.String(20), nullable=False),
    sa.Column('key', sa.String(60), nullable=False),
    sa.Column('campaign', sa.String(60), nullable=True),
    sa.Column('state', sa.String(20), nullable=False),
    sa.Column('content', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('drafted_at', UtcDateTime(), nullable=False),
    sa.Column('drafted_by', sa.Text(), nullable=False),
    sa.Column('approved_at', UtcDateTime(), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.Column('ended_unit', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )


def downgrade() -> None:
    """Undo."""
    for name in reversed(TABLES):
        op.drop_table(name)

