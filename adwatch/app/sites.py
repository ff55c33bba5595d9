"""Sites as the command calls them: listed, shown, added by a person, captured as references, routed, drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adwatch.app import transfer
from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.app.sightings import Meeting, Sighting, record_sightings
from adwatch.app.site_capture import SiteCapturer
from adwatch.app.site_looks import enter, entry, look_at
from adwatch.casework.routing import lead_of
from adwatch.casework.routing_table import Routing
from adwatch.casework.shown import local, printable
from adwatch.casework.site_graph import as_graphml, as_json, network
from adwatch.casework.states import STATES
from adwatch.errors import UsageError
from adwatch.http import Manners
from adwatch.models import Actor
from adwatch.store import sites as store
from adwatch.store import transfers
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import case_by_id
from adwatch.store.engine import reading, writing
from adwatch.store.reports import standing_confirmed
from adwatch.store.views import versions_of
from adwatch.tables.networks import HOW_TO_ADD
from adwatch.tables.officials import Officials
from adwatch.tables.site_rules import HOW, KINDS, site_rules
from adwatch.text.hosts import host_of
from classifiers.sites.imitated import imitated
from classifiers.sites.named import named, nearest
from classifiers.sites.page import WORDS

Row = dict[str, Any]
NETS = ("cyberspace", "telecom", "host")
"""Receivers of a 仿冒网站移送; the police get a 线索移送."""


def listed(office: Office, every: bool = False, limit: int = 200) -> list[Row]:
    """Sites, those with a case first; ``every``: also what no look has found suspicious."""
    with reading(office.engine) as connection:
        rows = store.sites(connection)
    kept = [row for row in rows if every or row["band"] not in ("clear", "dismissed")]
    return [shown(office, row) for row in kept[:limit]]


def shown(office: Office, row: Row) -> Row:
    """A row of the store as command and console show it; what strangers wrote is made printable."""
    names = ("id", "kind", "verdict", "score", "word", "band", "first_day", "case_id", "lead_number", "state")
    return {
        **{name: row[name] for name in names},
        "name": printable(row["name"]),
        "url": printable(row["url"] or ""),
        "kind_label": KINDS[row["kind"]],
        "word_label": WORDS.get(row["word"] or "", "未查看"),
        "state_label": STATES.get(row["state"] or "", ""),
        "families": row["families"],
        "why": [printable(each) for each in row["why"]],
        "looked_at": local(row["looked_at"], office.settings.zone),
    }


def known(office: Office, name: str) -> Row:
    """The site of a host, URL, name or number."""
    with reading(office.engine) as connection:
        rows = store.sites(connection, ids=[int(name)]) if name.isdecimal() else []
        rows = rows or store.sites(connection, name=host_of(name) or name) or store.sites(connection, name=name)
    if not rows:
        raise UsageError(f"网站 {name[:80]!r}: 没有登记；用 adwatch sites list --all 查看")
    return rows[0]


def show(office: Office, name: str) -> Row:
    """One site with where it was met, its looks and what it shares."""
    row, zone = known(office, name), office.settings.zone
    with reading(office.engine) as connection:
        seen = store.sightings_of(connection, [row["id"]])
        looks = store.looks_of(connection, [row["id"]]).get(row["id"], [])
        marks = store.marks_of(connection, [row["id"]])
    return {
        **shown(office, row),
        "about": row["about"],
        "sightings": [
            {
                "how": each["how"],
                "how_label": HOW[each["how"]],
                "address": printable(each["address"]),
                "day": each["day"],
                "platform": each["platform"],
                "listing_id": each["listing_key"].hex() if each["listing_key"] else None,
                "case_id": each["case_id"],
            }
            for each in seen
        ],
        "looks": [
            {
                **{name: each[name] for name in ("day", "word", "gone", "score", "points", "page_capture_id")},
                "word_label": WORDS[each["word"]],
                "at": local(each["at"], zone),
                "server_ip": each["facts"].get("server_ip"),
                "holder": each["facts"].get("holder"),
                "issuer": each["facts"].get("issuer"),
                "filings": each["facts"].get("filings") or [],
            }
            for each in looks
        ],
        "marks": [{"kind": each["kind"], "shown": printable(each["shown"])} for each in marks],
    }


def add(office: Office, kind: str, name: str, actor: Actor, **about: str) -> Row:
    """A site, app, mini program or account that a person names; what imitates an official name gets its case."""
    if kind not in KINDS:
        raise UsageError(f"--kind {kind[:30]}: 可写 {'、'.join(KINDS)}")
    now = office.clock.now()
    day = now.astimezone(office.settings.zone).date()
    if kind == "site":
        [found] = record_sightings(office, [Sighting(name, "person", detail=actor.person)], day.isoformat())
        if found["site_id"] is None:
            raise UsageError(
                f"{name[:80]}: {'；'.join(found['why']) or '没有可辨认的主机名，或者是官方、平台自己的网站'}"
            )
        return show(office, str(found["site_id"]))
    if not name.strip() or len(name) > 200:
        raise UsageError("写明名称（不超过200字）")
    register = Officials(office.settings.data)
    verdict, like = named(register, kind, name.strip(), about.get("subject", ""), day), nearest(register, name)
    rules = site_rules(office.settings.data)
    told = {key: value.strip() for key, value in about.items() if value.strip()}
    values: Row = {"url": told.get("store_link"), "first_seen_at": now, "first_day": day.isoformat()}
    values |= {"verdict": verdict.verdict, "score": verdict.score, "why": list(verdict.why)}
    values |= {
        "families": list(like.families if like else imitated(name)),
        "about": {"class": rules.offer_class, **told},
    }
    with writing(office.engine) as connection:
        row, _ = store.keep_site(connection, kind, name.strip(), **values)
        seen: Row = {"address": told.get("store_link") or name, "day": day.isoformat(), "at": now}
        store.keep_sighting(connection, row["id"], None, "person", **seen, capture_id=None, detail=actor.person)
        append_entries(
            connection, [Entry.of(actor, "site.added", "site", row["id"], now, {"kind": kind, "name": name})]
        )
    with reading(office.engine) as connection:
        row = store.sites(connection, ids=[row["id"]])[0]
    if verdict.verdict == "look_alike" and row["case_id"] is None:
        enter(office, rules, row, "flagged", row["families"], entry(row, None), day.isoformat())
        index_now(office)
    return show(office, str(row["id"]))


def look(office: Office, names: Sequence[str], actor: Actor, manners: Manners | None = None) -> Iterator[Row]:
    """Look at these now, whatever the day's budget."""
    return look_at(office, [known(office, name) for name in names], actor, manners)


def reference(office: Office, url: str, actor: Actor, manners: Manners | None = None) -> Row:
    """Keep what an official site looks like today, for likeness; UsageError where the register does not have it."""
    now = office.clock.now()
    day = now.astimezone(office.settings.zone).date()
    found = Meeting(office).hosts.score(url, day)
    if found.verdict != "official" or found.host is None:
        raise UsageError(f"{url[:80]}: 不在官方登记册中（adwatch officials on），不能作为比对样本")
    looked = SiteCapturer(office, actor, (), manners).look(url if "://" in url[:12] else f"https://{url}", day)
    if looked.made is None or not any(looked.prints.values()):
        raise UsageError(
            f"{url[:80]}: {'；'.join(point.why for point in looked.points) or '页面没有内容'}；没有取得样本"
        )
    values: Row = {"host": found.host, "at": now, "day": day.isoformat(), "prints": looked.prints}
    with writing(office.engine) as connection:
        store.add_reference(connection, **values, facts=looked.facts, person=actor.person, unit=actor.unit)
        append_entries(connection, [Entry.of(actor, "site.reference", "site", 0, now, {"host": found.host})])
    kinds = [name for name, value in looked.prints.items() if value]
    return {
        "host": found.host,
        "day": day.isoformat(),
        "prints": kinds,
        "title": printable(looked.facts["title"] or ""),
    }


def graph(office: Office, names: Sequence[str], form: str) -> bytes:
    """The network round some sites, ``json`` or ``graphml``."""
    if form not in ("json", "graphml"):
        raise UsageError(f"--format {form[:20]}: 可写 json、graphml")
    ids = [known(office, name)["id"] for name in names]
    with reading(office.engine) as connection:
        drawn = network(connection, ids, site_rules(office.settings.data).most_together)
    return as_json(drawn) if form == "json" else as_graphml(drawn)


def route(office: Office, names: Sequence[str], actor: Actor) -> list[Row]:
    """Draft the letters of confirmed sites by the routing table: 网信, 通信管理, 公安 and whoever hosts it.

    ``names`` empty: all confirmed ones. An office that has a site already is not written to again. Apps and accounts go
    the same way, but for the host, whom nobody knows.
    """
    wanted = {known(office, name)["id"] for name in names}
    routing = Routing(list(office.classes), list(office.families), office.settings.data).checked()
    day = office.clock.now().astimezone(office.settings.zone).date()
    with reading(office.engine) as connection:
        rows = [row for row in store.sites(connection) if row["case_id"] and (not names or row["id"] in wanted)]
        sure = standing_confirmed(connection, [row["case_id"] for row in rows])
        if names and (not_yet := [row["name"] for row in rows if row["case_id"] not in sure]):
            raise UsageError(f"{'、'.join(map(printable, not_yet))}: 尚未经被仿冒机关甄别属实")
        plans: list[tuple[Row, str, str]] = []
        for row in rows:
            if row["case_id"] not in sure:
                continue
            case = case_by_id(connection, row["case_id"])
            if case is None:
                continue
            acting = routing.route(lead_of(case, versions_of(connection, case["listings"])), day).acting
            had = {
                each["content"]["receiver"]
                for each in transfers.listed(connection, case_id=row["case_id"])
                if each["step"] not in ("void", "rejected", "returned")
            }
            looks = store.looks_of(connection, [row["id"]]).get(row["id"], [])
            host = next((look["facts"] for look in reversed(looks) if look["facts"].get("server_ip")), None)
            for receiver in (*acting, *(("host",) if host else ())):
                if receiver in had or receiver not in (*NETS, "police"):
                    continue
                addressee = routing.authorities[receiver].unit if receiver in routing.authorities else ""
                if receiver == "host" and host:
                    addressee = host.get("holder") or f"（{host['server_ip']} 的接入服务提供者）"
                plans.append((row, receiver, addressee))
    done = []
    for row, receiver, addressee in plans:
        kind = "clue" if receiver == "police" else "site"
        made = transfer.draft(office, kind, [row["case_id"]], actor, receiver=receiver, addressee=addressee)
        note = HOW_TO_ADD if receiver == "host" and addressee.startswith("（") else ""
        done.append({"name": printable(row["name"]), "to": receiver, "addressee": addressee, "note": note, **made})
    return done
