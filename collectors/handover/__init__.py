"""Legal data hand-over: files of platforms, tips and archives → listings (``adwatch ingest``)."""

from collectors.handover.columns import Column, ColumnTable
from collectors.handover.reader import handover_files, read_handover, read_stream
from collectors.handover.refusals import REFUSALS
from collectors.handover.rejects import RejectWriter
from collectors.handover.rows import RefusedRow

__all__ = [
    "REFUSALS",
    "Column",
    "ColumnTable",
    "RefusedRow",
    "RejectWriter",
    "handover_files",
    "read_handover",
    "read_stream",
]
