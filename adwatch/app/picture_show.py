"""What may be shown of a picture: masked words with boxes, where codes lead, what its certificate numbers say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
from adwatch.casework.shown import masked, printable
from adwatch.errors import UsageError
from adwatch.models import Contact
from adwatch.pictures.opened import BYTES, WORDS, PictureRefused
from adwatch.pictures.reading import Reader, missing
from adwatch.tables.certificates import Certificates
from classifiers.sites.codes import CodeJudge

Row = dict[str, Any]
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:T?[0-9](?:[ -]?[0-9]){16}[0-9Xx]|TS6[0-9A-Z]{9})(?![0-9A-Za-z])")
_BUILDER = re.compile(r"[\u4e00-\u9fff](?:[A-Z][0-9]{12}|建安[ABC][123]?[(（]20[0-9]{2}[)）][0-9]{7})(?![0-9])")
CODE_WORDS = {
    "finding": "疑似仿冒查询",
    "official": "官方",
    "official_once": "曾为官方",
    "ordinary": "普通",
    "other": "其他网址",
}
HOW = {"qr": "二维码", "barcode": "条形码", "printed": "印刷网址"}


def numbers(text: str, day: date, forms: Certificates) -> list[Row]:
    """Certificate numbers in a text, validated by their form and check digits as of a day, and masked."""
    found: dict[str, Row] = {}
    for match in (*_NUMBER.finditer(text), *_BUILDER.finditer(text)):
        said = forms.read(match[0], day)
        if said.form is None:
            continue
        row = {"masked": said.masked, "label": said.label, "word": said.word, "reasons": list(said.reasons)}
        found.setdefault(match[0], {**row, "start": match.start(), "end": match.end()})
    return list(found.values())


def covered(text: str, contacts: Sequence[Contact], given: Sequence[Row]) -> str:
    """The text, masked at the same length: contacts, personal numbers, certificate numbers."""
    chars = list(masked(text, contacts))
    for each in given:
        bare = each["end"] - each["start"]
        chars[each["start"] : each["end"]] = each["masked"][:bare].ljust(bare, "*")
    return "".join(chars)


def code_rows(codes: Sequence[Mapping[str, Any]], mask: bool = True) -> Iterator[Row]:
    """Codes as they may be shown: what is no address may be a person's, and is told by its kind only."""
    for code in codes:
        content = (
            code["content"] if code["host"] or not mask else f"（{code['why'][0] if code['why'] else '不是网址'}）"
        )
        labels = {"how_label": HOW[code["how"]], "verdict_label": CODE_WORDS[code["verdict"]]}
        yield {**code, **labels, "content": printable(content)[:300]}


def show_file(office: Office, file: Path, day: str) -> Row:
    """Read a picture file; a UsageError says what is wrong with it."""
    lacking = missing()
    if lacking:
        raise UsageError(f"pictures are not read: {lacking}")
    try:
        with file.open("rb") as handle:
            body = handle.read(BYTES + 1)
        found = Reader.load().read(body)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    except PictureRefused as error:
        raise UsageError(f"{file}: {WORDS[error.word]}: {error}") from error
    when = date.fromisoformat(day)
    [verdict] = office.judge_on(day).judge([("", found.text)])
    contacts = [Contact(c.kind, c.start - 1, c.end - 1, c.value, c.masked) for c in verdict.contacts]
    given = numbers(found.text, when, Certificates(office.settings.data))
    text = covered(found.text, contacts, given)
    judge = CodeJudge(office.settings.data)
    codes = []
    for code in found.codes:
        judged = judge.judge(code.how, code.content, found.text, when)
        about = {"verdict": judged.verdict, "host": judged.host, "why": list(judged.why)}
        codes.append({"how": code.how, "format": code.format, "content": code.content, "box": code.box, **about})
    return {
        "sha256": found.sha256,
        "format": found.format,
        "width": found.width,
        "height": found.height,
        "band": verdict.band,
        "score": verdict.score,
        "offer_types": verdict.offer_types,
        "lines": [{"text": printable(text[s.start : s.end]), "score": s.score, "box": s.box} for s in found.spans],
        "codes": list(code_rows(codes)),
        "numbers": [{k: v for k, v in each.items() if k not in ("start", "end")} for each in given],
    }
