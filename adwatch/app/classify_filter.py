"""The filter ``adwatch classify``: JSON lines in, a verdict a line out, in order; a bad line is answered too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import orjson

from adwatch.app.office import Office
from adwatch.models import Verdict
from adwatch.ports import Judge
from adwatch.settings import load_settings
from adwatch.text import clean

CHUNK = 1 << 20


def line_batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Whole lines as they arrive, so that a caller who waits for each answer gets it."""
    rest = b""
    read = getattr(stream, "read1", stream.read)
    while chunk := read(CHUNK):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        if lines:
            yield lines
    if rest:
        yield [rest]


def parse_line(line: bytes) -> dict[str, Any]:
    """The object of a line; ValueError says what is wrong with it."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as strict:
        try:
            row = json.loads(line)  # lone surrogates are refused by the strict parser
        except (ValueError, RecursionError) as error:
            raise ValueError(f"no JSON: {strict if isinstance(error, ValueError) else 'nested too deep'}") from error
    if not isinstance(row, dict):
        raise ValueError('no JSON object; write {"id": ..., "title": ..., "text": ...}')
    for name in ("title", "text"):
        if row.get(name) is not None and not isinstance(row[name], str):
            raise ValueError(f"{name} is no text")
    if row.get("title") is None and row.get("text") is None:
        raise ValueError("neither title nor text")
    return row


def verdict_row(identifier: object, verdict: Verdict) -> dict[str, Any]:
    """A verdict as the contract has it."""
    return {
        "id": identifier,
        "flagged": verdict.band == "flagged",
        "band": verdict.band,
        "reason": verdict.reason,
        "scope": verdict.scope,
        "offer_types": verdict.offer_types,
        "certificate_kinds": verdict.certificate_kinds,
        "score": round(verdict.score, 4),
        "tier": verdict.tier,
        "evidence": [
            {"start": e.start, "end": e.end, "surface": e.surface, "keyword": e.keyword, "list": e.list, "fold": e.fold}
            for e in verdict.evidence
        ],
        "contacts": [{"kind": c.kind, "start": c.start, "end": c.end, "masked": c.masked} for c in verdict.contacts],
        "basis": verdict.basis,
    }


def filter_lines(judge: Judge, lines: Sequence[bytes], first_number: int) -> Iterator[tuple[dict[str, Any], bool]]:
    """Answers to lines, in order, with whether the line was good; blank lines have none."""
    answers: list[dict[str, Any] | None] = []
    asked: list[tuple[int, object]] = []
    texts: list[tuple[str | None, str | None]] = []
    for number, line in enumerate(lines, first_number):
        if not line.strip():
            continue
        try:
            row = parse_line(line)
        except ValueError as error:
            answers.append({"id": None, "line": number, "error": str(error)})
            continue
        asked.append((len(answers), row.get("id")))
        answers.append(None)
        title, text = row.get("title"), row.get("text")
        texts.append((title if title is None else clean(title), text if text is None else clean(text)))
    verdicts = judge.judge(texts)
    for (place, identifier), verdict in zip(asked, verdicts, strict=True):
        answers[place] = verdict_row(identifier, verdict)
    for answer in answers:
        if answer is not None:
            yield answer, "error" not in answer


def answered(judge: Judge, lines: Sequence[bytes], number: int) -> tuple[bytes, bool]:
    """The answers to lines as they are written, and whether one of the lines was bad."""
    found = list(filter_lines(judge, lines, number))
    written = b"".join(orjson.dumps(answer, default=str) + b"\n" for answer, _ in found)
    return written, not all(good for _, good in found)


def run_filter(stdin: BinaryIO, stdout: BinaryIO) -> bool:
    """Run to the end of the input; True if a line was bad."""
    judge: Judge = Office(load_settings()).judge
    number, any_bad = 1, False
    for lines in line_batches(stdin):
        written, bad = answered(judge, lines, number)
        stdout.write(written)
        stdout.flush()
        any_bad |= bad
        number += len(lines)
    return any_bad
