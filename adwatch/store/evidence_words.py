"""Which keywords the stored verdicts speak of."""

from __future__ import annotations

from collections import Counter

import orjson
from sqlalchemy import Engine, text

from adwatch.store.engine import reading


def evidence_words(engine: Engine) -> Counter[str]:
    """Keywords of the evidence of all stored verdicts, with the number of verdicts that name each."""
    found: Counter[str] = Counter()
    with reading(engine) as connection:
        query = text("SELECT detail FROM verdict WHERE detail IS NOT NULL AND band <> 'clear'")
        for (detail,) in connection.execution_options(yield_per=2000).execute(query):
            parsed = orjson.loads(detail) if isinstance(detail, (str, bytes)) else detail
            found.update({each["keyword"] for each in parsed["evidence"]})
    return found
