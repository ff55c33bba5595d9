from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.casework.states import MOVES
from adwatch.errors import SpecError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.engine import writing
from adwatch.tables.reason_codes import VERBS, checked_code, reason_codes
from tests.casework.reviewing import ZHANG, found
from tests.store.world import World, listing

HEADER = "code,label,findings,note\n"


def test_each_finding_has_codes_and_each_code_its_findings() -> None:
    codes = reason_codes()
    assert set(VERBS) == set(MOVES) - {"register"}
    for verb in VERBS:
        assert sum(verb in each.findings for each in codes.values()) >= 1, verb
    assert checked_code(codes, None, "confirm") is None
    assert checked_code(codes, "D01", "dismiss") == "D01"


@pytest.mark.parametrize(("code", "verb"), [("D01", "confirm"), ("C01", "dismiss"), ("", "confirm"), ("Z99", "refer")])
def test_a_code_of_another_finding_is_refused_and_the_right_ones_are_named(code: str, verb: str) -> None:
    codes = reason_codes()
    with pytest.raises(UsageError, match=verb) as refused:
        checked_code(codes, code, verb)
    assert all(each.code in str(refused.value) for each in codes.values() if verb in each.findings)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("D01,警示,dismiss", "columns"),
        ("D01,警示,discard,", "findings"),
        ("D01,警示,,", "findings"),
        (",警示,dismiss,", "code"),
        ("D01,,dismiss,", "code"),
        ("X01,又一,dismiss,", "code"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, line: str, field: str) -> None:
    (tmp_path / "tables").mkdir()
    rows = HEADER + f"X01,其他,dismiss confirm,\n{line}\n"
    (tmp_path / "tables" / "reason_codes.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(SpecError, match=rf"reason_codes.csv.*3.*{field}"):
        reason_codes(tmp_path)


def test_a_code_stands_beside_the_words_and_cannot_be_altered_unseen(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, "dismiss", code="D01", reason="")
    (decision,) = world.rows(s.decision)
    assert (decision["code"], decision["reason"]) == ("D01", "")
    assert verify_log(world.engine).fault is None
    with writing(world.engine) as connection:
        connection.execute(s.decision.update().values(code="D02"))
    fault = verify_log(world.engine).fault
    assert fault is not None
    assert fault.word == "decision"
