"""The fields of a search document: one table, from which the Elasticsearch template and the embedded index are made.

``python -m adwatch.search.fields`` writes ``index_mappings/listings.json``; a test says that it would write the same.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adwatch.text.fold import FOLD_FILE

TEMPLATE_FILE = Path(__file__).parents[2] / "index_mappings" / "listings.json"
"""Beside the package, in the repository as in an installed wheel."""

FORM = 1
"""Raise it when documents are made otherwise from the same fields: every index is then rebuilt."""

KEYWORD = {"type": "keyword", "ignore_above": 8191}
"""8191 characters of four bytes are what one term may hold."""
DAY = {"type": "date", "format": "strict_date"}
TIME = {"type": "date", "format": "strict_date_time"}
SHOWN = {"type": "keyword", "index": False, "doc_values": False}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the document."""

    name: str
    """Name in every engine."""
    meaning: str
    """Its entry in the data dictionary."""
    mapping: dict[str, Any] = field(default_factory=lambda: KEYWORD)
    """Elasticsearch mapping."""
    stored: bool = True
    """Whether the document keeps it; else it can only be searched."""


FIELDS = (
    Field("listing_id", "Stable identifier of the listing, 32 hex digits; also the document's id."),
    Field("platform", "Name of the platform file."),
    Field("native_id", "The platform's own identifier."),
    Field("kind", "product, post, comment, page, video, live, account, group, mini_program, app, tip."),
    Field("url", "Address as captured; shown, never searched.", SHOWN),
    Field("url_norm", "Normal form of the address, by which a pasted link is found."),
    Field("title", "Headline, contacts masked.", SHOWN),
    Field("text", "Body text, contacts masked.", SHOWN),
    Field(
        "normal",
        "Search fold of title and text, one token a character, 。 between the two.",
        {"type": "text", "analyzer": "whitespace", "search_analyzer": "standard", "norms": False},
        stored=False,
    ),
    Field("flagged", "Whether the newest verdict flags it.", {"type": "boolean"}),
    Field("band", "flagged, review or clear; absent until it is classified."),
    Field("scope", "safety_production or other_credential; absent where nothing is offered."),
    Field("reason", "Why, in one word."),
    Field("offer_types", "Classes of illegal offer, strongest first."),
    Field("certificate_kinds", "Certificate families."),
    Field("score", "Score of the verdict, 0 to 1; 0 until it is classified.", {"type": "double"}),
    Field("tier", "exact or folded (a disguise was undone)."),
    Field("state", "State of its case; absent where there is none."),
    Field("seller_name", "Shop or account as shown, long numbers masked."),
    Field("seller_region", "Where the seller is, as far as known."),
    Field("price_fen", "Price in fen (0.01 CNY).", {"type": "long"}),
    Field("first_seen", "First patrol day on which it was seen.", DAY),
    Field("last_seen", "Last patrol day on which it was seen, as of the last indexing.", DAY),
    Field("first_flagged_at", "When it was first flagged, UTC.", TIME),
    Field("posted_at", "When the seller put it up, UTC.", TIME),
    Field("contact_keys", "Keyed hashes of its contacts (HMAC-SHA256, secret of the installation)."),
    Field("version", "The outbox's number when the listing was read; a lower one never overwrites.", {"type": "long"}),
)
"""Every field there is; the mapping is strict, so that a field missing here cannot slip in."""

BODY_FIELDS = tuple(f.name for f in FIELDS if f.stored)


def template() -> dict[str, Any]:
    """The index template, without names: patterns and aliases are the installation's."""
    unstored = [f.name for f in FIELDS if not f.stored]
    return {
        "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "5s"}},
        "mappings": {
            "dynamic": "strict",
            "_meta": {"layout": layout()},
            "_source": {"excludes": unstored},
            "properties": {f.name: f.mapping for f in FIELDS},
        },
    }


def layout() -> str:
    """Digest of the fields and of the search fold: an index of another layout must be rebuilt."""
    digest = hashlib.sha256(FOLD_FILE.read_bytes())
    digest.update(json.dumps([FORM, *([f.name, f.mapping, f.stored] for f in FIELDS)], sort_keys=True).encode())
    return digest.hexdigest()[:16]


def main() -> None:
    """Write the template's file."""
    TEMPLATE_FILE.write_text(json.dumps(template(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stderr.write(f"{TEMPLATE_FILE.name}: {len(FIELDS)} fields\n")


if __name__ == "__main__":
    main()
