"""The WARC archive: evidence as it was received, written once."""

from adwatch.archive.decode import DECODED_LIMIT, Undecodable, decode_body
from adwatch.archive.object_store import Address, ObjectStore, ObjectStoreError
from adwatch.archive.reader import (
    body_place,
    captures_from_archive,
    captures_in_file,
    notes_from_archive,
    open_body,
    read_body,
    read_stored,
    warc_files,
)
from adwatch.archive.repair import Repair, repair_archive
from adwatch.archive.shelf import Root, Shelf, StoredShelf
from adwatch.archive.writer import FULL, Archive, file_name, new_run_token, window
from adwatch.ports import Exchange, HandedFile

__all__ = [
    "DECODED_LIMIT",
    "FULL",
    "Address",
    "Archive",
    "Exchange",
    "HandedFile",
    "ObjectStore",
    "ObjectStoreError",
    "Repair",
    "Root",
    "Shelf",
    "StoredShelf",
    "Undecodable",
    "body_place",
    "captures_from_archive",
    "captures_in_file",
    "decode_body",
    "file_name",
    "new_run_token",
    "notes_from_archive",
    "open_body",
    "read_body",
    "read_stored",
    "repair_archive",
    "warc_files",
    "window",
]
