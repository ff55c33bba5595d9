"""文号 of the office's papers: which letter, transfer, 甄别函 or 更正函 bears one already."""

from __future__ import annotations

import unicodedata

from sqlalchemy import Connection, literal, select, union_all

from adwatch.store import schema as s

TAKEDOWN, TRANSFER, CONFIRMATION, CORRECTION = "takedown", "transfer", "confirmation", "correction"
_BRACKETS = str.maketrans("[【(《<〈{）】)》>〉}]", "〔〔〔〔〔〔〔〕〕〕〕〕〕〕〕")


def folded(document_number: str) -> str:
    """A 文号 as it is compared: without spaces, its brackets of one form."""
    return "".join(unicodedata.normalize("NFKC", document_number).split()).translate(_BRACKETS)


def bearers(connection: Connection, document_number: str, but: str) -> list[tuple[str, str, bool]]:
    """(kind, number, whether it is void) of the papers but one that bear a 文号; narrow columns of all are read."""
    wanted = folded(document_number)
    if not wanted:
        return []
    tables = (
        (TAKEDOWN, s.takedown_letter.c, s.takedown_letter.c.document_number, s.takedown_letter.c.step),
        (TRANSFER, s.transfer.c, s.transfer.c.document_number, s.transfer.c.step),
        (CONFIRMATION, s.confirmation.c, s.confirmation.c.document, s.confirmation.c.state),
        (CORRECTION, s.correction_letter.c, s.correction_letter.c.document_number, s.correction_letter.c.step),
    )
    query = union_all(
        *(
            select(literal(kind), columns.number, said, state == "void").where(said.is_not(None))
            for kind, columns, said, state in tables
        )
    )
    return [
        (kind, number, bool(void))
        for kind, number, said, void in connection.execute(query)
        if number != but and folded(said) == wanted
    ]
