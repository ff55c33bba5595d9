"""An invented office in its tables: every state, word, class and family; and what the store itself says of it, in SQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from adwatch.app import kibana as work
from adwatch.models import listing_key
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.text import url_norm
from tests.search.world import NOW

COUNT = 420
VOCABULARY = work.vocabulary()
PLATFORMS = ("shop", "forum", "hotline")
FOLDS = ("none", "homophone", "separators+homophone", "traditional")
WORDS = (None, "gone", "up", "changed", "moved", "unknown")
OWNERS = (None, "emergency", "housing", "market")
REGISTERED = ("registered", "confirmed", "dismissed", "doubtful", "referred", "reopened", "closed")


def pick(field: str, number: int) -> str:
    """One of the values that the code can write."""
    values = list(VOCABULARY[field])
    return values[number % len(values)]


def days_ago(number: int) -> datetime:
    """So many days before now."""
    return NOW - timedelta(days=number)


def fill(engine: Engine) -> None:
    """Write the world; every listing waits for the index."""
    with writing(engine) as connection:
        names = [{"id": n + 1, "name": name, "kind": "site"} for n, name in enumerate(PLATFORMS)]
        connection.execute(s.platform.insert(), names)
        for number, (state, deadline) in enumerate((("sent", -2), ("sent", 3), ("draft", 0))):
            sent = state == "sent"
            asked = {"id": number + 1, "number": f"ADW-TD-{number}", "platform_id": 1, "state": state, "content": {}}
            times = {"sent_at": days_ago(6) if sent else None, "deadline_at": days_ago(-deadline) if sent else None}
            connection.execute(s.takedown.insert().values(**asked, **times, drafted_at=days_ago(7)))
        for number in range(1, COUNT + 1):
            _listing(connection, number)
            if number % 3 == 0:
                _case(connection, number)
            connection.execute(s.outbox.insert().values(listing_id=number))


def _listing(connection: Any, n: int) -> None:
    platform = n % 7 % 3
    kind = "tip" if PLATFORMS[platform] == "hotline" else "product"
    native, url = f"n{n}", f"https://shop.example/item?id={n}&spm=abc" if n % 6 else None
    first, flagged = days_ago(n % 100), n % 3 == 0
    connection.execute(
        s.listing.insert().values(
            id=n, key=listing_key(PLATFORMS[platform], native), platform_id=platform + 1, native_id=native,
            version_id=n, url=url, url_norm=url_norm(url or "") or None, first_seen_at=first, last_seen_at=NOW,
            last_seen_day=f"{days_ago(n % 5):%Y-%m-%d}", first_flagged_at=first if flagged else None,
            first_flagged_day=f"{first:%Y-%m-%d}" if flagged else None,
        )
    )  # fmt: skip
    title, start = f"{'电工证包过' if n % 4 == 0 else '教材'}{n % 13}", "联系 "
    contact = [{"kind": "phone", "start": len(title) + 4, "end": len(title) + 15, "value": f"138{n % 8:08d}", "masked": "138********"}]
    body = f"{start}138{n % 8:08d}" if n % 5 == 0 else "无"
    region = (None, "甲市", "乙市")[n // 3 % 3]
    connection.execute(
        s.listing_version.insert().values(
            id=n, listing_id=n, content_sha256=f"{n:064x}", kind=kind, title=title, text=body,
            seller_name=f"店{n % 11}", seller_region=region, seller_region_source="亮照" if region else None,
            captured_at=first, day=f"{first:%Y-%m-%d}",
        )
    )  # fmt: skip
    if (n % 11 and not flagged) or flagged:
        fold = FOLDS[n // 3 % 4]
        evidence = [{"start": 0, "end": 2, "surface": "包过", "keyword": "包过", "list": "x", "fold": fold}]
        detail = {
            "types": sorted({pick("offer_types", n // 3), pick("offer_types", n // 6)}) if flagged else [],
            "families": [pick("certificate_kinds", n // 3)] if flagged else [],
            "contacts": contact if n % 5 == 0 else [],
            "evidence": evidence if flagged else [],
        }
        verdict = {
            "version_id": n, "classifier_id": 1, "band": ("flagged", "clear", "review")[n % 3], "score": n % 21 / 20,
            "scope": pick("scope", n // 3) if flagged else None, "tier": ("exact", "folded")[n // 3 % 2] if flagged else None,
        }  # fmt: skip
        connection.execute(s.verdict.insert().values(**verdict, detail=detail))


def _case(connection: Any, n: int) -> None:
    state = pick("state", n // 3)
    registered = days_ago(n % 12) if state in REGISTERED else None
    lead = f"ADW-{n}" if registered else None
    opened = {"scope": "safety_production", "score": 0.5, "opened_at": NOW, "opened_day": "2026-11-20"}
    opened["owner"] = OWNERS[n // 3 % 4] if registered else None
    connection.execute(s.case.insert().values(id=n, state=state, lead_number=lead, registered_at=registered, **opened))
    decided = {"decided_scope": pick("scope", n // 6), "decided_types": []} if state in ("confirmed", "closed") else {}
    connection.execute(s.case_listing.insert().values(listing_id=n, case_id=n, **decided))
    if n % 30 == 0 and n > 30:
        link = {"case_id": n, "other_id": n - 30, "kind": "relisted", "at": NOW, "detail": {}}
        connection.execute(s.case_link.insert().values(**link))
    result = {"confirmed": "confirm", "closed": "confirm", "dismissed": "dismiss", "doubtful": "doubt", "referred": "refer"}.get(state)
    if result is not None:
        taken = {"person": "王敏", "unit": "某局", "reason": "承诺", "at": days_ago(1)}
        connection.execute(s.decision.insert().values(case_id=n, result=result, **taken))
    if result == "confirm":
        word = WORDS[n // 27 % 6]
        checked = days_ago(n % 40) if word else None
        asked = {"takedown_id": (n // 27 + n // 81) % 3 + 1, "listing_id": n, "version_id": n}
        connection.execute(s.takedown_listing.insert().values(**asked, word=word, checked_at=checked))
        if word is not None and checked is not None:
            _removal(connection, n, asked["takedown_id"], word, checked)


def _removal(connection: Any, n: int, takedown_id: int, word: str, checked: datetime) -> None:
    """What the looks come to: most that are gone are verified so, some that are up were and are back."""
    verified = (word == "gone" and n % 4) or (word in ("up", "changed") and n % 2)
    back = bool(verified and word != "gone")
    removed = checked - timedelta(days=1)
    row: dict[str, Any] = {"word": word, "looks": 1, "gone_looks": 0, "last_at": checked, "last_day": f"{checked:%Y-%m-%d}"}
    if verified:
        row |= {"removed_at": removed, "removed_day": f"{removed:%Y-%m-%d}", "verified_at": checked, "verified_day": f"{checked:%Y-%m-%d}"}
    if back:
        row |= {"relisted_at": checked, "relisted_day": f"{checked:%Y-%m-%d}", "relisted_how": pick("relisted_how", n // 27)}
    connection.execute(s.removal.insert().values(takedown_id=takedown_id, listing_id=n, **row))


def stored(engine: Engine) -> list[dict[str, Any]]:
    """What the store says, a row a listing; read here, apart from what makes search documents."""
    query = text(
        "SELECT l.id, hex(l.key) AS key, p.name AS platform, l.url_norm, l.first_flagged_at, l.last_seen_day, v.day, v.kind, "
        "v.title, v.text, v.seller_name, v.seller_region, d.band, d.score, d.scope, d.tier, d.detail, c.state, "
        "c.registered_at, c.owner, k.decided_scope, m.removed_at, m.verified_day, m.relisted_day, "
        "(SELECT max(other_id) FROM case_link f WHERE f.case_id = c.id) AS relisted_of, "
        "o.result AS decision, t.state AS asked, t.sent_at, t.deadline_at, x.word, x.checked_at "
        "FROM listing l JOIN platform p ON p.id = l.platform_id JOIN listing_version v ON v.id = l.version_id "
        "LEFT JOIN verdict d ON d.version_id = v.id LEFT JOIN case_listing k ON k.listing_id = l.id "
        'LEFT JOIN "case" c ON c.id = k.case_id LEFT JOIN decision o ON o.case_id = c.id '
        "LEFT JOIN takedown_listing x ON x.listing_id = l.id LEFT JOIN takedown t ON t.id = x.takedown_id "
        "LEFT JOIN removal m ON m.listing_id = l.id"
    ).columns(
        first_flagged_at=s.listing.c.first_flagged_at.type, registered_at=s.case.c.registered_at.type,
        sent_at=s.takedown.c.sent_at.type, deadline_at=s.takedown.c.deadline_at.type,
        checked_at=s.takedown_listing.c.checked_at.type, removed_at=s.removal.c.removed_at.type, detail=s.verdict.c.detail.type,
    )  # fmt: skip
    with reading(engine) as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    for row in rows:
        detail = row.pop("detail") or {}
        row["key"] = row["key"].lower()
        row["types"], row["families"] = detail.get("types", []), detail.get("families", [])
        row["contacts"] = detail.get("contacts", [])
        hours = (row["removed_at"] - row["sent_at"]).total_seconds() / 3600 if row["removed_at"] and row["sent_at"] else None
        row["hours"] = round(max(0.0, hours), 2) if hours is not None else None
        folds = {fold for each in detail.get("evidence", []) for fold in each["fold"].split("+")}
        row["disguises"] = sorted(folds - {"none"})
    return rows
