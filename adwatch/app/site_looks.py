"""Which sites are looked at today, what a look leaves behind, and when a confirmed one is gone.

A look that finds a false look-up gives the site its entry in the source ``sites`` and with it a case: from there on it
goes the way of every lead (register, 甄别 by the imitated authority, tracks, tables). The entry's words are those of
the day on which it was first suspected; later looks are appended beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.app.page_capture import MACHINE
from adwatch.app.site_capture import PLATFORM, Looked, SiteCapturer
from adwatch.app.site_reach import ENOUGH, OFFLINE
from adwatch.casework.shown import printable
from adwatch.casework.site_track import settle_track
from adwatch.casework.transaction import work
from adwatch.http import Manners
from adwatch.models import Actor, Listing
from adwatch.ports import Progress
from adwatch.search.keys import contact_key, contact_secret
from adwatch.store import sites as store
from adwatch.store.audit import append_entries
from adwatch.store.cases import cases_of_listings
from adwatch.store.engine import reading, writing
from adwatch.store.listings import upsert_listings
from adwatch.store.locks import run_lock
from adwatch.store.outside import listings_by_number
from adwatch.store.pages import Due, listings_of_case
from adwatch.store.reports import standing_confirmed
from adwatch.tables.site_rules import KINDS, SiteRules, site_rules
from classifiers.contacts import find
from classifiers.folds import Folds
from classifiers.sites import likeness
from classifiers.sites.imitated import SAFETY, imitated
from classifiers.sites.page import WORDS

Row = dict[str, Any]
LOCK = "site-looks"
ADDRESSES = 3
"""Addresses of one site that a look tries, until one is a false look-up."""
OVER = ("excluded", "dismissed", "closed")
"""States of a case in which nobody waits for another look."""


def due(office: Office, rules: SiteRules, now: datetime, day: str, everything: bool = False) -> list[Row]:
    """Sites that are to be looked at: confirmed ones that are not gone first, then new ones, then doubtful ones.

    As many as the day's budget leaves, or ``everything`` that waits.
    """
    with reading(office.engine) as connection:
        rows = [row for row in store.sites(connection) if row["kind"] == "site"]
        looks = store.looks_of(connection, [row["id"] for row in rows])
        done = sum(look["day"] == day and look["word"] != OFFLINE for each in looks.values() for look in each)
        sure = standing_confirmed(connection, [row["case_id"] for row in rows if row["case_id"]])
    chosen: list[tuple[int, Row]] = []
    for row in rows:
        made = [look for look in looks.get(row["id"], []) if look["word"] != OFFLINE]
        last = made[-1]["at"] if made else None
        if row["state"] in OVER or row["band"] == "dismissed":
            continue
        kept = row["case_id"] is None or any(look["page_capture_id"] for look in made)
        if row["case_id"] in sure:
            apart = (
                timedelta(hours=rules.gone_apart_hours) if made and made[-1]["gone"] else timedelta(rules.check_days)
            )
            if last is None or now - last >= apart:
                chosen.append((0, row))
        elif last is None:
            chosen.append((1, row))
        elif (len(made) < rules.looks_more or not kept) and now - last >= timedelta(rules.look_days):
            chosen.append((2, row))
    chosen.sort(key=lambda each: each[0])
    return [row for _, row in (chosen if everything else chosen[: max(0, rules.per_day - done)])]


def look_due(
    office: Office,
    actor: Actor = MACHINE,
    limit: int | None = None,
    manners: Manners | None = None,
    progress: Progress | None = None,
) -> Iterator[Row]:
    """Look at what is due, within the day's budget; a row each, as it is done. One process at a time."""
    now = office.clock.now()
    day = now.astimezone(office.settings.zone).date().isoformat()
    wanted = due(office, site_rules(office.settings.data), now, day)
    yield from look_at(office, wanted[:limit], actor, manners, progress)


def look_at(
    office: Office,
    wanted: Sequence[Row],
    actor: Actor = MACHINE,
    manners: Manners | None = None,
    progress: Progress | None = None,
) -> Iterator[Row]:
    """Look at some sites now; the rest is left when the office's own network is found down again and again."""
    with run_lock(office.home, LOCK):
        with reading(office.engine) as connection:
            references = store.references(connection)
        capturer = SiteCapturer(office, actor, references, manners)
        for site in wanted:
            yield _look(office, capturer, site, actor)
            if progress is not None:
                progress(1)
            if capturer.reach.down >= ENOUGH:
                break
        if wanted:
            index_now(office)


def _look(office: Office, capturer: SiteCapturer, site: Row, actor: Actor) -> Row:
    begun = office.clock.now()
    today = begun.astimezone(office.settings.zone).date()
    best: Looked | None = None
    for address in _addresses(office, site):
        found = capturer.look(address, today)
        best = found if best is None or found.rank > best.rank else best
        if found.word == "fake_lookup":
            break
    if best is None:
        raise ValueError(f"site {site['id']}: no address")  # every site has the one it was met at
    best, gone = capturer.sure(best, site["word"] if site["band"] == "flagged" else None)
    if best.word != OFFLINE:
        site = _suspect(office, capturer.site_rules, site, best, today.isoformat())
    kept = None
    if site["case_id"] is not None and best.made is not None:
        kept = capturer.keep(_due(office, site, best.url), begun, best)["id"]
    now = office.clock.now()
    with work(office.engine) as connection:
        values = {"word": best.word, "gone": gone, "score": best.verdict.score if best.verdict else 0.0}
        points = [{"name": each.name, "points": each.points, "why": each.why} for each in best.points]
        facts = {**best.facts, "looked_url": best.url, "by": actor.person}
        about = {**values, "points": points, "facts": facts, "page_capture_id": kept}
        store.add_look(connection, site_id=site["id"], at=now, day=today.isoformat(), **about)
        word = site["word"] if gone and site["word"] == "fake_lookup" else best.word
        if best.word != OFFLINE:  # nothing was learnt: the site stands as it was, and is looked at again
            store.change_site(connection, site["id"], looked_at=now, word=word)
        store.add_marks(connection, site["id"], _marks(office, best), now)
        if site["case_id"] is not None:
            looks = store.looks_of(connection, [site["id"]])[site["id"]]
            hours = capturer.site_rules.gone_apart_hours
            entries = settle_track(connection, site["case_id"], looks, hours, actor, now)
            append_entries(connection, entries)
    return {
        **{name: site[name] for name in ("id", "name", "case_id", "band")},
        **{"word": best.word, "word_label": WORDS[best.word], "gone": gone, "score": values["score"]},
        "why": [each.why for each in best.points if each.points > 0],
        "page_capture_id": kept,
    }


def _addresses(office: Office, site: Row) -> list[str]:
    """Where it was met, the longest paths first: a code's address shows more than the front page."""
    with reading(office.engine) as connection:
        seen = [row["address"] for row in store.sightings_of(connection, [site["id"]])]
    given = [
        each if "://" in each[:12] else f"http://{each.lstrip('/')}" for each in (*seen, site["url"] or "") if each
    ]
    return sorted(dict.fromkeys(given), key=lambda each: -len(each))[:ADDRESSES]


def _suspect(office: Office, rules: SiteRules, site: Row, looked: Looked, day: str) -> Row:
    """Give a site what its look means: band, families, and an entry with a case where it is suspected.

    A look takes its time: what a person decided meanwhile stands.
    """
    with reading(office.engine) as connection:
        [site] = store.sites(connection, ids=[site["id"]])
    band = "flagged" if looked.word == "fake_lookup" else "review" if looked.word == "doubtful" else "clear"
    if looked.word == "doubtful" and site["verdict"] == "look_alike":
        band = "flagged"
    if looked.word in ("blocked", "login", "dead", "parked") and site["verdict"] == "look_alike":
        band = "review"
    if site["band"] == "dismissed" and band != "flagged":
        band = "dismissed"
    if site["band"] == "flagged":
        if site["case_id"] is not None:
            return site
        band = "flagged"  # a worker died before it had its case
    kinds = list(imitated(site["name"], looked.text)) or site["families"]
    return enter(office, rules, site, band, kinds, entry(site, looked), day)


def enter(office: Office, rules: SiteRules, site: Row, band: str, kinds: Sequence[str], item: Listing, day: str) -> Row:
    """Keep what is thought of a site; a suspected one gets its entry, and by the verdict on that its case.

    In this order, so that of several workers who meet it at once whoever judges the entry judges it as the site's, and
    none goes on before there is the case: what is thought, the entry, the mark that leads there, the verdict.
    """
    scope = rules.scope if not kinds or set(kinds) & set(SAFETY) else "other_credential"
    about = {**site["about"], "class": rules.offer_class, "scope": scope}
    with writing(office.engine) as connection:
        if not store.think(connection, site["id"], band, families=list(kinds), about=about):
            band = "dismissed"
    if band == "flagged":
        upsert_listings(office.engine, PLATFORM, [item], day, office.clock.now())
        key = _key(office, item)
        with writing(office.engine) as connection:
            store.change_site(connection, site["id"], listing_id=key)
            version = store.entry_version(connection, key)
        office.classifier.classify([version], day)
    with reading(office.engine) as connection:
        return store.sites(connection, ids=[site["id"]])[0]


def entry(site: Row, looked: Looked | None) -> Listing:
    """The entry of a suspected site: address, title, and each reason as a line that the verdict points to."""
    reasons = [each.why for each in looked.points if each.points > 0] if looked else []
    reasons += [each for each in site["why"] if each and not any(each in said for said in reasons)]
    url = looked.url if looked and looked.url else site["url"]
    lines = [f"地址：{printable(url or site['name'])}"]
    if looked is not None and looked.facts.get("title"):
        lines.append(f"页面标题：{printable(looked.facts['title'])}")
    lines += [
        f"{label}：{printable(str(site['about'][name]))}" for name, label in ABOUT.items() if site["about"].get(name)
    ]
    text = "\n".join([*lines, *(f"{store.SAYS}{printable(each)}" for each in reasons)])
    title = f"疑似假冒查询{KINDS[site['kind']]}：{printable(site['name'])}"
    return Listing(PLATFORM, store.entry_name(site["kind"], site["name"]), "page", url=url, title=title, text=text)


ABOUT = {"maker": "开发者", "store_link": "下载或者进入地址", "filing": "备案号", "subject": "账号主体"}
"""What is known of an app, a mini program or an account, by field of ``site.about``."""


def _key(office: Office, item: Listing) -> int:
    with reading(office.engine) as connection:
        return listings_by_number(connection, PLATFORM, [item.native_id])[item.native_id]


def _due(office: Office, site: Row, url: str) -> Due:
    with reading(office.engine) as connection:
        case = cases_of_listings(connection, [site["listing_id"]])[site["listing_id"]]
        counted = listings_of_case(connection, case["id"], "site")
    mine = next(each for each in counted if each.listing_id == site["listing_id"])
    return Due(site["listing_id"], case["id"], "site", mine.ref, case["score"], PLATFORM, url)


def _marks(office: Office, looked: Looked) -> Iterator[tuple[str, str, str]]:
    """What other sites may show as well: (kind, digest, as it may be shown)."""
    if looked.verdict is None or looked.rank[0] < 3:  # a parked or blocked page shows the registrar's, not its own
        return
    secret, flat = contact_secret(office.home), Folds()
    for contact in find(looked.text, flat.flat(looked.text)):
        if contact.kind != "url":
            yield "contact", contact_key(secret, contact.value), contact.masked
    facts, prints = looked.facts, looked.prints
    if found := likeness.template(prints.get("structure") or {}):
        yield "template", found, f"页面模板 {found[:8]}"
    if facts.get("certificate"):
        yield "certificate", str(facts["certificate"]), f"TLS证书 {str(facts['certificate'])[:12]}"
    if facts.get("server_ip"):
        yield "address", hashlib.sha256(str(facts["server_ip"]).encode()).hexdigest()[:32], str(facts["server_ip"])
    if prints.get("icon"):
        yield "icon", str(prints["icon"]), f"图标 {prints['icon']}"
    for number in facts.get("filings") or ():
        yield "filing", hashlib.sha256(str(number).encode()).hexdigest()[:32], str(number)
