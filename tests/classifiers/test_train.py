"""The training text, and that training gives the shipped model again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from classifiers import train, train_prefilter, train_rows
from classifiers.analysis import Reader
from classifiers.disguise import WAYS, disguised
from classifiers.offers import OFFER_CLASSES
from tests.classifiers.training_inputs import NOTED, digest

TRAINING = Path(train.__file__).parent / "training"
LABELS = {"offer", "not_offer", "review"}


def test_the_training_text_is_well_formed() -> None:
    classes = {row.id for row in OFFER_CLASSES}
    seen: set[str] = set()
    count: Counter[str] = Counter()
    for file in sorted(TRAINING.glob("train_*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            assert row["id"] not in seen
            seen.add(row["id"])
            assert row["label"] in LABELS
            assert set(row["offer_types"]) <= classes
            assert bool(row["offer_types"]) == (row["label"] == "offer"), row["id"]
            count.update(row["offer_types"])
    assert count.keys() == classes
    assert min(count.values()) >= 50


@pytest.mark.parametrize("seed", range(len(WAYS)))
def test_disguises_repeat_and_change_offers(seed: int) -> None:
    text = "电工证包过，微信同号13800001234，三天出证"
    assert disguised("", text, seed) == disguised("", text, seed)
    assert disguised("", text, seed)[1] != text


def test_training_was_seen_to_give_the_shipped_model_from_what_is_here() -> None:
    assert NOTED.read_text().strip() == digest(), "what it is made of or by has changed: make test-training"


@pytest.mark.training
@pytest.mark.timeout(2400)
def test_training_again_gives_the_same_bytes(tmp_path: Path) -> None:
    reader = Reader()
    train.write(tmp_path, train.rows(reader, train_rows.load()), train_prefilter.quick_salads(reader))
    for name in ("model.npz", "model.json"):
        assert (tmp_path / name).read_bytes() == (TRAINING.parent / name).read_bytes()
