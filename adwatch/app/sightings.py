"""Where sites are met: addresses in the texts and links of listings, in their pictures' codes, in tips and lists.

``record_sightings`` is for whoever has found an address. Only what may imitate an official look-up is kept as a site:
a name that looks alike, one that was official once, and any address that a picture's code or a suspicious listing
leads to. Hosts of the register and of the platforms themselves are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adwatch.app.office import Office
from adwatch.app.site_judges import host_judge
from adwatch.models import StageReport
from adwatch.store import sites as store
from adwatch.store.engine import reading, writing
from adwatch.tables.site_rules import HOW, site_rules
from adwatch.text.hosts import host_of
from adwatch.text.written import written_addresses
from classifiers.sites.imitated import imitated
from classifiers.sites.lookalike import GOVERNMENT, HostVerdict, Lookalikes

Row = dict[str, Any]
ALWAYS = ("qr", "barcode", "printed", "tip", "inspection", "person")
"""Ways by which any host is looked at, whatever its name."""
SUSPICIOUS = ("flagged", "review")
PAGE = 2000
AGAIN = 2000
"""Versions behind the mark that are read again: another worker may have stored them late."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An address and where it was met."""

    address: str
    """URL or host, as written."""
    how: str
    """One of HOW."""
    listing: int | None = None
    """Surrogate key of the listing."""
    capture_id: int | None = None
    """Capture of the page or picture."""
    detail: str = ""
    """In short words."""
    suspicious: bool = False
    """Whether the listing is flagged or under review."""
    day: str = ""
    """As of which the register is asked; else that of the work."""


class Meeting:
    """Judges addresses for one piece of work."""

    def __init__(self, office: Office, hosts: Lookalikes | None = None) -> None:
        self.office = office
        self.hosts = hosts or host_judge(office)
        self.suffixes = self.hosts.suffixes
        self.platforms = {self._own(spec.base_url) for spec in office.platforms.values() if spec.base_url} - {None}
        self.rules = site_rules(office.settings.data)

    def judged(self, sighting: Sighting, day: str) -> HostVerdict:
        """What is thought of the host as of the day."""
        return self.hosts.score(sighting.address, date.fromisoformat(sighting.day or day))

    def wanted(self, sighting: Sighting, found: HostVerdict) -> bool:
        """Whether it is to be kept."""
        if found.host is None or found.verdict == "official" or self._own(found.host) in self.platforms:
            return False
        if found.verdict in ("look_alike", "official_once"):
            return True
        if found.host.endswith(tuple(f".{suffix}" for suffix in GOVERNMENT)):
            return False
        return sighting.how in ALWAYS or sighting.suspicious

    def _own(self, address: str) -> str | None:
        host = host_of(address)
        return None if host is None else self.suffixes.privatesuffix(host) or host


def record_sightings(
    office: Office, sightings: Sequence[Sighting], day: str, meeting: Meeting | None = None
) -> list[Row]:
    """Keep sightings; a row each: site_id (None where no site is kept), host, verdict, why, new. Idempotent."""
    meeting = meeting or Meeting(office)
    now = office.clock.now()
    rows: list[Row] = []
    with writing(office.engine) as connection:
        for each in sightings:
            if each.how not in HOW:
                raise ValueError(f"{each.how}: no way of meeting a site")
            found = meeting.judged(each, day)
            told: Row = {"site_id": None, "host": found.host, "verdict": found.verdict, "why": list(found.why)}
            rows.append({**told, "new": False})
            if found.host is None or not meeting.wanted(each, found):
                continue
            kept, new = store.keep_site(
                connection,
                "site",
                found.host[:260],
                url=_url(each.address),
                first_seen_at=now,
                first_day=each.day or day,
                verdict=found.verdict,
                score=found.score,
                why=list(found.why),
                families=list(imitated(found.host)),
                about={"class": meeting.rules.offer_class},
            )
            values = {"address": each.address[:2000], "day": each.day or day, "at": now}
            about = {**values, "capture_id": each.capture_id, "detail": each.detail[:500]}
            store.keep_sighting(connection, kept["id"], each.listing, each.how, **about)
            if found.score > kept["score"]:  # an address whose path imitates tells more than the host alone
                again = {"verdict": found.verdict, "score": found.score, "why": list(found.why)}
                store.change_site(connection, kept["id"], **again, url=_url(each.address))
            rows[-1] |= {"site_id": kept["id"], "new": new}
    return rows


def read_texts(office: Office, day: str) -> StageReport:
    """Read the addresses in the listings' texts and links that no run has read yet; resumable."""
    report = StageReport("sites find")
    with reading(office.engine) as connection:
        mark = store.watermark(connection)
        if not store.versions_after(connection, mark, 1):
            return report
    after, meeting = max(0, mark - AGAIN), Meeting(office)
    while True:
        with reading(office.engine) as connection:
            versions = store.versions_after(connection, after, PAGE)
        if not versions:
            return report
        met = [each for version in versions for each in _of_version(version)]
        done = record_sightings(office, met, day, meeting)
        report.kept += len(versions)
        report.counts["addresses"] += len(met)
        report.counts["new"] += sum(row["new"] for row in done)
        after = versions[-1].id
        with writing(office.engine) as connection:
            store.set_watermark(connection, after)


def _of_version(version: Any) -> Iterator[Sighting]:
    own = host_of(version.url or "")
    suspicious = version.band in SUSPICIOUS
    texts = written_addresses(f"{version.title or ''}\n{version.text or ''}")
    links = [link for link in version.links or () if link not in texts]
    for how, addresses in (("text", texts), ("link", links)):
        for address in addresses:
            if host_of(address) not in (None, own):
                met = "tip" if version.kind == "tip" else how
                yield Sighting(address, met, version.listing_id, suspicious=suspicious, day=version.day)


def take_list(office: Office, lines: Iterable[str], day: str, detail: str) -> StageReport:
    """Hosts of a list that was handed over (new domains, certificate-transparency extracts): look-alikes are kept."""
    report, meeting = StageReport("sites take"), Meeting(office)
    batch: list[Sighting] = []
    for number, found in enumerate(meeting.hosts.scores((line.strip() for line in lines), date.fromisoformat(day)), 1):
        report.kept = number
        report.counts[found.verdict] += 1
        if found.verdict == "look_alike" and found.host is not None:
            batch.append(Sighting(found.host, "list", detail=detail))
        if len(batch) >= PAGE:
            report.counts["new"] += sum(row["new"] for row in record_sightings(office, batch, day, meeting))
            batch = []
    report.counts["new"] += sum(row["new"] for row in record_sightings(office, batch, day, meeting))
    return report


def _url(address: str) -> str:
    """As it can be opened."""
    return address[:2000] if "://" in address[:12] else f"http://{address.lstrip('/')[:1990]}"
