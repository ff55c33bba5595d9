"""Tables of the reports that fall due; see ``schema``. All four are only ever appended to.

``report_value`` is what a person entered into a cell, ``report_lead`` under which column of transfers a lead is counted
(its last row holds), ``report_import`` a sheet that a county or department handed in, ``report_issue`` what was
submitted (issue 1) or restated (2 and later), whole.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from adwatch.store.columns import DATA, ID, WHEN, metadata

report_value = Table(
    "report_value",
    metadata,
    Column("id", ID, primary_key=True),
    Column("form", String(60), nullable=False),
    Column("period", String(10), nullable=False),
    Column("department", Text, nullable=False),
    Column("column", String(60), nullable=False),
    Column("value", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Index("ix_report_value_cell", "form", "period"),
)

report_lead = Table(
    "report_lead",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("column", String(60)),
    Column("day", String(10), nullable=False),
    Column("person", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Index("ix_report_lead_case", "case_id"),
)

report_import = Table(
    "report_import",
    metadata,
    Column("id", ID, primary_key=True),
    Column("form", String(60), nullable=False),
    Column("period", String(10), nullable=False),
    Column("unit", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", DATA, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Index("ix_report_import_period", "form", "period"),
)

report_issue = Table(
    "report_issue",
    metadata,
    Column("id", ID, primary_key=True),
    Column("form", String(60), nullable=False),
    Column("period", String(10), nullable=False),
    Column("issue", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", DATA, nullable=False),
    UniqueConstraint("form", "period", "issue"),
)
