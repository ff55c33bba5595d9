"""The linking of flagged listings as a run's stage behind classification: whatever is due is linked, by any process."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from adwatch.errors import ArchiveError
from adwatch.store.engine import reading
from adwatch.store.pictures import picture_capture
from adwatch.store.subject_due import due

if TYPE_CHECKING:
    from adwatch.app.office import Office
    from adwatch.models import StageReport
    from adwatch.ports import Progress


def link_now(office: Office, progress: Progress | None = None) -> StageReport | None:
    """Link what is due; None where nothing is: then not even the library is loaded."""
    if not due(office.engine, 1):
        return None
    from adwatch.casework.clusters import link_due
    from adwatch.search.keys import contact_secret
    from adwatch.tables.links import Links

    rules = Links(office.settings.data)
    secret = contact_secret(office.home)
    return link_due(office.engine, rules, secret, partial(picture_hash, office), office.clock.now(), progress)


def picture_hash(office: Office, address: str) -> str | None:
    """Perceptual hash of a picture whose bytes lie in the archive; None where they do not, or cannot be read as one."""
    with reading(office.engine) as connection:
        capture = picture_capture(connection, address)
    if capture is None:
        return None
    from adwatch.archive import read_body
    from adwatch.casework.pictures import perceptual_hash

    try:
        return perceptual_hash(read_body(office.shelf, capture))
    except ArchiveError as error:
        office.log.warning("picture", capture=capture.id, error=str(error))
        return None
