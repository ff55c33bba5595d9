"""Validators in the store: the newest whole answer of an address."""

from __future__ import annotations

from pathlib import Path

from adwatch.archive import Archive, Exchange, HandedFile
from adwatch.evidence import verify
from adwatch.models import Capture
from adwatch.store.captures import captures, store_capture
from adwatch.store.engine import migrate, open_engine
from adwatch.store.validators import StoredValidators
from tests.archive.exchanges import exchange


def test_what_was_put_is_got(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'adwatch.db'}")
    migrate(engine)
    ids = []
    with Archive(tmp_path / "archive", "r1") as archive:

        def keep(given: Exchange | HandedFile) -> Capture:
            capture = archive.keep(given)
            ids.append(store_capture(engine, capture, "html", None))
            return capture

        first, second = keep(exchange(1)), keep(exchange(2))
    validators = StoredValidators(engine)
    assert validators.get(first.url) is None
    validators.put(first.url, '"v1"', None, ids[0])
    validators.put(first.url, '"v2"', "Mon, 16 Nov 2026 01:00:00 GMT", ids[1])
    found = validators.get(first.url)
    assert found is not None
    assert (found.etag, found.last_modified, found.capture.id) == ('"v2"', "Mon, 16 Nov 2026 01:00:00 GMT", ids[1])
    assert found.capture.record_id == second.record_id
    validators.put(first.url, '"v3"', None, 999)
    assert validators.get(first.url) is None
    assert verify(tmp_path / "archive", captures(engine)).ok
    engine.dispose()
