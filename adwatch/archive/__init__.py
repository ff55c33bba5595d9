"""The WARC archive: evidence as it was received, written once."""

from adwatch.archive.decode import DECODED_LIMIT, Undecodable, decode_body
from adwatch.archive.reader import (
    body_place,
    captures_from_archive,
    captures_in_file,
    open_body,
    read_body,
    read_stored,
    warc_files,
)
from adwatch.archive.writer import Archive, file_name, new_run_token
from adwatch.ports import Exchange, HandedFile

__all__ = [
    "DECODED_LIMIT",
    "Archive",
    "Exchange",
    "HandedFile",
    "Undecodable",
    "body_place",
    "captures_from_archive",
    "captures_in_file",
    "decode_body",
    "file_name",
    "new_run_token",
    "open_body",
    "read_body",
    "read_stored",
    "warc_files",
]
