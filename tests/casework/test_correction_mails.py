"""What is kept of the mails of a 更正函: the intent first, then the answer; on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.casework import correction_draft
from adwatch.casework import correction_letter as work
from adwatch.casework import correction_mail as mail
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.dump import canonical
from tests.casework.office import decide
from tests.casework.paperwork import LI, WANG, desk
from tests.casework.test_differing_sent import correct, dismiss, moved, waiting
from tests.store.world import World, listing

FROM, TO = "desk@bureau.example", ["desk@police.example"]
FACTS = {"document_number": "某函〔2026〕3号", "signatory": "张局"}


@pytest.fixture
def number(world: World, tmp_path: Path) -> str:
    """A 更正函 about a transfer, signed."""
    decide(world, case_id := world.flag(listing("1")))
    about = moved(world, tmp_path, case_id)
    correct(world)
    world.tick(minutes=1)
    at = desk(world, tmp_path)
    made = correction_draft.draft(at, about, LI, "认定更正")
    work.check(at, made, LI)
    work.sign(at, made, WANG, given=FACTS)
    return made


def mails(world: World) -> list[tuple[str | None, str]]:
    return [(row["outcome"], row["message_id"]) for row in world.rows(s.correction_mail)]


def test_the_intent_stands_before_the_answer_and_mends_nothing(world: World, tmp_path: Path, number: str) -> None:
    at = desk(world, tmp_path)
    intent = mail.intend(at, number, WANG, FROM, TO)
    assert mails(world) == [(None, f"<{number}.1@bureau.example>")]
    assert waiting(world) != {}, "nothing is mended before the server took it"
    for act in (lambda: mail.intend(at, number, WANG, FROM, TO), lambda: work.mark_sent(at, number, WANG)):
        with pytest.raises(UsageError, match="尚不清楚"):
            act()
    mail.settle(at, number, intent.mail_id, "refused", "550 no", WANG)
    again = mail.intend(at, number, WANG, FROM, TO)
    assert again.message != intent.message, "a message of its own each time"
    world.tick(minutes=3)
    assert mail.settle(desk(world, tmp_path), number, again.mail_id, "accepted", "250 ok", WANG) is None
    assert [outcome for outcome, _ in mails(world)] == ["refused", "accepted"]
    assert waiting(world) == {}
    (letter,) = world.rows(s.correction_letter)
    assert (letter["step"], letter["sent_at"]) == ("sent", at.now), "sent when it went out, not when that was written"
    assert sum("correction_mail" in line for line in canonical(world.engine)) == 2
    assert verify_log(world.engine).fault is None


def test_what_was_found_while_it_was_on_its_way_waits_again(world: World, tmp_path: Path, number: str) -> None:
    intent = mail.intend(desk(world, tmp_path), number, WANG, FROM, TO)
    dismiss(world)
    warning = mail.settle(desk(world, tmp_path), number, intent.mail_id, "accepted", "250 ok", WANG)
    assert warning is not None and "另拟更正函" in warning
    assert list(waiting(world).values()) == [[(1, "属实", "不属实")]]
    with pytest.raises(UsageError, match="不再发送"):
        mail.intend(desk(world, tmp_path), number, WANG, FROM, TO)
