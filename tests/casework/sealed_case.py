"""A case with everything that a package can hold: real WARC records (one a 304), a letter, files, a day's root, a stamp."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from adwatch.archive import Archive, Shelf
from adwatch.casework.case_package import Sources, case_package
from adwatch.casework.takedown import mark_sent
from adwatch.evidence.daily import keep_root
from adwatch.evidence.package import Sealed, seal
from adwatch.evidence.stamps import stamp
from adwatch.models import Actor
from adwatch.store.attachments import keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.captures import store_capture
from adwatch.store.engine import reading, writing
from adwatch.store.listings import upsert_listings
from tests.archive.exchanges import exchange
from tests.casework.office import UNIT, ZONE, decide, draft
from tests.casework.time_service import authority, service
from tests.store.world import DAY, World, listing, verdict

ACTOR = Actor("李四", UNIT)


@dataclass
class SealedCase:
    """The case and where its bytes come from."""

    world: World
    case_id: int
    sources: Sources

    def sealed(self) -> Sealed:
        """Its package as the store stands."""
        with reading(self.world.engine) as connection:
            head, files = case_package(connection, self.case_id, self.sources)
        return seal(head, files)

    def write(self, file: Path) -> Sealed:
        """Its package in a file."""
        done = self.sealed()
        file.write_bytes(b"".join(done.pieces()))
        return done


def captured(world: World, archive: Archive, native_id: str, *changes: dict[str, object]) -> int:
    """A listing read from answers that are in the archive, flagged and confirmed; the number of its case."""
    before = None
    for number, change in enumerate(({}, *changes)):
        taken = exchange(number, platform="plaza", day=DAY, fetched_at=world.now, earlier=before, **change)
        capture = archive.keep(replace(taken, url=f"https://plaza.example/item/{native_id}"))
        capture_id = store_capture(world.engine, capture, "html", None)
        before = replace(capture, id=capture_id)
        item = listing(native_id, text=f"电工证包过，不过退款。联系人微 信 abc13800138000 {number}")
        upsert_listings(
            world.engine, "plaza", [replace(item, capture_id=capture_id, captured_at=world.now)], DAY, world.now
        )
        world.judge(verdict(item, contact="abc13800138000"))
        world.tick(minutes=1)
    from sqlalchemy import select

    from adwatch.store import schema as s

    with reading(world.engine) as connection:
        query = select(s.case_listing.c.case_id).join(s.listing, s.listing.c.id == s.case_listing.c.listing_id)
        return int(connection.scalars(query.where(s.listing.c.native_id == native_id)).one())


def sealed_case(world: World, folder: Path, stamped: bool = True) -> SealedCase:
    """The whole: captured twice, confirmed, asked to be removed, with a scan, its day rooted and stamped."""
    with Archive(folder / "archive", "r1", "AdWatch/0.1.0") as archive:
        case_id = captured(world, archive, "1", {"status": 304, "body": b""})
        captured(world, archive, "2")
    decide(world, case_id)
    number = draft(world, folder)[0]["number"]
    mark_sent(world.engine, [number], "王五", world.now, zone=ZONE)
    with writing(world.engine) as connection:
        about = {"name": "../../回函 扫描.pdf", "media_type": "application/pdf", "kind": "reply"}
        where = {"subject": "case", "subject_id": case_id, "actor": ACTOR, "now": world.now}
        keep_attachment(connection, folder, b"%PDF-1.7 scan", **about, **where)
        shot = {"name": "shot.png", "media_type": "image/png", "kind": "page_screenshot"}
        kept = keep_attachment(connection, folder, b"\x89PNG\r\n\x1a\n shot", **shot, **where)
        told = {"files": {"page_screenshot": kept["sha256"]}, "state": "captured"}
        append_entries(connection, [Entry.of(ACTOR, "evidence.capture", "case", case_id, world.now, told)])
    later = world.now + timedelta(days=1)
    keep_root(world.engine, DAY, "machine", UNIT, now=later, zone=ZONE)
    pem = b""
    if stamped:
        ca = authority(folder / "ca")
        pem = ca.read_bytes()
        with service(folder / "ca") as (url, _):
            stamp(world.engine, DAY, url, ca, "machine", UNIT, later)
    return SealedCase(world, case_id, Sources(Shelf(folder / "archive"), folder, ZONE, {}, pem))
