"""The floor holds; it cannot be lowered in passing, neither by hand nor by pinning anew."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from classifiers.figures import Tally
from classifiers.judge import OfferJudge
from classifiers.labelled import labelled
from tests.frozen import floors, pin

DIGESTS = {
    "frozen.jsonl": "c7038c357457b004deb6a5a2cfaacfc0546384b5951f47a4ac167649086b0497",
    "floor.jsonl": "818b95b23e3795c4728e897a1502d00609e09fdca1d2ed90c8006e383f481901",
    "subtle.jsonl": "cec7e2756af7bf6744931f226fd7bc808e1128d65fb056ecd718fd349d2606a2",
    "fresh.jsonl": "9d1df97d79b049eac670c7bcb7e53c7be2579567b21944dd3b8f494674ef8e46",
    "apart.jsonl": "40996957cb92004df5f03ed4ec49d2c7d0be5336f525955435932c98da1dbc2b",
    "unseen.jsonl": "b778d3c0f4db3b2d1ad93461010dcb30afe50cdbb46c5df479070a87d318cbd4",
    "market.jsonl": "04374570da1d88fdb3a9a21c7dc8c7fc7237b1a68a248a320be1158f633b68c7",
    "yard.jsonl": "01d808f089d158ac415c79c88c3b551b02aa8380708f297e054d727fc8afde2a",
    "mass.jsonl": "2ca6a4f19b4d72709516da5f6b1cd20086e9a6ce15c95285f24fb8d7a99ebb9c",
    "wordless.jsonl": "588ccf9eeae35532c94a06e858470830e68cae337480b4161525fbb115513abd",
    "places.jsonl": "0f118d157619626de44037a071e6d067a4a90c664ccc67e651f2242e4ae8e47b",
    "everyday.jsonl": "c60803ce62b136fe9bce0b2ba99c9eed3d1173e4204b9588911ddb01bf6cb838",
}


def test_the_texts_are_those_that_were_pinned() -> None:
    assert {name: floors.digest(name) for name in floors.FILES} == DIGESTS
    assert sum(len(labelled(floors.HERE / name)[0]) for name in floors.FILES) >= 600


def test_nobody_changed_a_floor_by_hand() -> None:
    pinned, history, seal = floors.load()
    assert floors.seal(pinned, history) == seal, f"floors.json was edited by hand; to lower a floor: {floors.LOWER}"
    assert set(pinned) == set(floors.FILES)
    for part in ("class", "genre", "disguise"):
        assert len([name for name in pinned["floor.jsonl"] if name.startswith(f"{part}:")]) >= 7


def test_the_judge_holds_the_floor() -> None:
    pinned, _, _ = floors.load()
    below = floors.broken(floors.measured(OfferJudge.load()), pinned)
    assert below == [], f"{len(below)} floors broken; mend the classifier, or, if the loss is meant: {floors.LOWER}"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A floor file of its own, over one set."""
    monkeypatch.setattr(floors, "FILES", ("floor.jsonl",))
    monkeypatch.setattr(floors, "FLOORS", tmp_path / "floors.json")
    return tmp_path / "floors.json"


def test_pinning_refuses_to_lower(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pin.main([]) == 0
    first, history, _ = floors.load()
    assert history == []
    raised = copy.deepcopy(first)
    raised["floor.jsonl"]["total"]["found"] += 5
    raised["floor.jsonl"]["genre:joke"]["flagged"] -= 2
    raised["floor.jsonl"]["scope:safety_production"]["found"] += floors.SLACK  # holds still, so it stays
    floors.save(raised, [], "x")
    assert pin.main([]) == 1
    assert floors.LOWER in capsys.readouterr().err
    assert floors.load()[0] == raised
    with pytest.raises(SystemExit):
        pin.main(["--lower"])
    assert pin.main(["--lower", "--why", "试验"]) == 0
    pinned, history, seal = floors.load()
    first["floor.jsonl"]["scope:safety_production"]["found"] += floors.SLACK
    assert pinned == first
    assert [(entry["why"], len(entry["floors"])) for entry in history] == [("试验", 2)]
    assert seal == floors.seal(pinned, history) != floors.seal(raised, history)


def test_what_is_broken_is_named(small: Path) -> None:
    reports = floors.measured(OfferJudge.load())
    pinned = floors.floors_of(reports)
    assert floors.broken(reports, pinned) == []
    report = reports["floor.jsonl"]
    report.total.found -= floors.WHOLE_SLACK + 1
    report.by["disguise"]["homophone"] = Tally(0, 8, 0, 0)
    report.by["genre"]["joke"] = Tally(0, 0, 8, 0)
    lines = floors.broken(reports, pinned)
    assert [line.rsplit(":", 1)[0] for line in lines] == [
        "floor.jsonl disguise:homophone",
        "floor.jsonl genre:joke",
        "floor.jsonl total",
    ]
