"""A process of its own that does one thing to a letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_mail as mail
from adwatch.casework import takedown_replies as replies
from adwatch.casework import takedown_steps as steps
from adwatch.casework.differing import Tables
from adwatch.casework.takedown import draft, mark_sent
from adwatch.casework.takedown_files import Bundling, File
from adwatch.casework.takedown_steps import Desk
from adwatch.store.engine import open_engine
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.takedown import Escalation, TakedownRules
from tests.casework.office import CLASSES, PLATFORMS, UNIT, ZONE, law
from tests.casework.paperwork import LI, NUMBER, WANG

CAC = Escalation("cyberspace", "网信", "", "", "")
BUNDLING = Bundling("", (), ZONE)
FROM, TO = "a@bureau.example", ["b@plaza.example"]


def _draft(desk: Desk) -> None:
    tables = {"law": law(desk.home), "classes": CLASSES, "platforms": PLATFORMS}
    draft(desk.engine, desk.home / "takedown", unit=UNIT, now=desk.now, zone=ZONE, **tables)  # type: ignore[arg-type]


def _mark_sent(desk: Desk) -> None:
    mark_sent(desk.engine, [NUMBER], "王芳", desk.now, zone=ZONE)


def _intend(desk: Desk) -> None:
    mail.intend(desk, NUMBER, WANG, FROM, TO, BUNDLING)


def _settle(desk: Desk) -> None:
    mail.settle_by_hand(desk, NUMBER, True, WANG, "电话核实")


ACTS: dict[str, tuple[tuple[str, ...], Callable[[Desk], object]]] = {
    "draft": ((), _draft),
    "check": (("draft",), lambda desk: steps.check(desk, NUMBER, LI)),
    "sign": (("draft", "check"), lambda desk: steps.sign(desk, NUMBER, WANG)),
    "enter": (("draft",), lambda desk: steps.enter(desk, NUMBER, WANG, {"signatory": "张局"})),
    "scan": (("draft",), lambda desk: steps.keep_scan(desk, NUMBER, WANG, b"%PDF", "a.pdf", "application/pdf")),
    "void": (("draft",), lambda desk: steps.void(desk, NUMBER, WANG, "错了")),
    "mark_sent": (("draft",), _mark_sent),
    "intend": (("draft", "check", "sign"), _intend),
    "settle": (("draft", "check", "sign", "intend"), _settle),
    "reply": (
        ("draft", "mark_sent"),
        lambda desk: replies.reply(desk, NUMBER, "accepted", WANG, files=[File("r.pdf", "application/pdf", b"%PDF r")]),
    ),
    "remind": (("draft", "mark_sent"), lambda desk: letters.remind(desk, NUMBER, WANG)),
    "withdraw": (("draft", "mark_sent"), lambda desk: letters.withdraw(desk, NUMBER, WANG, [], "错了")),
    "correct": (("draft", "mark_sent"), lambda desk: letters.correct(desk, NUMBER, WANG, {"1": ("甲", "乙")}, "错了")),
    "escalate": (("draft", "mark_sent"), lambda desk: letters.escalate(desk, NUMBER, CAC, WANG, "逾期")),
}
"""What comes before each act, and the act."""


def desk_of(url: str, home: str, now: str) -> Desk:
    """The desk of this process; rules ask for nothing before a mail."""
    engine = open_engine(url)
    rules = TakedownRules(before_mail=())
    tables = Tables(law(Path(home)), CLASSES)
    return Desk(engine, Path(home), rules, WorkingDays(), datetime.fromisoformat(now), ZONE, tables)


def main(url: str, home: str, now: str, act: str) -> None:
    """An act of ``ACTS``."""
    desk = desk_of(url, home, now)
    ACTS[act][1](desk)
    desk.engine.dispose()
