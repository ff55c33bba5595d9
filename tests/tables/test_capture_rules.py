from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.errors import SpecError
from adwatch.tables.capture import COLUMNS, capture_rules

HEAD = ",".join(COLUMNS) + "\n"
GOOD = "*,200,60,yes,45,150,40,12000,7,\n"


def own(folder: Path, rows: str) -> Path:
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / "capture_rules.csv").write_text(rows, encoding="utf-8")
    return folder


def test_the_shipped_rules_have_a_row_for_all() -> None:
    rule = capture_rules()["*"]
    assert rule.javascript
    assert rule.per_host <= rule.per_day


def test_an_office_lays_its_own_over(tmp_path: Path) -> None:
    rules = capture_rules(own(tmp_path, HEAD + GOOD + "plaza,1,5,no,10,20,5,3000,30,旧站\n"))
    assert not rules["plaza"].javascript
    assert rules["plaza"].per_host == 5
    assert rules["*"].seconds == 45


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("platform\n*\n", "columns must be"),
        (HEAD, r"row \*"),
        (HEAD + GOOD + GOOD, ":3: platform: .* twice"),
        (HEAD + GOOD.replace("yes", "ja"), ":2: javascript"),
        (HEAD + GOOD.replace("45", "4000"), ":2: seconds: write 5 to 600"),
        (HEAD + GOOD.replace("45", "x"), ":2: seconds: 'x' is no whole number"),
        (HEAD + GOOD.replace("*", ""), ":2: platform"),
        (HEAD + "*,1\n", ":2: 10 columns"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        capture_rules(own(tmp_path, rows))
