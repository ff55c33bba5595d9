"""An office: settings with everything that is opened for a piece of work, each thing when it is first asked for."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine

from adwatch import __version__
from adwatch.app.demo_day import OfficeClock
from adwatch.errors import SettingsError, StoreError, UsageError
from adwatch.keys import GivenKeys
from adwatch.ports import Clock, Exchange, HandedFile, Judge, Secrets
from adwatch.settings import Settings, SystemClock, load_settings

if TYPE_CHECKING:  # what a verb does not need is not imported: the command answers faster
    from sqlalchemy import Engine

    from adwatch.archive import Archive, Shelf
    from adwatch.evidence.service import BrowserService
    from adwatch.http import Tools
    from adwatch.models import Capture
    from adwatch.search import SearchIndex
    from adwatch.stages.classify import Classifier
    from adwatch.tables import Family, Law, OfferClass
    from classifiers.lexicon import Lexicon
    from classifiers.model import Model
    from collectors.spec import PlatformSpec

SOFTWARE = f"AdWatch/{__version__}"


class Office:
    """Everything a verb or a task needs; close it when the work is done."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or OfficeClock(settings.home)
        """When a thing is done: the machine's time, or that of the demo's simulated day."""
        self.machine_clock: Clock = clock or SystemClock()
        """What is compared with times that the machine itself sets, such as those of files."""
        self.platform_errors: list[str] = []
        """Platform files that could not be read, once ``platforms`` was asked for."""
        self.repairs: list[str] = []
        """Torn ends of WARC files that were moved away, once ``archive`` was asked for."""
        self.more_secrets: Secrets | None = None
        """Keys that are not in the settings, such as a scheduler's connections; set before ``tools`` is asked for."""
        self.store_trouble = ""
        """Why the archive's object store could not be used: it is not tried again for each platform."""
        self._judges: dict[str, Judge] = {}
        self.log = structlog.get_logger("adwatch")

    def __enter__(self) -> Office:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for name in ("browser", "archive", "shelf", "index", "engine"):
            if name in self.__dict__:
                getattr(self.__dict__[name], "dispose" if name == "engine" else "close")()

    @cached_property
    def engine(self) -> Engine:
        """The store, its schema brought up to date."""
        from adwatch.store.engine import migrate, open_engine

        self.home.mkdir(parents=True, exist_ok=True)
        engine = open_engine(self.settings.store_url)
        migrate(engine)
        return engine

    @property
    def home(self) -> Path:
        """Folder of all state."""
        home = self.settings.home
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{home}: cannot be made: {error.strerror}; set ADWATCH_HOME to a writable folder"
            ) from error
        if not os.access(home, os.W_OK):
            raise StoreError(f"{home}: cannot be written; set ADWATCH_HOME to a writable folder")
        return home

    @cached_property
    def archive(self) -> Archive:
        """This process's end of the archive; what a dead process left torn is repaired first (``repairs``)."""
        from adwatch.archive import Archive, new_run_token, repair_archive
        from adwatch.store.runs import forget_lost, known_body, last_offset

        root, engine = self.settings.archive_root, self.engine
        for repair in repair_archive(root, partial(last_offset, engine)):
            lost = forget_lost(engine, repair.file, repair.offset)
            self.repairs.append(f"{repair}; {lost} captures will be made again" if lost else str(repair))
            self.log.warning("archive repaired", repair=self.repairs[-1])
        return Archive(
            root,
            new_run_token(self.clock.now()),
            SOFTWARE,
            full=self.settings.warc_bytes,
            known=partial(known_body, engine),
        )

    @cached_property
    def shelf(self) -> Shelf:
        """Where archived bodies are read: the folder, and the object store behind it if there is one."""
        from adwatch.archive import Address, ObjectStore, Shelf, StoredShelf

        settings, root = self.settings, self.settings.archive_root
        if settings.archive_bucket is None:
            return Shelf(root)
        address = Address(
            *settings.archive_bucket,
            endpoint=settings.archive_endpoint or None,
            region=settings.archive_region or None,
            key=settings.archive_key or None,
            secret=settings.archive_secret or None,
            ca=settings.archive_ca or None,
        )
        return StoredShelf(root, ObjectStore(address))

    @cached_property
    def judge(self) -> Judge:
        """The classifier with the keyword lists in force and the model in use."""
        from classifiers.lists.trial import judge_with

        return judge_with(self.lexicon, self.settings.data, self.model)

    @cached_property
    def model(self) -> Model:
        """The model in use: one that the office promoted (adwatch train), else the shipped one."""
        from classifiers.in_use import ModelStore

        return ModelStore(self.settings.home).model()

    @cached_property
    def lexicon(self) -> Lexicon:
        """All keyword lists, those not in force included."""
        from classifiers.lexicon import Lexicon

        return Lexicon.load(self.settings.data)

    def lexicon_on(self, day: str) -> Lexicon:
        """The lists in force on a day or now, whichever is later: an old day read again is judged by what holds now."""
        today = self.clock.now().astimezone(self.settings.zone).date()
        return self.lexicon.on(max(today, date.fromisoformat(day)))

    def judge_on(self, day: str) -> Judge:
        """The classifier with the lists of ``lexicon_on``, which the store remembers."""
        lexicon = self.lexicon_on(day)
        if lexicon.versions not in self._judges:
            from adwatch.app.keyword_store import remember
            from classifiers.lists.trial import judge_with

            remember(self.engine, lexicon)
            whole = lexicon is self.lexicon
            self._judges[lexicon.versions] = (
                self.judge if whole else judge_with(lexicon, self.settings.data, self.model)
            )
        return self._judges[lexicon.versions]

    @cached_property
    def classifier(self) -> Classifier:
        """The classifier with its row in the store."""
        from adwatch.stages.classify import Classifier

        return Classifier(self.engine, self.judge, self.clock, judge_on=self.judge_on)

    @cached_property
    def index(self) -> SearchIndex:
        """The search index: embedded, or Elasticsearch by URL."""
        from adwatch.search import open_index

        return open_index(self.settings)

    @cached_property
    def platforms(self) -> dict[str, PlatformSpec]:
        """The platform files in force, templates included; one that cannot be read is named in ``platform_errors``."""
        from collectors.registry import read_platforms

        specs, errors = read_platforms(self.settings)
        self.platform_errors = [str(error) for error in errors]
        return specs

    def unknown_platform(self, name: str) -> UsageError:
        """The error of a name that is not among ``platforms``: its file has a mistake, or there is none."""
        broken = [error for error in self.platform_errors if f"/{name}.yml" in error]
        return UsageError(f"{name}: {broken[0] if broken else 'no such platform file; see adwatch platforms list'}")

    @cached_property
    def browser(self) -> BrowserService:
        """What renders pages; no chromium is started before the first."""
        from adwatch.evidence.service import BrowserService

        return BrowserService(self.settings.chromium)

    @cached_property
    def tools(self) -> Tools:
        """What a polite client needs: the shared limiter, the clock, our contact, what is known of earlier answers."""
        from adwatch.archive import read_body
        from adwatch.http import Tools
        from adwatch.store.budgets import Budgets
        from adwatch.store.limiter import HostLimiter
        from adwatch.store.validators import StoredValidators

        shelf = self.shelf
        return Tools(
            limiter=HostLimiter(self.engine),
            clock=self.clock,
            contact=self.settings.contact,
            validators=StoredValidators(self.engine),
            budgets=Budgets(self.engine),
            secrets=GivenKeys(self.settings.keys, self.more_secrets),
            renderer=self.browser,
            recall=lambda capture: read_body(shelf, capture),
        )

    def search_terms(self, day: str) -> list[str]:
        """Words of the keyword lists in force on a day with which a patrol asks a platform's own search."""
        return self.lexicon.search_terms(date.fromisoformat(day))

    @cached_property
    def law(self) -> Law:
        """Articles of law with their validity."""
        from adwatch.tables import Law

        return Law(self.settings.data)

    @cached_property
    def families(self) -> dict[str, Family]:
        """Certificate families by id."""
        from adwatch.tables import families

        return families(self.settings.data)

    @cached_property
    def classes(self) -> dict[str, OfferClass]:
        """Offer classes by id."""
        from classifiers.offers import OFFER_CLASSES

        return {row.id: row for row in OFFER_CLASSES}

    def one_view(self) -> AbstractContextManager[None]:
        """A block in which all that is read of the store is read as of one moment."""
        from adwatch.store.engine import one_view

        return one_view(self.engine)

    def unit(self, given: str | None) -> str:
        """The unit named, or the office's own."""
        unit = given or self.settings.unit
        if not unit:
            raise SettingsError("a decision names a unit: give --unit or set ADWATCH_UNIT")
        return unit

    def keep(self, platform_kind: str, run_id: int | None, exchange: Exchange | HandedFile) -> Capture:
        """Archive first, then store the capture's row (T1)."""
        from adwatch.store.captures import store_capture

        capture = self.archive.keep(exchange)
        return replace(capture, id=store_capture(self.engine, capture, platform_kind, run_id))

    def dump(self) -> Iterator[str]:
        """The canonical dump."""
        from adwatch.store.dump import canonical

        return canonical(self.engine)


def open_office(**overrides: object) -> Office:
    """An office with settings from the environment; the log goes to standard error without personal data."""
    settings = load_settings(**overrides)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return Office(settings)
