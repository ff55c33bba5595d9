"""The pinned floor: what the judge must find, and may wrongly flag, on texts by writers who saw neither the lists nor
the training text.

``floors.json`` holds for each file and group the least number of offers found and the largest number of others flagged;
a group is the whole, an offer class, a genre, a disguise, a family or a scope. ``python -m tests.frozen.pin`` writes it. Groups may
lose SLACK texts against what was measured, the whole of a file WHOLE_SLACK: a floor is no straitjacket.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from adwatch.ports import Judge
from classifiers.evaluate import Report, evaluate

HERE = Path(__file__).parent
FILES = (
    *("frozen.jsonl", "floor.jsonl", "subtle.jsonl", "fresh.jsonl", "apart.jsonl"),
    *("unseen.jsonl", "market.jsonl", "yard.jsonl", "mass.jsonl"),
    *("wordless.jsonl", "places.jsonl", "everyday.jsonl"),
)
FLOORS = HERE / "floors.json"
SLACK = 1
WHOLE_SLACK = 2
WHOLE = "total"
GROUPS = ("class", "genre", "disguise", "family", "scope")
LOWER = "python -m tests.frozen.pin --lower --why 'REASON'"

Floor = dict[str, int]
Floors = dict[str, dict[str, Floor]]


def digest(name: str) -> str:
    """SHA-256 of one of the files."""
    return hashlib.sha256((HERE / name).read_bytes()).hexdigest()


def measured(judge: Judge) -> dict[str, Report]:
    """What the judge does on each file."""
    return {name: evaluate(judge, HERE / name, explained=0) for name in FILES}


def groups(report: Report) -> dict[str, Floor]:
    """Counts by group: offers found, others flagged, and how many there are of each."""
    result = {WHOLE: report.total}
    result |= {f"{part}:{value}": tally for part in GROUPS for value, tally in report.by[part].items()}
    return {
        name: {
            "offers": tally.found + tally.missed,
            "found": tally.found,
            "others": tally.false + tally.right,
            "flagged": tally.false,
        }
        for name, tally in sorted(result.items())
    }


def floors_of(reports: dict[str, Report]) -> Floors:
    """Floors that what was measured allows."""
    result: Floors = {}
    for file, report in reports.items():
        result[file] = {}
        for name, counts in groups(report).items():
            slack = WHOLE_SLACK if name == WHOLE else SLACK
            floor: Floor = {}
            if counts["offers"]:
                floor["found"] = max(0, counts["found"] - slack)
            if counts["others"]:
                floor["flagged"] = min(counts["others"], counts["flagged"] + slack)
            result[file][name] = floor
    return result


def kept(old: Floors, reports: dict[str, Report]) -> Floors:
    """Of each old floor that holds and of what was measured allows the better; of one that is broken what is allowed."""
    result = floors_of(reports)
    for file, named in result.items():
        counts = groups(reports[file])
        for name, floor in named.items():
            before = old.get(file, {}).get(name, {})
            if "found" in floor and floor["found"] < before.get("found", 0) <= counts[name]["found"]:
                floor["found"] = before["found"]
            if "flagged" in floor and counts[name]["flagged"] <= before.get("flagged", -1) < floor["flagged"]:
                floor["flagged"] = before["flagged"]
    return result


def broken(reports: dict[str, Report], floors: Floors) -> list[str]:
    """What lies below its floor, in words: figures only, never a text."""
    lines: list[str] = []
    for file, named in floors.items():
        counts = groups(reports[file])
        for name, floor in named.items():
            have = counts.get(name, {"offers": 0, "found": 0, "others": 0, "flagged": 0})
            if have["found"] < floor.get("found", 0):
                lines.append(f"{file} {name}: {have['found']} of {have['offers']} offers found, floor {floor['found']}")
            if have["flagged"] > floor.get("flagged", have["flagged"]):
                lines.append(
                    f"{file} {name}: {have['flagged']} of {have['others']} others flagged, at most {floor['flagged']}"
                )
    return lines


def lowered(old: Floors, new: Floors) -> list[str]:
    """Floors that ``new`` sets lower than ``old``, or leaves out."""
    lines: list[str] = []
    for file, named in old.items():
        for name, floor in named.items():
            now = new.get(file, {}).get(name, {})
            for key, worse in (("found", -1), ("flagged", 1)):
                if key in floor and (key not in now or (now[key] - floor[key]) * worse > 0):
                    lines.append(f"{file} {name}: {key} {floor[key]} → {now.get(key)}")
    return lines


def seal(floors: Floors, history: list[dict[str, Any]]) -> str:
    """Digest of the floors and of the record of their lowering: a floor changed by hand breaks it."""
    body = json.dumps([floors, history], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


def load() -> tuple[Floors, list[dict[str, Any]], str]:
    """Floors, record of lowerings and seal, as the file has them."""
    body = json.loads(FLOORS.read_text(encoding="utf-8"))
    return body["floors"], body["lowered"], body["seal"]


def save(floors: Floors, history: list[dict[str, Any]], version: str) -> None:
    """Write the file with a fresh seal."""
    body = {
        "texts": {name: digest(name) for name in FILES},
        "classifier_version": version,
        "lowered": history,
        "seal": seal(floors, history),
        "floors": floors,
    }
    FLOORS.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
