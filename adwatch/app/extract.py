"""Rebuilds the listings of a day from the archive, without the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from adwatch.app.office import Office
from adwatch.app.results import PlatformResult
from adwatch.archive import captures_from_archive, open_body, read_body
from adwatch.models import Capture, Listing, StageReport
from adwatch.ports import Progress, Refused
from adwatch.stages.classify import classify_backlog
from adwatch.stages.extract import read_captures, store_listings
from adwatch.store.captures import store_capture

READ_ROLES = ("list", "detail", "resource")
"""Captures that hold listings; robots.txt and checks do not."""
