"""Tables that fall due: what was entered, handed in and submitted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    data = sa.JSON(none_as_null=True)
    op.create_table('report_value',
    sa.Column('id', number, nullable=False),
    sa.Column('form', sa.String(60), nullable=False),
    sa.Column('period', sa.String(10), nullable=False),
    sa.Column('department', sa.Text(), nullable=False),
    sa.Column('column', sa.String(60), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_report_value_cell', 'report_value', ['form', 'period'])
    op.create_table('report_lead',
    sa.Column('id', number, nullable=False),
    sa.Column('case_id', number, nullable=False),
    sa.Column('column', sa.String(60), nullable=True),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_report_lead_case', 'report_lead', ['case_id'])
    op.create_table('report_import',
    sa.Column('id', number, nullable=False),
    sa.Column('form', sa.String(60), nullable=False),
    sa.Column('period', sa.String(10), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('content', data, nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_report_import_period', 'report_import', ['form', 'period'])
    op.create_table('report_issue',
    sa.Column('id', number, nullable=False),
    sa.Column('form', sa.String(60), nullable=False),
    sa.Column('period', sa.String(10), nullable=False),
    sa.Column('issue', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('content', data, nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('form', 'period', 'issue')
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('report_issue')
    op.drop_table('report_import')
    op.drop_table('report_lead')
    op.drop_table('report_value')
