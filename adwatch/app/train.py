"""Learning from decisions: a candidate is trained into the home, compared, and used only when a person promotes it."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import classifiers
from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.store.engine import reading
from adwatch.store.lessons import Decided, decided_texts
from adwatch.store.locks import run_lock
from adwatch.text import normal
from classifiers.evaluate import Labelled, Report, labelled, score
from classifiers.in_use import ModelStore, features_digest
from classifiers.lists.trial import judge_with

FROZEN = Path(classifiers.__file__).parent.parent / "tests" / "frozen" / "frozen.jsonl"
"""The frozen set beside a checkout; an installed package has none: --frozen names one."""
RECENT = 5
"""Every fifth decided text, the latest, is held out for the comparison."""
WORSE = 0.01
"""A candidate whose F1 lies more than this below that of the model in use is not promoted unless it is insisted on."""
NEEDED = ("sklearn", "scipy", "jieba", "joblib")
SETS = ("frozen", "recent")


@dataclass(frozen=True, slots=True)
class Material:
    """Decided texts, parted."""

    lessons: tuple[Decided, ...] = ()
    """To be learnt from."""
    recent: tuple[Decided, ...] = ()
    """Held out: the latest."""
    counts: dict[str, int] = field(default_factory=dict)
    """without_consent, repeated, contradictory."""

    @property
    def sha256(self) -> str:
        """Digest of the texts and findings that were learnt from."""
        digest = hashlib.sha256()
        for one in self.lessons:
            digest.update(repr((one.title, one.text, one.result, one.types)).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def material(office: Office) -> Material:
    """Standing decisions with consent; the same words count once, contradictory findings not at all."""
    with reading(office.engine) as connection:
        decided, without = decided_texts(connection)
    groups: dict[str, list[Decided]] = {}
    for one in decided:
        groups.setdefault(normal(f"{one.title or ''}\n{one.text or ''}"), []).append(one)
    agreed = [group for group in groups.values() if len({one.result for one in group}) == 1]
    kept = sorted((group[-1] for group in agreed), key=lambda one: one.at)
    held = len(kept) // RECENT
    counts = {
        "without_consent": without,
        "repeated": len(decided) - len(groups),
        "contradictory": len(groups) - len(agreed),
    }
    return Material(tuple(kept[: len(kept) - held]), tuple(kept[len(kept) - held :]), counts)


def train(office: Office, frozen: Path | None = None, training: Path | None = None, every: int = 1) -> dict[str, Any]:
    """Train a candidate and compare it with the model in use; its record, which lies beside it."""
    found = material(office)
    if not found.lessons:
        raise UsageError(
            "no decision may be learnt from: decide with --learn, or set ADWATCH_LEARN=true before deciding "
            f"({found.counts['without_consent']} decided texts have no consent)"
        )
    try:
        from classifiers.learning import Lesson, make

        with run_lock(office.home, "train"):
            store = ModelStore(office.home)
            lessons = [
                Lesson(one.title or "", one.text or "", one.result == "confirm", one.types) for one in found.lessons
            ]
            made = make(store.folder, lessons, office.settings.data, training, every)
            record = {
                "digest": made.digest,
                "made_at": office.clock.now().isoformat(),
                "instead_of": store.in_use().digest,
                "shipped_rows": made.shipped_rows,
                "decisions": len(found.lessons),
                "held_out": len(found.recent),
                **found.counts,
                "training_sha256": made.training_sha256,
                "decisions_sha256": found.sha256,
                "keyword_versions": office.judge.keyword_versions,
                "features": features_digest(),
            }
            _write_record(store.path(made.digest), record)
            record["comparison"] = compare(office, made.digest, found.recent, frozen)
            _write_record(store.path(made.digest), record)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in NEEDED:
            raise
        raise UsageError(
            f"training needs {error.name}, which only the dev extra brings: pip install 'adwatch[dev]' (make install)"
        ) from error
    return record


def _write_record(folder: Path, record: dict[str, Any]) -> None:
    text = json.dumps(record, ensure_ascii=False, indent=1, default=str)
    beside = folder / "record.new"
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(folder / "record.json")


def compare(office: Office, digest: str, recent: Sequence[Decided], frozen: Path | None) -> dict[str, Any]:
    """Figures of the model in use and of the candidate on the frozen set and on the decisions held out."""
    new = judge_with(office.lexicon, office.settings.data, ModelStore(office.home).load(digest))
    sets: dict[str, Any] = {}
    file = frozen or FROZEN
    if frozen is not None and not frozen.is_file():
        raise UsageError(f"--frozen {frozen}: no such file")
    rows = {"frozen": labelled(file)[0] if file.is_file() else [], "recent": _held_out(recent)}
    for name in SETS:
        if rows[name]:
            reports = score(office.judge, rows[name], 0), score(new, rows[name], 0)
            sets[name] = {"texts": len(rows[name]), "current": _figures(reports[0]), "candidate": _figures(reports[1])}
            sets[name] |= _changed(*reports)
    if file.is_file():
        sets["frozen"]["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    return {"versions": {"current": office.judge.version, "candidate": new.version}, "sets": sets}


def _held_out(recent: Sequence[Decided]) -> list[Labelled]:
    return [
        Labelled(
            f"recent-{number}", one.title or "", one.text or "", one.result == "confirm", one.scope or "none",
            one.types if one.result == "confirm" else (), "decided", "none", str(number),
        )
        for number, one in enumerate(recent, 1)
    ]  # fmt: skip


def _figures(report: Report) -> dict[str, Any]:
    total = report.total.as_dict()
    names = ("f1", "f1_ci", "precision", "precision_ci", "recall", "recall_ci", "found", "missed", "false", "right")
    return {**{name: total[name] for name in names}, "calibration_error": round(report.calibration_error, 4)}


def _changed(current: Report, candidate: Report) -> dict[str, int]:
    """Errors that the candidate mends, and those it makes."""
    before, after = {error.id for error in current.errors}, {error.id for error in candidate.errors}
    return {"mended": len(before - after), "broken": len(after - before)}


def worse(record: dict[str, Any]) -> list[str]:
    """On which sets the candidate is worse than what it would replace, in words."""
    lines = []
    for name, part in record["comparison"]["sets"].items():
        was, now = part["current"]["f1"], part["candidate"]["f1"]
        if now < was - WORSE:
            lines.append(f"{name}: F1 {now:.3f} instead of {was:.3f}")
    return lines


def waiting(office: Office) -> str | None:
    """The newest candidate, if it was never promoted."""
    store = ModelStore(office.home)
    newest, state = store.newest(), store.in_use()
    return None if newest in {entry["model"] for entry in state.history} else newest


def promote(office: Office, by: str | None, digest: str | None, force: bool) -> dict[str, Any]:
    """Put a candidate in use (the newest unless one is named); gives the entry of the record."""
    with run_lock(office.home, "train"):
        store = ModelStore(office.home)
        chosen = digest or store.newest()
        if chosen is None:
            raise UsageError("no candidate to promote: run adwatch train first")
        record = store.record(chosen)
        if "comparison" not in record:
            raise UsageError(f"{chosen} was never compared; run adwatch train again")
        if not force and (lines := worse(record)):
            raise UsageError(
                f"{chosen} is worse than the model in use ({'; '.join(lines)}); --force promotes it all the same"
            )
        if not force and not record["comparison"]["sets"]:
            raise UsageError(
                f"{chosen} was compared on nothing: give --frozen FILE when training, or insist with --force"
            )
        entry = {
            **_who_and_when(office, by),
            "figures": {
                name: {each: part[each]["f1"] for each in ("current", "candidate")}
                for name, part in record["comparison"]["sets"].items()
            },
            "digests": {
                name: record[name] for name in ("training_sha256", "decisions_sha256", "keyword_versions", "features")
            },
        }
        return store.promote(chosen, entry).history[-1]


def roll_back(office: Office, by: str | None) -> dict[str, Any]:
    """Use the model before again; gives the entry of the record."""
    with run_lock(office.home, "train"):
        return ModelStore(office.home).roll_back(_who_and_when(office, by)).history[-1]


def _who_and_when(office: Office, by: str | None) -> dict[str, Any]:
    return {"at": office.clock.now().isoformat(), "by": by or getpass.getuser()}


def history(office: Office) -> list[dict[str, Any]]:
    """Every promotion and roll back, oldest first."""
    return ModelStore(office.home).in_use().history


def rows(record: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The comparison in cells for people."""
    names = {"frozen": "冻结集 frozen", "recent": "近期甄别（留出）recent"}
    measures = (("f1", "F1"), ("precision", "查准率 precision"), ("recall", "查全率 recall"))
    for name, part in record["comparison"]["sets"].items():
        for key, label in measures:
            was, now = part["current"], part["candidate"]
            cells = [f"{each[key]:.3f} ({each[key + '_ci'][0]:.3f}–{each[key + '_ci'][1]:.3f})" for each in (was, now)]
            yield f"{names[name]} ({part['texts']})", label, *cells, f"{now[key] - was[key]:+.3f}"
        yield names[name], "改对 / 改错 mended / broken", "", f"{part['mended']} / {part['broken']}", ""
