"""Cases by region and family in the order of the queue: what a limited account sees is found without reading the others"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

FAMILY = """UPDATE "case" SET family = (
  SELECT CASE WHEN count(*) = 1 THEN min(t.value) ELSE '*' END FROM case_tag t
  WHERE t.case_id = "case".id AND t.kind = 'family' HAVING count(*) > 0)"""
ORDER: list[str | sa.TextClause] = ['state', sa.text('scope DESC'), sa.text('score DESC'), 'id']


def upgrade() -> None:
    """Apply."""
    op.add_column('case', sa.Column('family', sa.String(64), nullable=True))
    op.execute(FAMILY)
    op.create_index('ix_case_reach', 'case', ['region', 'family', *ORDER])
    op.create_index('ix_case_family', 'case', ['family', *ORDER])
    op.drop_index('ix_case_region', 'case')


def downgrade() -> None:
    """Undo."""
    op.create_index('ix_case_region', 'case', ['region'])
    op.drop_index('ix_case_family', 'case')
    op.drop_index('ix_case_reach', 'case')
    op.drop_column('case', 'family')
