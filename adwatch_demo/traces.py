"""Which ids of a site stand in an answer that a patrol has archived, packed or not."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from functools import cache

from adwatch_demo.world import all_rows

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"


def ids_in(site: str, body: bytes) -> set[str]:
    """Ids of the site's rows that occur in a body, as whole words."""
    return {found.decode("ascii") for found in _pattern(site).findall(unpacked(body))}


def unpacked(body: bytes) -> bytes:
    """The body, or what is packed in it: a sitemap, the parts of a workbook."""
    if body.startswith(_GZIP):
        return gzip.decompress(body)
    if body.startswith(_ZIP):
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            return b"\n".join(package.read(name) for name in package.namelist())
    return body


@cache
def _pattern(site: str) -> re.Pattern[bytes]:
    ids = "|".join(re.escape(row["id"]) for row in all_rows(site))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{ids})(?![A-Za-z0-9])".encode("ascii"))
