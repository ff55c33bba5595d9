"""The fields of a search document: one table, from which the Elasticsearch template and the embedded index are made.

``python -m adwatch.search.fields`` writes ``index_mappings/``: two component templates (settings, fields) and the index
templates of the hits and of the monthly listings; a test says that it would write the same.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adwatch.text.fold import FOLD_FILE

FOLDER = Path(__file__).parents[2] / "index_mappings"
"""Beside the package, in the repository as in an installed wheel."""

FORM = 1
"""Raise it when documents are made otherwise from the same fields: every index is then rebuilt."""

KEYWORD = {"type": "keyword", "ignore_above": 8191}
"""8191 characters of four bytes are what one term may hold."""
DAY = {"type": "date", "format": "strict_date"}
TIME = {"type": "date", "format": "strict_date_time"}
DAY_OR_TIME = {"type": "date", "format": "strict_date||strict_date_time"}
"""A day that a query may compare with a moment."""
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
    Field("picture_text", "Words read of its pictures, one value a picture, contacts and long numbers masked.", SHOWN),
    Field(
        "normal",
        "Search fold of title, text and each picture's words, one token a character, 。 between them.",
        {"type": "text", "analyzer": "whitespace", "search_analyzer": "standard", "norms": False},
        stored=False,
    ),
    Field("flagged", "Whether the newest verdict flags it.", {"type": "boolean"}),
    Field("band", "flagged, review or clear; absent until it is classified."),
    Field("scope", "safety_production or other_credential; absent where nothing is offered. As a person corrected it."),
    Field("reason", "Why, in one word."),
    Field("offer_types", "Classes of illegal offer, strongest first; as a person corrected them."),
    Field("certificate_kinds", "Certificate families, as a person corrected them."),
    Field("machine_scope", "What the machine read, where a person corrected the scope."),
    Field("machine_offer_types", "What the machine read, where a person corrected the classes."),
    Field("machine_certificate_kinds", "What the machine read, where a person corrected the families."),
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
    Field("first_flagged_day", "Patrol day on which it was first flagged; of a listing with a case.", DAY),
    Field("disguises", "Ways of writing that were undone to find it, such as homophone or separators."),
    Field("keywords", "List entries and rules that matched."),
    Field("keyword_lists", "Keyword lists that they stand in."),
    Field("basis", "Legal bases of the classes; absent where a person corrected these."),
    Field("seller_region_source", "Where the region is known from; of a listing with a case."),
    Field("uscc", "统一社会信用代码 of the operator, of a listing with a case."),
    Field("seller_area", "Parts of the region (省, 市, 县), each and as a whole; of a listing with a case."),
    Field("case_id", "Number of its case.", {"type": "long"}),
    Field("lead_number", "Number of the lead once registered."),
    Field("opened_day", "Patrol day on which its case was opened.", DAY),
    Field("registered_at", "When an officer registered the lead, UTC: the legal clock runs from here.", TIME),
    Field("owner", "Authority that confirms it, an id of authorities.csv."),
    Field("origin", "Where the lead comes from, such as patrol or 12345."),
    Field("campaign", "Campaign (专项行动) that it belongs to."),
    Field("tracks", "Tracks of its case that are open: takedown, investigation, crime, site."),
    Field("decision", "Result of the last decision."),
    Field("decision_unit", "Unit that took it."),
    Field("decided_at", "When it was taken, UTC.", TIME),
    Field("decided_scope", "Scope that was decided on; by it the tables that fall due count."),
    Field("decided_types", "Classes that were decided on."),
    Field("decided_families", "Certificate families that were decided on."),
    Field("takedown_number", "Number of the last request to its platform."),
    Field("takedown_state", "draft or sent."),
    Field("takedown_sent_at", "When the request was sent, UTC.", TIME),
    Field(
        "takedown_deadline_at", "Until when the platform has time, UTC; overdue is later than that and not gone.", TIME
    ),
    Field("takedown_word", "gone, up, changed, moved or unknown: what the last check found."),
    Field("takedown_checked_at", "When that was, UTC.", TIME),
    Field("takedown_judged", "Of a changed text, what the classifier says of it: flagged, review or clear."),
    Field("takedown_due_day", "Day on which the next check is due; absent where nobody looks any more.", DAY),
    Field("takedown_acknowledged_at", "First answer of the platform to the request, UTC.", TIME),
    Field("takedown_removed_at", "First of the two checks at distance that verified the removal, UTC.", TIME),
    Field("takedown_verified_at", "The second of them, UTC.", TIME),
    Field("takedown_verified_day", "Its day, by which the tables that fall due count.", DAY_OR_TIME),
    Field("takedown_hours", "Hours from the sending of the request to the removal.", {"type": "double"}),
    Field("relisted", "Whether it was removed and is back.", {"type": "boolean"}),
    Field("relisted_day", "Day on which that was first seen.", DAY),
    Field("relisted_how", "By what it was known again: same, seller, contact, text, image or near wording."),
    Field("relisted_of", "Cases of removed listings for which it has come.", {"type": "long"}),
    Field("console_path", "Its case in the console; Kibana puts the console's address before it."),
    Field("contact_keys", "Keyed hashes of its contacts (HMAC-SHA256, secret of the installation)."),
    Field("version", "The outbox's number when the listing was read; a lower one never overwrites.", {"type": "long"}),
)
"""Every field there is; the mapping is strict, so that a field missing here cannot slip in."""

BODY_FIELDS = tuple(f.name for f in FIELDS if f.stored)


def templates() -> dict[str, dict[str, Any]]:
    """By file name: what is put into a cluster, under the installation's prefix in the place of ``adwatch``."""
    unstored = [f.name for f in FIELDS if not f.stored]
    mappings = {
        "dynamic": "strict",
        "_meta": {"layout": layout()},
        "_source": {"excludes": unstored},
        "properties": {f.name: f.mapping for f in FIELDS},
    }
    settings = {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "5s"}}
    made: dict[str, dict[str, Any]] = {
        "component-settings.json": {"template": {"settings": settings}},
        "component-fields.json": {"template": {"mappings": mappings}},
    }
    for kind in ("hits", "listings"):
        made[f"{kind}.json"] = {
            "index_patterns": [f"adwatch-{kind}-*"],
            "composed_of": ["adwatch-settings", "adwatch-fields"],
            "priority": 300,
        }
    return made


def layout() -> str:
    """Digest of the fields and of the search fold: an index of another layout must be rebuilt."""
    digest = hashlib.sha256(FOLD_FILE.read_bytes())
    digest.update(json.dumps([FORM, *([f.name, f.mapping, f.stored] for f in FIELDS)], sort_keys=True).encode())
    return digest.hexdigest()[:16]


def main() -> None:
    """Write the files."""
    for name, made in templates().items():
        (FOLDER / name).write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stderr.write(f"{FOLDER.name}: {len(FIELDS)} fields\n")


if __name__ == "__main__":
    main()
