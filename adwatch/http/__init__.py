"""The polite HTTP client."""

from adwatch.http.addresses import Guard, clean_url
from adwatch.http.client import Client, Tools
from adwatch.http.manners import SOFTWARE, Fetched, Limiter, Manners, NoValidators, Request, Validators
from adwatch.http.transport import Reply, Transport, UrllibTransport

__all__ = [
    "SOFTWARE",
    "Client",
    "Fetched",
    "Guard",
    "Limiter",
    "Manners",
    "NoValidators",
    "Reply",
    "Request",
    "Tools",
    "Transport",
    "UrllibTransport",
    "Validators",
    "clean_url",
]
