"""甄别函 whose leads were decided or corrected since they were drafted: not sent unknowingly, voided, drafted anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adwatch.casework import confirmation, differing_sent
from adwatch.casework.confirmation_differing import Words
from adwatch.casework.confirmation_draft import draft_batches
from adwatch.casework.confirmation_settle import settle
from adwatch.casework.confirmation_sheet import Answer, Returned
from adwatch.casework.routing import apply_routes
from adwatch.casework.routing_table import COLUMNS, Routing
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from tests.casework.office import CLASSES, FAMILIES, UNIT, ZONE, decide, law, register
from tests.casework.reviewing import ZHANG, found, undone
from tests.store.world import World, listing, verdict

ACTOR = Actor("王芳", UNIT)
NUMBER = "ADW-ZB-2026-0001"


@dataclass
class Office:
    """A world with registered leads that one authority confirms by letter."""

    world: World
    folder: Path
    owners: str = "emergency"
    table: Routing = field(init=False)
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "routing").mkdir()
        row = f",electric,,,,{self.owners},police,,,2020-01-01,,"
        file = self.folder / "routing" / "routing.csv"
        file.write_text("\n".join([",".join(COLUMNS), row]) + "\n", encoding="utf-8")
        self.table = Routing(list(CLASSES), list(FAMILIES), self.folder)
        self.words = Words(law(self.folder), CLASSES, FAMILIES, {"plaza": "广场网"})

    @property
    def clock(self) -> dict[str, Any]:
        return {"now": self.world.tick(minutes=1), "zone": ZONE}

    def leads(self, *names: str) -> None:
        register(self.world, [self.world.flag(listing(name)) for name in names])
        apply_routes(self.world.engine, self.table, ACTOR, **self.clock)

    def draft(self) -> list[str]:
        return draft_batches(self.world.engine, self.table, self.words, ACTOR, **self.clock)

    def send(self, number: str = NUMBER) -> dict[str, Any]:
        at = self.clock
        more: dict[str, Any] = {"document": "", "due_on": None, "words": self.words, **at}
        return confirmation.mark_sent(self.world.engine, number, ACTOR, at["now"], lambda day, _: day, **more)

    def void(self, number: str = NUMBER, reason: str = "线索已认定") -> None:
        confirmation.void(self.world.engine, number, ACTOR, reason, now=self.world.tick(minutes=1))

    def shown(self, number: str = NUMBER) -> dict[str, Any]:
        today = self.world.now.astimezone(ZONE).date()
        (row,) = confirmation.listed(self.world.engine, self.table, today, number, self.words)
        return row

    def differs(self, number: str = NUMBER) -> list[tuple[int, str, str]]:
        return [(row["case_id"], row["said"], row["holds"]) for row in self.shown(number)["differs"]]

    def open(self) -> list[tuple[int, str | None]]:
        """Rows of what went out that wait for somebody."""
        return [(row["case_id"], row["holds"]["state"]) for row in self.world.rows(s.differing) if not row["how"]]


@pytest.fixture
def office(world: World, tmp_path: Path) -> Office:
    made = Office(world, tmp_path)
    made.leads("1", "2")
    assert made.draft() == [NUMBER]
    world.tick(minutes=1)
    return made


@pytest.mark.parametrize("result", ["confirm", "dismiss", "doubt", "refer"])
def test_a_draft_says_what_was_decided_since(office: Office, result: str) -> None:
    assert (office.differs(), office.shown()["notice"]) == ([], None)
    decide(office.world, 1, result, "看过")
    label = {"confirm": "属实", "dismiss": "不属实", "doubt": "存疑补证", "refer": "非本部门转办"}[result]
    assert office.differs() == [(1, "尚未认定", label)]
    notice = office.shown()["notice"]
    assert f"函里：尚未认定；现为：{label}" in notice and "先作废本函，再重新拟函" in notice


def test_a_correction_is_a_decision_too(office: Office) -> None:
    found(office.world, 1, ZHANG, corrected={"families": ["electric"], "types": ["paper_trade"]})
    assert office.differs() == [(1, "尚未认定", "属实")]


def test_what_is_found_again_after_a_re_opening_is_compared_by_its_words(office: Office) -> None:
    decide(office.world, 1)
    office.world.tick(hours=1)
    item = listing("1", "买卖证件 换了说法")
    office.world.store(item)
    values: dict[str, Any] = {"offer_types": ("paper_trade",), "certificate_kinds": ("welding",), "basis": ("law_two",)}
    office.world.judge(verdict(item, words=(), **values))
    assert office.world.rows(s.case)[0]["state"] == "reopened"
    ((case_id, said, holds),) = office.differs()
    assert case_id == 1
    assert "电工类证书" in said and "承诺通过" in said
    assert "welding" in holds and "买卖证件" in holds and "《另一法》第九条" in holds


def test_what_was_taken_back_holds_nothing_up(office: Office) -> None:
    found(office.world, 1, ZHANG)
    undone(office.world, 1, ZHANG)
    assert office.differs() == []


def test_void_and_drafted_anew_without_what_was_decided(office: Office) -> None:
    decide(office.world, 1)
    with pytest.raises(UsageError, match="reason"):
        office.void(reason=" ")
    office.void()
    assert (office.shown()["state_label"], office.shown()["missing"], office.shown()["notice"]) == ("作废", 0, None)
    again = office.draft()
    assert again == ["ADW-ZB-2026-0002"], "the number stays, so that there is no gap"
    assert [row["case_id"] for row in office.shown(again[0])["rows"]] == [2]
    assert office.differs(again[0]) == []
    assert office.draft() == []
    acts: list[tuple[Callable[[], object], str]] = [(office.send, "已作废"), (office.void, "待发时才能作废")]
    for act, said in acts:
        with pytest.raises(UsageError, match=said):
            act()
    reply = confirmation.Reply("回.xlsx", b"x", "", office.world.now.date())
    with pytest.raises(UsageError, match="已作废"):
        confirmation.take_answers(
            office.world.engine, office.folder, NUMBER, Returned(NUMBER), reply, ACTOR, **office.clock
        )
    assert [row["action"] for row in office.world.rows(s.audit_entry)].count("confirmation.void") == 1
    assert verify_log(office.world.engine).fault is None


def test_one_sent_all_the_same_is_recorded_with_what_differs(office: Office) -> None:
    decide(office.world, 1)
    row = office.send()
    assert "函里：尚未认定；现为：属实" in row["warning"] and f"differing correct {NUMBER}" in row["warning"]
    for table, name, word in ((s.event, "kind", "sent"), (s.audit_entry, "action", "confirmation.sent")):
        (kept,) = [each for each in office.world.rows(table) if each[name] == word]
        assert [each["holds"] for each in kept["detail"]["differs"]] == ["属实"]
    assert office.open() == [(1, "confirmed")]
    assert "本函已发出" in office.shown()["notice"]
    assert differing_sent.set_aside(office.world.engine, NUMBER, ACTOR, "已函告", office.world.now) == 1
    assert office.shown()["notice"] is None
    assert verify_log(office.world.engine).fault is None


def test_one_that_holds_is_sent_without_a_word(office: Office) -> None:
    row = office.send()
    assert (row["differs"], row["warning"]) == ([], None)
    assert all("differs" not in (each["detail"] or {}) for each in office.world.rows(s.event))
    assert office.open() == []


def answer(office: Office, word: str = "confirm") -> None:
    """The authority answers on the first lead."""
    office.world.tick(minutes=1)
    lead, today = office.world.rows(s.case)[0]["lead_number"], office.world.now.astimezone(ZONE).date()
    reply = confirmation.Reply("回.xlsx", b"sheet", "", today)
    returned = Returned(NUMBER, [Answer(5, 1, lead, word, "看过", "李建国", today)])
    taken = confirmation.take_answers(
        office.world.engine, office.folder, NUMBER, returned, reply, ACTOR, **office.clock
    )
    assert taken.kept == 1, taken.notes
    settle(office.world.engine, office.table, ACTOR, **office.clock)


def test_what_the_office_finds_while_the_authority_is_asked_is_told_until_it_answers(office: Office) -> None:
    office.send()
    decide(office.world, 1)
    assert office.open() == [(1, "confirmed")]
    assert office.differs() == [(1, "尚未认定", "属实")]
    answer(office)
    assert office.open() == []
    assert office.shown()["notice"] is None


def test_the_answer_itself_is_no_correction(office: Office) -> None:
    office.send()
    answer(office, "dismiss")
    assert office.world.rows(s.case)[0]["state"] == "dismissed"
    assert office.open() == []


def test_what_several_are_asked_about_is_each_ones_own(world: World, tmp_path: Path) -> None:
    made = Office(world, tmp_path, "emergency|housing")
    made.leads("1")
    for number in made.draft():
        made.send(number)
    decide(world, 1)
    assert made.open() == []
