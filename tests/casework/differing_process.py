"""A process of its own that does one thing about what differs of papers that went out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adwatch.casework import correction_draft, correction_mail, differing_sent
from adwatch.casework import correction_letter as work
from adwatch.casework import takedown_letters as letters
from adwatch.casework.takedown import mark_sent
from adwatch.casework.takedown_steps import Desk
from adwatch.store import schema as s
from tests.casework.office import ZONE, confirmed, decide
from tests.casework.paperwork import LI, NUMBER, WANG
from tests.casework.reviewing import ZHANG, found
from tests.casework.takedown_process import ACTS as LETTERS
from tests.casework.takedown_process import desk_of
from tests.casework.test_differing_sent import moved
from tests.store.world import World

TRANSFER, OURS, THEIRS = "ADW-TR-2026-0001", "ADW-CL-2026-0001", "ADW-TL-2026-0001"
TO = "desk@police.example"
CORRECTED = {"types": ["paper_trade"]}


def prepare(world: World, folder: Path) -> None:
    """Cases 1 to 3 asked of a platform, 1 sent to the police too; 1 and 2 corrected since, 3 found 不属实."""
    confirmed(world, "1", "2", "3")
    desk = desk_of(str(world.engine.url), str(folder), world.now.isoformat())
    _ask(desk)
    moved(world, folder, 1)
    world.tick(minutes=5)
    for case_id in (1, 2):
        found(world, case_id, ZHANG, corrected=CORRECTED)
    decide(world, 3, "dismiss", "看错了")
    desk.engine.dispose()


def _ask(desk: Desk) -> None:
    LETTERS["draft"][1](desk)
    mark_sent(desk.engine, [NUMBER], "王芳", desk.now, zone=ZONE)


def _found(desk: Desk) -> None:
    found(World(desk.engine, desk.now), 2, ZHANG, corrected={"types": ["sure_thing", "paper_trade"]})


def _forgotten(desk: Desk) -> None:
    """As an earlier version left it."""
    with desk.engine.begin() as connection:
        connection.execute(s.differing.delete())


def _take_back(desk: Desk) -> None:
    letters.withdraw(desk, NUMBER, LI, ["3"], "误判")


def _settle(desk: Desk, outcome: str) -> None:
    (mail,) = World(desk.engine).rows(s.correction_mail)
    correction_mail.settle(desk, OURS, mail["id"], outcome, "250 ok", WANG)


def _sent(number: str) -> Callable[[Desk], object]:
    return lambda desk: mark_sent(desk.engine, [number], "王芳", desk.now, zone=ZONE)


ACTS: dict[str, tuple[tuple[str, ...], Callable[[Desk], object]]] = {
    "found": ((), _found),
    "aside": ((), lambda desk: differing_sent.set_aside(desk.engine, NUMBER, LI, "已电话告知", desk.now)),
    "look": (("forgotten",), lambda desk: differing_sent.look_back(desk.engine, desk.now)),
    "forgotten": ((), _forgotten),
    "theirs": ((), lambda desk: letters.correct_differing(desk, NUMBER, LI, "认定更正")),
    "theirs_sent": (("theirs",), _sent(THEIRS)),
    "take_back": ((), _take_back),
    "taken_back": (("take_back",), _sent(THEIRS)),
    "draft": ((), lambda desk: correction_draft.draft(desk, TRANSFER, LI, "认定更正")),
    "check": (("draft",), lambda desk: work.check(desk, OURS, LI)),
    "sign": (("draft", "check"), lambda desk: work.sign(desk, OURS, WANG, given={"document_number": "某函3号"})),
    "enter": (("draft",), lambda desk: work.enter(desk, OURS, WANG, {"signatory": "张局"})),
    "scan": (("draft",), lambda desk: work.keep_scan(desk, OURS, WANG, b"%PDF", "a.pdf", "application/pdf")),
    "void": (("draft",), lambda desk: work.void(desk, OURS, WANG, "错了")),
    "mailed": (("draft", "check", "sign"), lambda desk: correction_mail.intend(desk, OURS, WANG, "a@b.example", [TO])),
    "answered": (("draft", "check", "sign", "mailed"), lambda desk: _settle(desk, "accepted")),
    "unclear": (("draft", "check", "sign", "mailed"), lambda desk: _settle(desk, "unclear")),
    "sent": (("draft", "check", "sign"), lambda desk: work.mark_sent(desk, OURS, WANG)),
}
"""What comes before each act, and the act."""


def main(url: str, home: str, now: str, act: str) -> None:
    """An act of ``ACTS``."""
    desk = desk_of(url, home, now)
    ACTS[act][1](desk)
    desk.engine.dispose()
