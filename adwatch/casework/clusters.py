"""Links flagged listings into subjects: a step of its own after classification, which may be cut off and run again.

Classification notes which listings are due in its own transaction; here they are taken off in batches, each with all
that follows from it in one transaction. Decided cases keep everything but the pointer to their subject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from adwatch.casework.link_marks import Picture, account_key, contact_keys, marks
from adwatch.failpoints import failpoint
from adwatch.models import StageReport
from adwatch.ports import Progress
from adwatch.store import subject_due
from adwatch.store import subjects as store
from adwatch.store.engine import advisory_lock, writing
from adwatch.store.subject_due import Said
from adwatch.store.subject_links import Linking, place, rework
from adwatch.store.subject_marks import Mark, carry_over
from adwatch.tables.links import Links

BATCH = 1000
Versions = Mapping[int, Sequence[Said]]


def link_due(
    engine: Engine,
    rules: Links,
    secret: bytes,
    picture: Picture,
    now: datetime,
    progress: Progress | None = None,
) -> StageReport:
    """Link the listings that are due until none is left."""
    report = StageReport("link")
    while rows := subject_due.due(engine, BATCH):
        listing_ids = {listing for _, listing in rows}
        versions: dict[int, list[Said]] = {}
        for each in subject_due.said(engine, listing_ids):
            versions.setdefault(each.listing_id, []).append(each)
        flat = [version for each in versions.values() for version in each]
        shown: dict[int, list[Mark]] = {}
        for version, found in zip(flat, marks(flat, rules, secret, picture), strict=True):
            shown.setdefault(version.listing_id, []).extend(found)
        with writing(engine) as connection:
            advisory_lock(connection, store.SUBJECT_LOCK)
            work = Linking(connection, rules.kinds, now)
            of = _members(work, versions, sorted(listing_ids - versions.keys()))
            together: dict[int, list[Mark]] = {}
            for listing, found in shown.items():
                together.setdefault(of[listing], []).extend(found)
            place(work, together)
            carry_over(connection, rows[0][0], rows[-1][0])
            _cases(connection, of, versions, secret)
            store.drop_subjects(connection, work.unseen)
            subject_due.done(connection, [seq for seq, _ in rows])
            failpoint("link.before_commit")
        failpoint("link.after_commit")
        report.kept += len(versions)
        if progress:
            progress(len(listing_ids))
    return report


def _members(work: Linking, versions: Versions, gone: Sequence[int]) -> dict[int, int]:
    """The account of each listing, by its newest flagged version; accounts that are new are made."""
    connection = work.connection
    newest = {listing: each[-1] for listing, each in versions.items()}
    key_of = {listing: account_key(version) for listing, version in newest.items()}
    accounts = store.accounts_by_key(connection, sorted(set(key_of.values())))
    new = {key_of[listing]: version for listing, version in newest.items() if key_of[listing] not in accounts}
    if new:
        subjects = work.make(len(new))
        rows = [
            (key, version.platform_id, version.seller_id, subject)
            for (key, version), subject in zip(sorted(new.items()), subjects, strict=True)
        ]
        accounts.update(zip(sorted(new), store.add_accounts(connection, rows), strict=True))
    of = {listing: accounts[key] for listing, key in key_of.items()}
    if of:
        store.set_members(connection, of, work.now)
    store.drop_members(connection, gone)
    store.set_case_subjects(connection, dict.fromkeys(store.cases_of(connection, gone).values()))
    return of


def _cases(connection: Connection, of: Mapping[int, int], versions: Versions, secret: bytes) -> None:
    """Cases point to their subject and carry the contact keys of their listings."""
    subjects = store.subjects_of(connection, of.values())
    case_of = store.cases_of(connection, of)
    store.set_case_subjects(connection, {case_id: subjects[of[listing]] for listing, case_id in case_of.items()})
    keys: dict[int, set[str]] = {}
    for listing, case_id in case_of.items():
        for version in versions[listing]:
            keys.setdefault(case_id, set()).update(contact_keys(version, secret))
    store.set_contact_tags(connection, keys)


def forget(engine: Engine) -> int:
    """First half of a rebuild: what was derived goes, persons' merges and splits stay; gives how many are due."""
    with writing(engine) as connection:
        advisory_lock(connection, store.SUBJECT_LOCK)
        count = subject_due.everything_is_due(connection)
        failpoint("subject.before_forget")
    failpoint("subject.after_forget")
    return count


def settle(engine: Engine, rules: Links, now: datetime) -> int:
    """Second half, once nothing is due: every subject is worked out anew; gives how many there are."""
    count, after = 0, 0
    while True:
        with writing(engine) as connection:
            advisory_lock(connection, store.SUBJECT_LOCK)
            page = store.subjects_after(connection, after)
            if not page:
                store.count_cases(connection)
                return count
            after = page[-1]
            work = Linking(connection, rules.kinds, now)
            rework(work, page)
            store.drop_subjects(connection, work.unseen)
            count += len(page)
            failpoint("subject.before_settle")
        failpoint("subject.after_settle")
