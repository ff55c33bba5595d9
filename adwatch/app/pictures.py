"""The pictures of listings as a day's stage: fetched politely, kept as evidence, read once each, joined into verdicts.

What is due comes from the store, so that a run that was cut off goes on where it was: a picture lies in the archive
before its row, its row comes with the address's, and the version's mark after its verdict. Pictures of flagged and
doubtful listings and of sellers with hits come first, then the rest while the day's budgets last.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adwatch.app.linking import link_now
from adwatch.app.office import Office
from adwatch.app.picture_fetch import Left, PictureFetch
from adwatch.app.sightings import Meeting, Sighting, record_sightings
from adwatch.archive import read_body
from adwatch.errors import ArchiveError, UsageError
from adwatch.failpoints import failpoint
from adwatch.models import StageReport
from adwatch.pictures.copies import is_copy
from adwatch.pictures.opened import WORDS, Opened, PictureRefused, open_picture
from adwatch.pictures.reading import Reader, missing, reader_version
from adwatch.store import picture_rows as store
from adwatch.store.captures import capture_by_id
from adwatch.store.cases import tell_index
from adwatch.store.engine import reading, writing
from adwatch.store.locks import run_lock
from adwatch.store.picture_rows import AGAIN, BEGUN, WHOLE, Waiting
from adwatch.store.pictures import picture_capture
from adwatch.text.hosts import host_of
from classifiers.sites.codes import FINDING, CodeJudge, as_url

if TYPE_CHECKING:
    from adwatch.models import Capture
    from adwatch.ports import Progress

LOCK = "pictures"
ROUND = 100
"""Versions that are chosen at once: what they are found to be changes whose pictures come first."""
NEAR = 6
"""Bits in which the hashes of a picture and of its copy may differ."""
ADDRESS_WORDS = {
    **WORDS,
    "read": "已识读",
    "same": "与已读图片相同",
    "gone": "图片已不存在",
    "robots": "robots 不允许",
    "blocked": "被站点拒绝",
    "unreachable": "无法连接",
    "refused": "应答被拒收",
    "no_address": "不是可取的网址",
    "unreadable": "存档读不出",
}
"""What comes of a picture's address, for the reader."""


class PictureWork:
    """One run over the pictures that wait."""

    def __init__(self, office: Office, day: str, reader: Reader | None = None) -> None:
        self.office, self.day = office, day
        self._reader = reader
        self.report = StageReport("pictures")
        self.fetch = PictureFetch(office, day, self.report)
        settings = office.settings
        with reading(office.engine) as connection:
            used = Counter(store.looked_at(connection, day))
        left = max(0, settings.pictures_per_day - used.total())
        self.left = Left(left, settings.pictures_per_platform, used)

    @cached_property
    def reader(self) -> Reader:
        """The models, loaded with the first picture."""
        return self._reader or Reader.load()

    @cached_property
    def codes(self) -> CodeJudge:
        """Judges where codes lead."""
        return CodeJudge(self.office.settings.data)

    @cached_property
    def meeting(self) -> Meeting:
        """Keeps where sites are met."""
        return Meeting(self.office, self.codes.lookalikes)

    @property
    def date(self) -> date:
        """The day, as of which the register is asked."""
        return date.fromisoformat(self.day)

    def run(self, progress: Progress | None = None) -> StageReport:
        """Go through what waits until it is done or a budget is spent."""
        try:
            while self.left.all > 0:
                with reading(self.office.engine) as connection:
                    found = store.waiting(connection, self.day, ROUND)
                for wanted in found:
                    if self.left.all <= 0:
                        break
                    self.version(wanted)
                    if progress is not None:
                        progress(1)
                if not found:
                    break
        finally:
            self.fetch.close()
        if self.left.all <= 0:
            self.report.notes.append(f"{self.day}: ADWATCH_PICTURES_PER_DAY is spent; the rest waits for tomorrow")
        return self.report

    def version(self, wanted: Waiting) -> None:
        """Look at the pictures of one version, then judge it anew."""
        with writing(self.office.engine) as connection:
            store.put_state(connection, wanted.version.id, BEGUN, self.day)
        whole = True
        for url in wanted.images:
            with reading(self.office.engine) as connection:
                known = store.address(connection, url)
            if store.final(known):
                self.report.counts["known"] += 1
            elif known is not None and known.day >= self.day:
                whole = False
            else:
                whole &= self._address(url, wanted)
        said = self._judge(wanted)
        with writing(self.office.engine) as connection:
            store.put_state(connection, wanted.version.id, WHOLE if whole else AGAIN, self.day)
            if said:
                tell_index(connection, [wanted.version.listing_id])  # the index takes its pictures' words from here on
        failpoint("picture.version_done")
        self.report.kept += 1

    def _address(self, url: str, wanted: Waiting) -> bool:
        """Look at one address; whether that is done for good."""
        with reading(self.office.engine) as connection:
            capture = picture_capture(connection, url)
        if not self.left.for_platform(wanted.platform_id):
            self.report.drop("budget")
            return False
        body, word = b"", ""
        if capture is None:
            if wanted.platform in self.fetch.over:
                self.report.drop("platform_over")
                return False
            capture, body, word = self.fetch.fetch(url, wanted.platform)
            if word == "budget":
                self.report.drop("budget")
                return False
        else:
            try:
                body = read_body(self.office.shelf, capture)
            except ArchiveError as error:
                word = "unreadable"
                self.report.notes.append(f"{url[:200]}: {error}")
        self.left.take(wanted.platform_id)
        failpoint("picture.fetched")
        self._keep(url, wanted, capture, body, word)
        failpoint("picture.after_commit")
        with reading(self.office.engine) as connection:
            return store.final(store.address(connection, url))

    def _keep(self, url: str, wanted: Waiting, capture: Capture | None, body: bytes, word: str) -> None:
        """Read the picture unless it was, and store both rows."""
        values: dict[str, Any] | None = None
        sha256 = hashlib.sha256(body).hexdigest() if not word else ""
        if not word:
            with reading(self.office.engine) as connection:
                known = store.by_digest(connection, sha256)
            if known is not None:
                word = "same"
            else:
                values = self._read(body, wanted)
        with writing(self.office.engine) as connection:
            picture = None
            if sha256 and capture is not None:
                before = store.by_digest(connection, sha256)
                picture = before.id if before is not None else None
                if picture is None and values is not None:
                    picture = store.add_picture(connection, sha256, capture_id=capture.id or 0, **values)
            word = word or (values["word"] if values else "read")
            store.put_address(connection, url, wanted.platform_id, word, picture, self.day)
            failpoint("picture.before_commit")
        self.report.counts[word] += 1

    def _read(self, body: bytes, wanted: Waiting) -> dict[str, Any]:
        """Columns of a picture that is new: its reading, of which it is a copy, or why it is refused."""
        try:
            opened = open_picture(body)
        except PictureRefused as error:
            return {"word": error.word}
        width, height = opened.size
        quarters = store.hash_quarters(opened.phash)
        values = {"phash": opened.phash, "width": width, "height": height, "format": opened.format, **quarters}
        original = self._original(opened)
        if original is not None:
            return {"word": "same", "same_as": original, **values}
        found = self.reader.read_opened(opened, "")
        own = [host for spec in (self.office.platforms.get(wanted.platform),) if spec for host in _hosts(spec.base_url)]
        codes = []
        for code in found.codes:
            judged = self.codes.judge(code.how, code.content, found.text, self.date, own)
            about = {"verdict": judged.verdict, "host": judged.host, "why": judged.why, "kind": FINDING}
            codes.append({"how": code.how, "format": code.format, "content": code.content, "box": code.box, **about})
        spans = [{"start": s.start, "end": s.end, "box": s.box, "score": s.score} for s in found.spans]
        read = {"reader": reader_version(), "text": found.text, "spans": spans, "codes": codes}
        return {"word": "read", **read, **values}

    def _original(self, opened: Opened) -> int | None:
        """The picture that was read of which this is a copy, compared pixel by pixel."""
        with reading(self.office.engine) as connection:
            near = store.alike(connection, opened.phash, NEAR)[:3]
            captures = {row.id: row.capture_id for row in near}
        for number, capture_id in captures.items():
            capture = capture_by_id(self.office.engine, capture_id)
            if capture is None:
                continue
            try:
                if is_copy(opened.pixels, open_picture(read_body(self.office.shelf, capture)).pixels):
                    return int(number)
            except (ArchiveError, PictureRefused):
                continue  # an original that can be read no more is no reason not to read this one
        return None

    def _judge(self, wanted: Waiting) -> bool:
        """Judge the version anew where its pictures say something, and tell where its codes lead; whether they do."""
        with reading(self.office.engine) as connection:
            shown = store.picture_texts(connection, [wanted.version.id]).get(wanted.version.id, [])
        said = any(each.text.strip() or each.codes for each in shown)
        if said:
            self.office.classifier.classify([wanted.version], self.day, "picture", again=True)
        met = [
            Sighting(
                as_url(code["content"]), code["how"], wanted.version.listing_id, each.capture_id, "；".join(code["why"])
            )
            for each in shown
            for code in each.codes
            if code["verdict"] in ("finding", "other", "official_once")
        ]
        if met:
            record_sightings(self.office, met, self.day, self.meeting)
        self.report.counts["findings"] += sum(c["verdict"] == "finding" for each in shown for c in each.codes)
        return said


def _hosts(address: str | None) -> list[str]:
    host = host_of(address or "")
    return [host.removeprefix("www.")] if host else []


def read_pictures(
    office: Office, day: str, progress: Progress | None = None, reader: Reader | None = None
) -> StageReport:
    """Read the pictures that wait, within the day's budgets; a UsageError where the reader is not installed."""
    if why := lacking():
        raise UsageError(f"pictures are not read: {why}")
    with run_lock(office.home, LOCK):
        work = PictureWork(office, day, reader)
        report = work.run(progress)
        link_now(office)
        return report


def lacking() -> str:
    """Why pictures cannot be read here; empty where they can."""
    return missing()


def as_row(day: str, report: StageReport) -> dict[str, Any]:
    """A run's report in plain values."""
    counts = {"counts": dict(report.counts), "dropped": dict(report.dropped)}
    return {"day": day, "versions": report.kept, **counts, "notes": report.notes}


def status(office: Office, day: str) -> dict[str, Any]:
    """How many versions wait, and what came of addresses so far."""
    with reading(office.engine) as connection:
        return {
            "waiting": store.count_waiting(connection, day),
            "today": sum(store.looked_at(connection, day).values()),
            "words": store.words(connection),
            "missing": missing(),
        }
