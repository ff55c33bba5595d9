"""更正函 about transfers and 甄别函 that went out: drafted of what differs, stepped, sent; they mend what they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adwatch.casework import correction_draft, differing_sent
from adwatch.casework import correction_letter as work
from adwatch.casework import takedown_letters as letters
from adwatch.casework.correction_paper import correction_paper
from adwatch.casework.official import Facts
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import correction_letters as store
from adwatch.store import schema as s
from adwatch.store.dump import canonical
from adwatch.store.engine import reading
from adwatch.store.erasures import ATTACHMENT
from adwatch.store.holdings import holdings
from tests.casework.office import decide, words
from tests.casework.paperwork import LI, NUMBER, WANG, desk, sent
from tests.casework.test_confirmation_differing import NUMBER as BATCH
from tests.casework.test_confirmation_differing import Office
from tests.casework.test_differing_sent import CAC, correct, dismiss, mending, moved, waiting, went
from tests.store.world import World, listing

FACTS = {"document_number": "某函〔2026〕3号", "signatory": "张局", "document_date": "2026-11-18"}
FIRST = "ADW-CL-2026-0001"


@pytest.fixture
def transferred(world: World, tmp_path: Path) -> str:
    """Two cases that went to the police, the first of which was corrected, the second found 不属实 since."""
    ids = [world.flag(listing(name)) for name in "12"]
    decide(world, ids)
    number = moved(world, tmp_path, ids[0], more=ids[1:])
    correct(world)
    dismiss(world, ids[1])
    assert waiting(world) == {number: [(1, "承诺通过", "买卖证件"), (2, "属实", "不属实")]}
    return number


def drafted(world: World, folder: Path, about: str, *cases: int) -> str:
    world.tick(minutes=1)
    return correction_draft.draft(desk(world, folder), about, LI, "认定更正", cases)


def goes(world: World, folder: Path, number: str) -> str | None:
    world.tick(minutes=1)
    return work.mark_sent(desk(world, folder), number, WANG)


@pytest.fixture
def escalated(world: World, tmp_path: Path) -> str:
    """A request of two listings that another office was asked to act on; the first corrected, the second 不属实."""
    sent(world, tmp_path, "1", "2")
    number = letters.escalate(desk(world, tmp_path), NUMBER, CAC, LI, "逾期未处置")
    went(world, tmp_path, number)
    correct(world)
    dismiss(world, 2)
    assert waiting(world)[number] == [(1, "承诺通过", "买卖证件"), (2, "属实", "不属实")]
    return number


def test_the_office_that_was_asked_to_act_gets_one_of_its_own(world: World, tmp_path: Path, escalated: str) -> None:
    number = drafted(world, tmp_path, escalated)
    (letter,) = world.rows(s.correction_letter)
    content = letter["content"]
    assert (letter["paper"], letter["about"], content["addressee"]) == ("takedown", escalated, CAC.named)
    assert content["about_title"] == "关于提请依法处置涉嫌违法证书类信息的函"
    assert [(row["was"], row["now"]) for row in content["listings"]] == [("承诺通过", "买卖证件"), ("属实", "不属实")]
    assert all(row["url"].startswith("https://plaza.example/") for row in content["listings"])
    file = tmp_path / "a.docx"
    file.write_bytes(correction_paper(content, Facts()))
    said = words(str(file))
    assert "关于更正提请处置函有关内容的函" in said and f"{CAC.named}：" in said and "不属实" in said
    goes(world, tmp_path, number)
    assert set(waiting(world)) == {NUMBER}, "the platform is told by letters of its own"
    told = [row["kind"] for row in world.rows(s.event, subject="takedown")]
    assert told[-1] == "correction_sent"
    correct(world, 1, types=["sure_thing"])
    assert waiting(world)[escalated] == [(1, "买卖证件", "承诺通过")], "it was told otherwise since"
    goes(world, tmp_path, drafted(world, tmp_path, escalated))
    assert escalated not in waiting(world)
    assert verify_log(world.engine).fault is None


def test_a_letter_to_the_platform_does_not_mend_what_the_office_was_told(
    world: World, tmp_path: Path, escalated: str
) -> None:
    with pytest.raises(UsageError, match="提请处置函"):
        drafted(world, tmp_path, NUMBER)
    went(world, tmp_path, mending(world, tmp_path))
    assert waiting(world)[escalated] == [(1, "承诺通过", "买卖证件"), (2, "属实", "不属实")]


def test_it_goes_all_steps_and_mends_what_it_names(world: World, tmp_path: Path, transferred: str) -> None:
    number = drafted(world, tmp_path, transferred, 1)
    assert number == FIRST
    at = desk(world, tmp_path)
    with pytest.raises(UsageError, match=f"更正函 {FIRST} 尚未发出"):
        correction_draft.draft(at, transferred, LI, "再拟")
    with pytest.raises(UsageError, match="“审核”时才能签发"):
        work.sign(at, number, WANG)
    work.check(at, number, LI)
    work.sign(at, number, WANG, given=FACTS)
    assert len(waiting(world)[transferred]) == 2, "nothing is mended before it was sent"
    content = world.rows(s.correction_letter)[0]["content"]
    assert goes(world, tmp_path, number) is None
    assert waiting(world) == {transferred: [(2, "属实", "不属实")]}
    second = drafted(world, tmp_path, transferred)
    goes(world, tmp_path, second)
    assert waiting(world) == {}
    assert [(row["how"], row["reason"]) for row in world.rows(s.differing)] == [("mended", number), ("mended", second)]
    first, last = world.rows(s.correction_letter)
    assert first["content"] == content and last["number"] == "ADW-CL-2026-0002"
    taken = [(row["step"], row["skipped"]) for row in world.rows(s.correction_step) if row["letter_id"] == last["id"]]
    assert taken == [("draft", False), ("checked", True), ("signed", True), ("sent", False)]
    with reading(world.engine) as connection:
        assert store.count_sent(connection) == (2, 2)
    for refused in (work.check, work.sign, work.mark_sent):
        with pytest.raises(UsageError, match="现为“发出”"):
            refused(at, number, LI)
    with pytest.raises(UsageError, match="文号不再更改"):
        work.enter(at, number, LI, {"document_number": "另一号"})
    acts = [row["action"] for row in world.rows(s.audit_entry) if row["subject"] == "correction"]
    assert acts == [f"correction.{each}" for each in ("draft", "checked", "enter", "signed", "sent", "draft", "sent")]
    assert sum('"correction_' in line for line in canonical(world.engine)) == 10
    assert verify_log(world.engine).fault is None


def test_it_is_laid_out_as_an_official_letter(world: World, tmp_path: Path, transferred: str) -> None:
    drafted(world, tmp_path, transferred)
    content = world.rows(s.correction_letter)[0]["content"]
    made = correction_paper(content, Facts(**FACTS))
    assert made == correction_paper(content, Facts(**FACTS)), "equal bytes"
    file = tmp_path / "a.docx"
    file.write_bytes(made)
    said = words(str(file))
    for each in ("关于更正有关移送内容的函", transferred, "某函〔2026〕3号", "2026年11月18日", "公安机关", "（印章）"):
        assert each in said, each
    for each in ("承诺通过", "买卖证件", "属实", "不属实", "更正内容清单（共2条）", "原文所载", "更正为", "认定更正"):
        assert each in said, each
    assert "13800138000" not in said


def test_what_was_found_or_settled_since_is_not_mended_by_it(world: World, tmp_path: Path, transferred: str) -> None:
    number = drafted(world, tmp_path, transferred, 1)
    correct(world, types=["paper_trade", "sure_thing"])
    with pytest.raises(UsageError, match=f"先作废本函.*differing void {number}"):
        work.check(desk(world, tmp_path), number, LI)
    assert "所列 1 条拟文后已另有认定" in str(goes(world, tmp_path, number))
    assert waiting(world)[transferred][-1] == (1, "买卖证件", "买卖证件、承诺通过"), "it says the classes of before"
    again = drafted(world, tmp_path, transferred)
    assert differing_sent.set_aside(world.engine, transferred, LI, "已电话告知", world.now) == 2
    with pytest.raises(UsageError, match="先作废本函"):
        work.check(desk(world, tmp_path), again, LI)
    work.void(desk(world, tmp_path), again, LI, "已电话告知")
    with pytest.raises(UsageError, match="没有与现认定不符"):
        drafted(world, tmp_path, transferred)
    assert [row["how"] for row in world.rows(s.differing)] == ["again", "aside", "again", "aside"]
    assert verify_log(world.engine).fault is None


def test_one_sent_though_the_paper_was_right_after_all_is_named(world: World, tmp_path: Path, transferred: str) -> None:
    number = drafted(world, tmp_path, transferred, 1)
    correct(world, types=["sure_thing"])
    assert waiting(world) == {transferred: [(2, "属实", "不属实")]}, "as the paper says"
    goes(world, tmp_path, number)
    assert waiting(world)[transferred][-1] == (1, "买卖证件", "承诺通过"), "but they were told otherwise"
    goes(world, tmp_path, drafted(world, tmp_path, transferred))
    assert waiting(world) == {}


def test_from_then_on_findings_are_held_against_what_it_says(world: World, tmp_path: Path, transferred: str) -> None:
    goes(world, tmp_path, drafted(world, tmp_path, transferred))
    differing_sent.look_back(world.engine, world.now)
    assert waiting(world) == {}, "what was told is not told again"
    correct(world, families=["gas"])
    assert waiting(world) == {}, "nor by a finding that leaves it so"
    correct(world, types=["sure_thing"])
    decide(world, 2, "confirm", "再看属实")
    assert waiting(world) == {transferred: [(1, "买卖证件", "承诺通过"), (2, "不属实", "承诺通过")]}
    second = drafted(world, tmp_path, transferred)
    assert [(row["was"], row["now"]) for row in world.rows(s.correction_letter)[1]["content"]["listings"]] == [
        ("买卖证件", "承诺通过"),
        ("不属实", "承诺通过"),
    ]
    goes(world, tmp_path, second)
    assert waiting(world) == {}
    dismiss(world, 2)
    assert waiting(world) == {transferred: [(2, "属实", "不属实")]}


def test_of_a_letter_of_confirmation_too(world: World, tmp_path: Path) -> None:
    office = Office(world, tmp_path)
    office.leads("1", "2")
    office.draft()
    office.send()
    decide(world, 1, "confirm", "本局查实")
    assert waiting(world) == {BATCH: [(1, "尚未认定", "属实")]}
    number = drafted(world, tmp_path, BATCH)
    content = world.rows(s.correction_letter)[0]["content"]
    assert content["listings"][0]["url"].startswith("https://")
    (tmp_path / "b.docx").write_bytes(correction_paper(content, Facts()))
    assert "关于更正甄别函有关内容的函" in words(str(tmp_path / "b.docx"))
    goes(world, tmp_path, number)
    assert waiting(world) == {}
    decide(world, 1, "dismiss", "看错")
    assert waiting(world) == {BATCH: [(1, "属实", "不属实")]}
    assert verify_log(world.engine).fault is None


def test_what_cannot_be_drafted(world: World, tmp_path: Path, transferred: str) -> None:
    at = desk(world, tmp_path)
    for about, cases, said in ((transferred, [9], "案件 9"), ("ADW-TR-2026-9999", [], "没有与现认定不符")):
        with pytest.raises(UsageError, match=said):
            correction_draft.draft(at, about, LI, "更正", cases)
    with pytest.raises(UsageError, match="reason"):
        correction_draft.draft(at, transferred, LI, " ")
    assert world.rows(s.correction_letter) == []
    strict = desk(world, tmp_path, before_mark_sent=("checked", "document_number", "scan"))
    number = correction_draft.draft(strict, transferred, LI, "更正")
    with pytest.raises(UsageError, match="本机关要求发出前具备：审核、文号、用印扫描件"):
        work.mark_sent(strict, number, LI)
    work.check(strict, number, LI)
    work.enter(strict, number, LI, {"document_number": "某函3号"})
    work.keep_scan(strict, number, LI, b"%PDF", "a.pdf", "application/pdf")
    with reading(world.engine) as connection:
        (kept,) = [each for each in holdings(connection) if each.kind == ATTACHMENT]
    assert (kept.cases, kept.paper, kept.known) == ({1, 2}, True, True), "kept as long as its cases and papers are"
    work.mark_sent(strict, number, LI)
    assert waiting(world) == {}


def test_a_letter_to_a_platform_is_mended_by_what_corrects_it_alone(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2", "3")
    correct(world)
    correct(world, 2)
    dismiss(world, 3)
    three = {1: "买卖证件", 2: "买卖证件", 3: "不属实"}

    def left() -> dict[int, Any]:
        return {case: holds for case, _, holds in waiting(world).get(NUMBER, [])}

    assert left() == three
    at = desk(world, tmp_path)
    went(world, tmp_path, letters.correct(at, NUMBER, LI, {"1": ("小店", "大店")}, "店铺名称误写"))
    assert left() == three, "it is about the shop"
    wrong = letters.correct(desk(world, tmp_path), NUMBER, LI, {"1": ("承诺通过", "承诺通过、买卖证件")}, "误写")
    went(world, tmp_path, wrong)
    assert left() == three, "it says what does not hold"
    with pytest.raises(UsageError, match="序号 1、2 所载与现认定不同，先发更正函"):  # nobody was told otherwise
        letters.remind(desk(world, tmp_path), NUMBER, LI)
    went(world, tmp_path, mending(world, tmp_path, "1"))
    assert set(left()) == {2, 3}
    ours = letters.correct_differing(desk(world, tmp_path), NUMBER, LI, "认定更正")
    (row,) = world.rows(s.takedown_letter, number=ours)[0]["content"]["listings"]
    assert (row["seq"], row["was"], row["now"]) == (2, "承诺通过", "买卖证件"), "not what is to be withdrawn"
    correct(world, 2, types=["sure_thing"])
    correct(world, 2)
    went(world, tmp_path, ours)
    assert set(left()) == {2, 3}, "it was drafted of what was found before"
    went(world, tmp_path, letters.correct_differing(desk(world, tmp_path), NUMBER, LI, "认定更正"))
    assert set(left()) == {3}
    with pytest.raises(UsageError, match="takedown withdraw"):
        letters.correct_differing(desk(world, tmp_path), NUMBER, LI, "认定更正")
