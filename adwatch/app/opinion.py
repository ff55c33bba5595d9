"""Second opinions on the review band, from a model in the office's own network: optional, shown, never decisive."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from adwatch.app.office import Office
from adwatch.casework.opinions import text_digest
from adwatch.casework.shown import show
from adwatch.errors import FetchError, SettingsError
from adwatch.models import StageReport
from adwatch.ports import Progress
from adwatch.store import opinions as store
from adwatch.store.engine import reading, writing
from adwatch.store.views import ListingView, as_it_stands, versions_of
from classifiers import second_opinion as asked

NOTE = "第二意见由语言模型给出，仅供参考，不改变机器判定，更不代替甄别。"


def ask(office: Office, limit: int, progress: Progress | None = None) -> StageReport:
    """Ask about listings in the review band that were not asked about, within the day's budget."""
    settings, report = office.settings, StageReport("opinion")
    if not settings.llm_url or not settings.llm_model:
        raise SettingsError("no model is set: ADWATCH_LLM_URL and ADWATCH_LLM_MODEL name one in the office's network")
    from adwatch.http.chat import ChatServer

    with reading(office.engine) as connection:
        views = [as_it_stands(found) for found in versions_of(connection, store.in_review(connection, limit)).values()]
        wanted = {_digest(settings.llm_model, view): view for view in views}
        have = store.known(connection, wanted)
    report.counts["known"] = len(have)
    server = ChatServer(settings.llm_url, settings.llm_key)
    try:
        for digest, view in wanted.items():
            if digest not in have:
                _ask_one(office, server.complete, digest, view, report)
                if progress:
                    progress(1)
    except store.BudgetSpent:
        left = len(wanted) - len(have) - report.kept
        report.counts["over_budget"] = left
    except FetchError as error:
        report.drop("no_answer", str(error))
    finally:
        server.close()
    return report


def _ask_one(office: Office, complete: Any, digest: str, view: ListingView, report: StageReport) -> None:
    text, model = show(view).whole, office.settings.llm_model
    now = office.clock.now()
    if asked.instructs(text):
        opinion = asked.refused()
    else:
        day = now.astimezone(office.settings.zone).date().isoformat()
        with writing(office.engine) as connection:
            store.claim(connection, day, office.settings.llm_per_day)
        opinion = asked.answer(complete(asked.request(model, text)), text)
    with writing(office.engine) as connection:
        store.keep(
            connection,
            digest=digest,
            text_sha256=text_digest(view),
            model=model,
            at=now,
            word=opinion.word,
            confidence=opinion.confidence,
            quote=opinion.quote,
            reason=opinion.reason,
        )
    report.kept += 1
    report.counts[opinion.word] += 1


def _digest(model: str, view: ListingView) -> str:
    return hashlib.sha256(f"{asked.PROMPT}\0{model}\0{text_digest(view)}".encode()).hexdigest()


def review_band(office: Office, limit: int) -> list[dict[str, Any]]:
    """Listings in the review band, best first, with the opinions on them; personal data masked."""
    with reading(office.engine) as connection:
        views = [as_it_stands(found) for found in versions_of(connection, store.in_review(connection, limit)).values()]
        opinions = store.opinions_on(connection, (text_digest(view) for view in views))
    rows = [_row(view, opinions.get(text_digest(view), [])) for view in views]
    return sorted(rows, key=lambda row: -row["score"])


def _row(view: ListingView, opinions: list[dict[str, Any]]) -> dict[str, Any]:
    shown, verdict = show(view), view.verdict
    return {
        "listing_id": view.listing.listing_id,
        "platform": view.listing.platform,
        "url": view.listing.url,
        "title": shown.title or None,
        "snippet": " ".join(shown.text.split())[:120],
        "score": verdict.score if verdict else 0.0,
        "reason": verdict.reason if verdict else None,
        "opinions": [_labelled(opinion) for opinion in opinions],
    }


def _labelled(opinion: dict[str, Any]) -> dict[str, Any]:
    return {**opinion, "word_label": asked.LABELS.get(opinion["word"], opinion["word"]), "note": NOTE}


def add_opinions(office: Office, listings: Iterable[dict[str, Any]]) -> None:
    """Adds ``opinions`` to the listings of a case: those on any version of each, the newest version's last."""
    rows = list(listings)
    with reading(office.engine) as connection:
        if not store.any_kept(connection):  # most offices ask no model: their pages pay nothing for it
            for row in rows:
                row["opinions"] = []
            return
        ids = store.listings_by_key(connection, (row["listing_id"] for row in rows))
        views = versions_of(connection, ids.values())
        digests = {number: [text_digest(view) for view in found] for number, found in views.items()}
        opinions = store.opinions_on(connection, (digest for found in digests.values() for digest in found))
    for row in rows:
        found = dict.fromkeys(digests.get(ids[row["listing_id"]], ()))
        row["opinions"] = [_labelled(opinion) for digest in found for opinion in opinions.get(digest, ())]
