"""Learning from decisions: with consent only, into the home only, in use only when promoted, undone by one command."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import casework, train
from adwatch.app.ingest import ingest
from adwatch.app.office import Office
from adwatch.errors import SettingsError, UsageError
from adwatch.settings import load_settings
from classifiers import in_use
from classifiers.in_use import SHIPPED, ModelStore
from classifiers.judge import OfferJudge
from classifiers.offers import OFFER_CLASSES
from tests.classifiers import metamorphic_texts as texts
from tests.conftest import FixedClock
from tests.learning.conftest import DAY, OFFERS, handed
from tests.processes import run_command

pytestmark = [
    pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:invalid escape sequence:SyntaxWarning"),
]
"""jieba's own source, where it is compiled anew."""

PACKAGE = Path(in_use.__file__).parent
CONFIRMED, DISMISSED = 7, 3


def files_of_the_package() -> dict[str, str]:
    """Digests of the package's data: model, folds, training text."""
    files = [*PACKAGE.glob("*.npz"), *PACKAGE.glob("*.json"), *(PACKAGE / "training").iterdir()]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def labelled_rows(offers: tuple[str, ...], others: tuple[str, ...]) -> str:
    classes = [row.id for row in OFFER_CLASSES]
    rows = [
        {"id": f"o{n}", "title": "", "text": text, "label": "offer", "offer_types": [classes[n % len(classes)]],
         "scope": "safety_production", "genre": "post"}
        for n, text in enumerate(offers)
    ] + [
        {"id": f"n{n}", "title": "", "text": text, "label": "not_offer", "offer_types": [], "genre": "post"}
        for n, text in enumerate(others)
    ]  # fmt: skip
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small training text by two writers, and a small frozen set."""
    folder = tmp_path_factory.mktemp("training")
    (folder / "text").mkdir()
    for name, part in (("a", slice(0, 14)), ("b", slice(14, 28))):
        rows = labelled_rows(texts.OFFERS[part], texts.ORDINARY[part][:12] + texts.REPORTS[part][:8])
        (folder / "text" / f"train_{name}.jsonl").write_text(rows, encoding="utf-8")
    (folder / "frozen.jsonl").write_text(labelled_rows(texts.OFFERS[28:], texts.ORDINARY[26:]), encoding="utf-8")
    return folder


def opened(home: Path, shipped: OfferJudge | None = None) -> Office:
    office = Office(load_settings(home=home, unit="测试局"), FixedClock())
    if shipped is not None:
        office.judge = shipped
    return office


def decide(office: Office, result: str, ids: list[int], may_train: bool | None = True) -> None:
    report, rows = casework.decide(office, ids, result, "李四", None, "核对原文", may_train)
    assert (len(rows), sum(report.dropped.values())) == (len(ids), 0)


def case_ids(office: Office) -> list[int]:
    return sorted(row["case_id"] for row in casework.list_cases(office))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, shipped: OfferJudge, folder: Path) -> tuple[Path, dict[str, Any]]:
    """A home whose ten cases are decided, with one candidate trained; the record of it."""
    home = tmp_path_factory.mktemp("world") / "home"
    before = files_of_the_package()
    with opened(home, shipped) as office:
        ingest(office, handed(home.parent / "handed.jsonl", OFFERS), "移交", DAY)
        ids = case_ids(office)
        assert len(ids) == CONFIRMED + DISMISSED
        decide(office, "confirm", ids[:CONFIRMED])
        decide(office, "dismiss", ids[CONFIRMED:])
        record = train.train(office, folder / "frozen.jsonl", folder / "text", every=40)
    assert files_of_the_package() == before, "training never writes among the package's files"
    return home, record


@pytest.fixture
def home(world: tuple[Path, dict[str, Any]]) -> Iterator[Path]:
    """That home with nothing promoted."""
    yield world[0]
    for name in ("in-use.json", "in-use.new"):
        (world[0] / "models" / name).unlink(missing_ok=True)


def test_the_record_says_what_was_learnt_and_how_it_compared(world: tuple[Path, dict[str, Any]]) -> None:
    home, record = world
    assert (record["decisions"], record["held_out"], record["without_consent"]) == (8, 2, 0)
    assert record["instead_of"] == SHIPPED
    sets = record["comparison"]["sets"]
    assert (sets["frozen"]["texts"], sets["recent"]["texts"]) == (18, 2)
    for part in sets.values():
        for which in ("current", "candidate"):
            assert 0 <= part[which]["f1_ci"][0] <= part[which]["f1"] <= part[which]["f1_ci"][1] <= 1
    assert len(sets["frozen"]["sha256"]) == len(record["training_sha256"]) == 64
    written = home / "models" / record["digest"]
    assert {file.name for file in written.iterdir()} == {"model.npz", "model.json", "record.json"}
    assert json.loads((written / "record.json").read_text(encoding="utf-8"))["digest"] == record["digest"]
    for text in OFFERS:
        for file in written.iterdir():
            assert text[:12].encode() not in file.read_bytes(), "no decided text is written down"


def test_a_candidate_is_not_in_use(home: Path, shipped: OfferJudge) -> None:
    with opened(home) as office:
        assert office.judge.version == shipped.version
        assert train.history(office) == []


def test_promote_and_roll_back(home: Path, world: tuple[Path, dict[str, Any]], shipped: OfferJudge) -> None:
    digest = world[1]["digest"]
    with opened(home) as office:
        entry = train.promote(office, "王五", None, force=True)
        assert (entry["act"], entry["by"], entry["model"], entry["instead_of"]) == ("promote", "王五", digest, SHIPPED)
        assert entry["at"] == FixedClock().now().isoformat()
        assert entry["figures"].keys() == {"frozen", "recent"}
        assert entry["digests"].keys() == {"training_sha256", "decisions_sha256", "keyword_versions", "features"}
        with pytest.raises(UsageError, match="already"):
            train.promote(office, None, digest, force=True)
    with opened(home) as office:
        assert office.judge.version.endswith(f"-{digest}")
        assert office.judge.version != shipped.version
        ingest(office, handed(home.parent / "more.jsonl", OFFERS[:1]), "移交二", DAY)
        verdicts = [row for row in map(json.loads, office.dump()) if row["table"] == "verdict"]
        assert sum(row["version"] == office.judge.version for row in verdicts) == 1, "the new listing alone so far"
        assert train.roll_back(office, "赵六")["by"] == "赵六"
    with opened(home) as office:
        assert office.judge.version == shipped.version
        assert [entry["act"] for entry in train.history(office)] == ["promote", "rollback"]
        with pytest.raises(UsageError, match="nothing to roll back"):
            train.roll_back(office, None)


def test_a_worse_candidate_is_refused_unless_insisted_on(home: Path, world: tuple[Path, dict[str, Any]]) -> None:
    file = home / "models" / world[1]["digest"] / "record.json"
    record = json.loads(file.read_text(encoding="utf-8"))
    worse = json.loads(json.dumps(record))
    worse["comparison"]["sets"]["frozen"]["candidate"]["f1"] = (
        worse["comparison"]["sets"]["frozen"]["current"]["f1"] - 0.02
    )
    file.write_text(json.dumps(worse), encoding="utf-8")
    try:
        with opened(home) as office:
            with pytest.raises(UsageError, match=r"worse .*frozen: F1 .*--force"):
                train.promote(office, None, None, force=False)
            assert train.history(office) == []
    finally:
        file.write_text(json.dumps(record), encoding="utf-8")


def test_changed_files_and_other_features_are_refused(
    home: Path, world: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = home / "models" / world[1]["digest"] / "model.npz"
    whole = weights.read_bytes()
    with opened(home) as office:
        train.promote(office, None, None, force=True)
    try:
        weights.write_bytes(whole + b"x")
        with opened(home) as office, pytest.raises(SettingsError, match=r"were changed .* --rollback"):
            assert office.judge
        weights.unlink()
        with opened(home) as office, pytest.raises(SettingsError, match=r"cannot be read .* --rollback"):
            assert office.judge
    finally:
        weights.write_bytes(whole)
    monkeypatch.setattr(in_use, "features_digest", lambda: "0")
    with opened(home) as office:
        with pytest.raises(SettingsError, match="another version of this program"):
            assert office.judge
        assert train.roll_back(office, None)["model"] == SHIPPED
        assert office.judge


def test_nothing_is_learnt_without_consent(office: Office) -> None:
    ids = case_ids(office)
    decide(office, "confirm", ids[:4], may_train=False)
    decide(office, "dismiss", ids[4:6], may_train=None)
    with pytest.raises(UsageError, match="6 decided texts have no consent"):
        train.train(office)
    assert not ModelStore(office.home).folder.exists()


def test_the_setting_consents_where_nobody_says_otherwise(home: Path, office: Office) -> None:
    with Office(load_settings(unit="测试局", learn=True), FixedClock()) as willing:
        ids = case_ids(willing)
        decide(willing, "confirm", ids[:2], may_train=None)
        decide(willing, "confirm", ids[2:3], may_train=False)
        found = train.material(willing)
    assert (len(found.lessons), found.counts["without_consent"]) == (2, 1)


def test_only_findings_that_stand_are_learnt(office: Office, tmp_path: Path) -> None:
    ingest(office, handed(tmp_path / "again.jsonl", OFFERS[:2]), "另一平台", DAY)
    ids = {row["case_id"]: (row["platform"], row["native_id"]) for row in casework.list_cases(office)}
    by_name = {name: number for number, name in ids.items()}
    decide(office, "confirm", [by_name["移交", "1"]])
    decide(office, "dismiss", [by_name["另一平台", "1"]])
    decide(office, "confirm", [by_name["移交", "2"], by_name["另一平台", "2"]])
    decide(office, "doubt", [by_name["移交", "3"]])
    decide(office, "confirm", [by_name["移交", "4"]])
    decide(office, "dismiss", [by_name["移交", "4"]])
    found = train.material(office)
    assert found.counts == {"without_consent": 0, "repeated": 2, "contradictory": 1}
    assert sorted((one.text, one.result) for one in found.lessons) == sorted(
        [(OFFERS[1], "confirm"), (OFFERS[3], "dismiss")]
    )


def test_the_latest_fifth_is_held_out(office: Office, clock: FixedClock) -> None:
    for number, case_id in enumerate(case_ids(office)):
        clock.time = clock.time.replace(minute=number)
        decide(office, "confirm" if number % 2 else "dismiss", [case_id])
    found = train.material(office)
    assert (len(found.lessons), len(found.recent)) == (8, 2)
    assert max(one.at for one in found.lessons) < min(one.at for one in found.recent)


def test_without_the_dev_extra_the_error_says_what_to_install(office: Office) -> None:
    decide(office, "confirm", case_ids(office)[:1])
    code = "import sys; sys.modules['sklearn'] = None; sys.argv = ['adwatch', 'train']\nfrom adwatch.cli import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=120)
    assert done.returncode == 2
    assert b"adwatch[dev]" in done.stderr
    assert b"Traceback" not in done.stderr


def test_the_command_promotes_shows_and_rolls_back(home: Path, world: tuple[Path, dict[str, Any]]) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return run_command(("train", *arguments), {**os.environ, "ADWATCH_HOME": str(home)})

    assert run("--promote", "--rollback").returncode == 2
    done = run("--promote", "--by", "王五", "--force", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"] == world[1]["digest"]
    assert run("--rollback").returncode == 0
    shown = [json.loads(line) for line in run("--history", "--json").stdout.splitlines()]
    assert [(entry["act"], entry["model"]) for entry in shown] == [
        ("promote", world[1]["digest"]),
        ("rollback", SHIPPED),
    ]
    done = run("--rollback")
    assert (done.returncode, b"nothing to roll back" in done.stderr) == (2, True)
