"""An office with words, pictures and files that the policy lets go one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from adwatch.app import evidence, retention
from adwatch.app import search as searching
from adwatch.app.office import Office
from adwatch.casework.opinions import text_digest
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor, Contact, Verdict
from adwatch.settings import load_settings
from adwatch.store import backup_files, picture_rows
from adwatch.store import opinions as asked
from adwatch.store import schema as s
from adwatch.store.attachments import keep_attachment
from adwatch.store.engine import insert_id, reading, writing
from adwatch.store.listings import upsert_listings
from adwatch.store.verdicts import backlog, classifier_id
from adwatch.store.views import versions_of
from tests.app.transfer_world import OFFICE
from tests.casework.office import decide, register
from tests.conftest import FixedClock
from tests.store.world import NOON, World, clear, listing, verdict

ACTOR = Actor("张三", OFFICE)
CONFIRMED, DISMISSED, TEXT, PAPER = 1825, 365, 180, 1825
"""Days of the shipped policy."""
CONTACT = "abc13800138000"
MARKS = {
    "lone": "梧桐落叶",
    "old": "青石板路",
    "online": "白墙黑瓦",
    "sampled": "细雨斜风",
    "unjudged": "远山如黛",
    "open": "长河落日",
    "dismissed": "孤烟直上",
    "closed": "春江潮水",
    "linked": "海上明月",
    "busy": "滟滟随波",
}
"""A phrase in the text of each story: old and online are two versions of one listing."""
NEVER = {"sampled", "unjudged", "open", "linked", "busy"}
"""What no time lets go: it is not at its end, is waited for, or is what an open case came from."""
LEADS = ("open", "dismissed", "closed", "linked", "busy")
CARD = "T110101199003078515"


@dataclass
class Erasable:
    """The office, with what belongs to each story."""

    office: Office
    world: World
    clock: FixedClock
    cases: dict[str, int]

    def after(self, days: float) -> None:
        """Let the office's clock stand so many days after the beginning."""
        self.clock.time = NOON + timedelta(days=days, hours=1)

    def apply(self) -> dict[str, Any]:
        """Let the policy delete."""
        return retention.apply(self.office, ACTOR, dry_run=False)

    def worded(self) -> set[str]:
        """Stories whose words are in the store."""
        texts = [row["text"] or "" for row in self.world.rows(s.listing_version)]
        return {story for story, mark in MARKS.items() if any(mark in text for text in texts)}

    def found(self) -> set[str]:
        """Stories that the index finds by their words."""
        return {story for story, mark in MARKS.items() if searching.search(self.office, mark, everything=True)}

    def quoted(self) -> set[str]:
        """Stories that opinions quote."""
        rows = self.world.rows(s.opinion)
        return {story for story, mark in MARKS.items() if any(mark in f"{r['quote']}{r['reason']}" for r in rows)}

    def files(self) -> set[str]:
        """Contents of the attachments that lie there."""
        folder = self.office.home / "attachments"
        return {file.read_text() for file in folder.rglob("*") if file.is_file()}


def opened(folder: Path, now: datetime = NOON, url: str | None = None) -> tuple[Office, FixedClock]:
    """The office in a folder, and its clock."""
    clock, given = FixedClock(now), {} if url is None else {"database_url": url}
    return Office(load_settings(home=folder / "home", unit=OFFICE, _env_file=None, **given), clock), clock


def text_of(story: str) -> str:
    """An offer with the story's phrase."""
    return f"电工证包过，{MARKS[story]}，不过退款。联系人微 信 {CONTACT}"


def filled(folder: Path, url: str | None = None) -> Erasable:
    """Words of each story, a file of each case, a request with its scan, a sheet without leads, a picture of three."""
    office, clock = opened(folder, url=url)
    world = World(office.engine)
    cases: dict[str, int] = {}
    for story in LEADS:
        item = listing(story, text=text_of(story), images=(f"https://plaza.example/{story}.jpg",))
        cases[story] = world.flag(item, verdict(item, contact=CONTACT))
        attach(office, "case", cases[story], f"file of {story}")
    register(world, [cases["open"]])
    decide(world, [cases["dismissed"]], "dismiss")
    for story in ("closed", "linked", "busy"):
        decide(world, [cases[story]])
    decide(world, [cases["closed"], cases["linked"]], "close")
    with writing(office.engine) as connection:
        link = {"case_id": cases["linked"], "other_id": cases["open"], "kind": "relisted", "at": NOON, "detail": {}}
        connection.execute(s.case_link.insert().values(link))
    judged = [lone("lone", images=("https://plaza.example/lone.jpg",)), lone("sampled")]
    world.store(*judged, lone("old", native_id="online"))
    world.judge(doubt(judged[0]), clear(), clear())
    with writing(office.engine) as connection:
        sampled = connection.scalar(select(s.listing.c.id).where(s.listing.c.native_id == "sampled"))
        look = {"kind": "unflagged", "listing_id": sampled, "stage": "second", "made_at": NOON}
        insert_id(connection, s.second_look, **look)
    attach(office, "intake", 77, "sheet")
    attach(office, "case", cases["closed"], "twice")
    attach(office, "case", cases["open"], "twice")
    pictures(office, "lone", "closed", "open")
    inspected(office, cases["closed"])
    see_again(world, 10)
    world.store(lone("unjudged"))
    opinions(office, "lone", "old", "closed", "open")
    return Erasable(office, world, clock, cases)


def lone(story: str, native_id: str | None = None, **more: Any) -> Any:
    """A listing that no lead rests on."""
    return listing(native_id or story, text=text_of(story), seller_id=f"shop-{story}", **more)


def doubt(item: Any) -> Verdict:
    """A verdict that is in doubt, and knows a contact."""
    at = f"{item.title}\n{item.text}".index(CONTACT)
    contact = Contact("wechat", at, at + len(CONTACT), CONTACT, "ab" + "*" * 12)
    return Verdict(
        "review", 0.5, contacts=(contact,), reason="school_clue", classifier_version="t", keyword_versions="k"
    )


def see_again(world: World, days: int) -> None:
    """The listing of old and online, with the later words, so many days after the beginning."""
    at = NOON + timedelta(days=days)
    item = replace(lone("online"), captured_at=at)
    added = upsert_listings(world.engine, "plaza", [item], at.date().isoformat(), at).versions
    if added:
        waiting = backlog(world.engine, classifier_id(world.engine, "1", "k"))
        world.judge(*(clear() for _ in waiting), day=at.date().isoformat())


def attach(office: Office, subject: str, key: int, content: str) -> None:
    """A file of a subject."""
    about: dict[str, Any] = {"subject": subject, "subject_id": key, "kind": "scan", "actor": ACTOR, "now": NOON}
    with writing(office.engine) as connection:
        keep_attachment(connection, office.home, content.encode(), name="a.pdf", media_type="application/pdf", **about)


def pictures(office: Office, *stories: str) -> None:
    """A picture of each story, read and gone through."""
    with writing(office.engine) as connection:
        platform = int(connection.scalar(select(s.platform.c.id).where(s.platform.c.name == "plaza")) or 0)
        for number, story in enumerate(stories):
            phash = f"{number:016x}"
            read = {"text": f"图片{MARKS[story]}", "spans": [], "codes": [], "width": 1, "height": 1}
            read |= {"phash": phash, **picture_rows.hash_quarters(phash)}
            made = picture_rows.add_picture(connection, f"{number + 1:064x}", "read", capture_id=1, **read)
            url = f"https://plaza.example/{story}.jpg"
            picture_rows.put_address(connection, url, platform, "read", made, "2026-11-18")
            version = connection.scalar(
                select(s.listing_version.c.id)
                .join(s.listing, s.listing.c.version_id == s.listing_version.c.id)
                .where(s.listing.c.native_id == story)
            )
            picture_rows.put_state(connection, int(version or 0), picture_rows.WHOLE, "2026-11-18")


def opinions(office: Office, *stories: str) -> None:
    """A model's opinion on each story, which quotes it; old and online are two texts."""
    with writing(office.engine) as connection:
        listings = list(connection.scalars(select(s.listing.c.id)))
        views = [view for found in versions_of(connection, listings).values() for view in found]
        for story in stories:
            (view,) = [each for each in views if MARKS[story] in (each.listing.text or "")]
            said = {"quote": f"引{MARKS[story]}", "reason": f"因为{MARKS[story]}", "model": "m", "confidence": 0.5}
            about = {"digest": f"asked {story}", "text_sha256": text_digest(view)}
            asked.keep(connection, **said, **about, at=NOON, word="offer")


def inspected(office: Office, case_id: int) -> None:
    """A false card that an inspection found."""
    said = {"place": "工地", "card_number": CARD, "card_key": "k" * 64, "qr": "", "bought": "网店", "payment": "微信"}
    said |= {"contact": CONTACT, "contact_key": "c" * 64, "seller": "小店", "person": "张三", "unit": OFFICE}
    with writing(office.engine) as connection:
        values = {"number": "ADW-IN-1", "case_id": case_id, "found_on": "2026-11-18", "at": NOON, **said}
        insert_id(connection, s.inspection, **values)


def figures(office: Office) -> list[Any]:
    """Counts by verdict, class and state, as tables and statistics take them."""
    v, d, item = s.listing_version, s.verdict, s.listing
    with reading(office.engine) as connection:
        bands = connection.execute(
            select(v.c.day, d.c.band, func.count()).join(d, d.c.version_id == v.c.id).group_by(v.c.day, d.c.band)
        )
        details = connection.execute(select(d.c.version_id, d.c.detail).order_by(d.c.version_id))
        first = connection.execute(select(item.c.native_id, item.c.first_flagged_day).order_by(item.c.id))
        states = connection.execute(select(s.case.c.state, func.count()).group_by(s.case.c.state))
        types = [(key, (detail or {}).get("types"), (detail or {}).get("families")) for key, detail in details]
        return [
            sorted(map(tuple, bands)),
            [row for row in types if row[1]],
            list(map(tuple, first)),
            sorted(map(tuple, states)),
        ]


def sound(office: Office) -> None:
    """The chain, the evidence and the index are whole."""
    assert verify_log(office.engine).fault is None
    found = evidence.verify(office)
    assert not [each for each in found["problems"] if "a.warc.gz" not in each], found["problems"]
    compared = searching.verify(office)
    assert (compared["equal"], compared["waiting"]) == (True, 0), compared
    with reading(office.engine) as connection:
        named = backup_files.named_files(connection)
    assert [name for name in named if not (office.home / name).is_file()] == [], "a backup finds all that rows name"
