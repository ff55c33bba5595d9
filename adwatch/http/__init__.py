"""The polite HTTP client."""

from adwatch.http.addresses import Guard, clean_url
from adwatch.http.client import Client, Tools
from adwatch.http.manners import (
    SOFTWARE,
    Budget,
    Fetched,
    Kept,
    Limiter,
    Manners,
    NoValidators,
    Replay,
    Request,
    Validators,
)
from adwatch.http.replay import ArchiveReplay
from adwatch.http.sealing import Seal, Sealed
from adwatch.http.transport import Reply, Transport, UrllibTransport

__all__ = [
    "SOFTWARE",
    "ArchiveReplay",
    "Budget",
    "Client",
    "Fetched",
    "Guard",
    "Kept",
    "Limiter",
    "Manners",
    "NoValidators",
    "Replay",
    "Reply",
    "Request",
    "Seal",
    "Sealed",
    "Tools",
    "Transport",
    "UrllibTransport",
    "Validators",
    "clean_url",
]
