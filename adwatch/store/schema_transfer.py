"""Tables of transfers to the police and to those who run the network; see ``schema``.

``transfer`` is one 线索移送, 涉嫌犯罪案件移送 or a fake site handed over; ``content`` is what its papers are made of;
once sent it stays as it is, as does the package, whose digests are here. ``transfer_case`` says of which cases it
is; ``transfer_step`` has every step with who took it and is only ever appended to.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from adwatch.store.columns import DATA, ID, WHEN, metadata

transfer = Table(
    "transfer",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("kind", String(10), nullable=False),
    Column("step", String(20), nullable=False),
    Column("receiver", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("drafted_at", WHEN, nullable=False),
    Column("moved_at", WHEN, nullable=False),
    Column("sent_at", WHEN),
    Column("closed_at", WHEN),
    Column("outcome", String(20)),
    Column("document_number", Text),
    Column("signatory", Text),
    Column("document_date", String(10)),
    Column("receipt_number", Text),
    Column("content", DATA, nullable=False),
    Column("file", Text),
    Column("size", BigInteger),
    Column("sha256", String(64)),
    Column("manifest_sha256", String(64)),
    Index("ix_transfer_step", "step", "moved_at"),
)
"""``file``: the package as it was sent, under ``transfers/`` in ADWATCH_HOME; ``sha256`` is that of the whole file."""

transfer_case = Table(
    "transfer_case",
    metadata,
    Column("transfer_id", ID, ForeignKey("transfer.id"), primary_key=True),
    Column("case_id", ID, ForeignKey("case.id"), primary_key=True),
    Index("ix_transfer_case_case", "case_id"),
)

transfer_step = Table(
    "transfer_step",
    metadata,
    Column("id", ID, primary_key=True),
    Column("transfer_id", ID, ForeignKey("transfer.id"), nullable=False),
    Column("step", String(20), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("recorded_at", WHEN, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Index("ix_transfer_step_transfer", "transfer_id", "id"),
)
"""``at``: when it happened; ``recorded_at``: when it was entered; ``reference``: number of the paper that says so."""
