"""Joins a platform file and the polite client to what the stages ask for: Source and Refetch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adwatch.errors import UsageError
from adwatch.http import Client, Guard, Manners, Replay, Tools, Transport, UrllibTransport
from adwatch.http.manners import BLOCK_STATUS
from adwatch.models import Capture, Listing
from adwatch.ports import Event, Refused, Save
from collectors.answers import told_statuses
from collectors.crawl import Crawl
from collectors.extract import extract
from collectors.page_words import PageWords
from collectors.plan import Plan, Tally
from collectors.refetch import PlatformRefetch
from collectors.rendered import RenderedClient
from collectors.sealed import KeySeal
from collectors.spec import PlatformSpec


def manners_of(spec: PlatformSpec) -> Manners:
    """How the platform may be asked, by its file; statuses of items that are not public are told apart by the crawl."""
    blocked = (*(BLOCK_STATUS if spec.interface is None else ()), *spec.block.status)
    private = spec.detail.private if spec.detail is not None else ()
    return Manners(
        per_second=spec.rate.per_second,
        agreed=spec.rate.agreed is not None,
        allow_hosts=spec.allow_hosts,
        retries=spec.rate.retries,
        told=told_statuses(spec),
        block_status=tuple(status for status in blocked if status not in private),
        headers=tuple(spec.headers.items()),
        budget=spec.budget,
    )


def seal_of(spec: PlatformSpec, tools: Tools) -> KeySeal | None:
    """What puts keys to its requests, for an open interface."""
    if spec.interface is None:
        return None
    name = spec.interface.key.name
    found = {part: tools.secrets.get(f"{name}.{part}") for part in ("id", "secret", "token")}
    return KeySeal(spec.name, spec.interface, {part: value for part, value in found.items() if value}, tools.budgets)


def make_client(
    spec: PlatformSpec, tools: Tools, transport: Transport | None = None, replay: Replay | None = None
) -> Client:
    """A client for the platform; nothing is opened before the first request."""
    manners = manners_of(spec)
    if transport is None:
        guard = Guard(manners.allow_hosts, tools.contact)
        transport = UrllibTransport(guard, max_bytes=manners.max_bytes)
    if spec.render is not None:
        return RenderedClient(spec, spec.render, manners, transport, tools, replay)
    return Client(spec.name, manners, transport, tools, replay, seal_of(spec, tools))


class PlatformSource:
    """The Source port for one platform; without tools it can only extract."""

    def __init__(self, spec: PlatformSpec, client: Client | None = None, plan: Plan | None = None) -> None:
        self.spec, self.client = spec, client
        self.name = spec.name
        self.plan = plan or Plan()
        self.tally = Tally()

    def collect(self, day: str, terms: Sequence[str], save: Save) -> Iterator[Capture | Event]:
        """Fetch politely; each exchange is saved before it is read."""
        if self.client is None or self.spec.is_template or self.spec.kind == "handover":
            raise UsageError(f"{self.name}: a {self.spec.kind} platform without base_url or client cannot be fetched")
        crawl = Crawl(self.spec, self.client, day, save, self.plan)
        self.tally = crawl.tally
        yield from crawl.run(terms)

    def extract(self, capture: Capture, body: bytes) -> Iterator[Listing | Refused]:
        """Listings of one archived body; pure."""
        return extract(self.spec, capture, body)

    def close(self) -> None:
        """Close the connections."""
        if self.client is not None:
            self.client.close()


def make_source(
    spec: PlatformSpec,
    tools: Tools | None,
    transport: Transport | None = None,
    plan: Plan | None = None,
    replay: Replay | None = None,
) -> PlatformSource:
    """The source of a platform that is fetched; ``tools`` None gives one that extracts without the network.

    ``plan`` says what is known already, ``replay`` answers what an earlier process of the same run has archived.
    """
    return PlatformSource(spec, make_client(spec, tools, transport, replay) if tools is not None else None, plan)


def make_refetch(
    spec: PlatformSpec, tools: Tools, transport: Transport | None = None, words: PageWords | None = None
) -> PlatformRefetch:
    """The Refetch port of the platform; ``words``: the office's general words, else the shipped ones."""
    return PlatformRefetch(spec, make_client(spec, tools, transport), words)
