"""A case's pictures for the console: masked words, codes, numbers; the picture with boxes round what was found."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from adwatch.app.office import Office
from adwatch.app.picture_show import code_rows, covered, numbers
from adwatch.archive import read_body
from adwatch.casework import marked, unmasking
from adwatch.errors import UsageError
from adwatch.models import Actor, PictureFinding
from adwatch.pictures.opened import open_picture
from adwatch.pictures.reading import Span, boxes
from adwatch.store.captures import capture_by_id
from adwatch.store.cases import case_by_id
from adwatch.store.engine import reading
from adwatch.store.picture_rows import PictureText, any_gone_through, picture_texts
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.tables.certificates import Certificates

Row = dict[str, Any]
COLOURS = {"hit": "#d00000", "contact": "#0050d0", "code": "#008040"}
"""Of boxes: what was found, contacts, codes."""


def of_case(office: Office, case_id: int) -> dict[str, list[Row]]:
    """Pictures by listing id, of the version that offered; those that say something first. Everything is masked."""
    forms = Certificates(office.settings.data)
    found: dict[str, list[Row]] = {}
    for view, shown in _shown(office, case_id):
        findings = {each.sha256: each for each in view.verdict.pictures} if view.verdict else {}
        rows = [_row(each, findings.get(each.sha256), forms, view.day) for each in shown]
        found[view.listing.listing_id] = sorted(rows, key=lambda row: -row["score"])
    return found


def _shown(office: Office, case_id: int) -> Iterator[tuple[ListingView, list[PictureText]]]:
    with reading(office.engine) as connection:
        case = case_by_id(connection, case_id) if any_gone_through(connection, case_id) else None
        views = [as_offered(each) for each in versions_of(connection, case["listings"] if case else []).values()]
        texts = picture_texts(connection, [view.version_id for view in views])
    for view in views:
        if texts.get(view.version_id):
            yield view, texts[view.version_id]


def _row(shown: PictureText, finding: PictureFinding | None, forms: Certificates, day: str) -> Row:
    contacts = finding.contacts if finding else ()
    given = numbers(shown.text, date.fromisoformat(day), forms)
    evidence = [_told(each) for each in finding.evidence] if finding else []
    told = [{"kind": each.kind, "start": each.start, "end": each.end} for each in contacts]
    return {
        "sha256": shown.sha256,
        "url": shown.url,
        "width": shown.width,
        "height": shown.height,
        "band": finding.band if finding else "clear",
        "score": finding.score if finding else 0.0,
        "pieces": marked.pieces(covered(shown.text, contacts, given), evidence, told),
        "evidence": evidence,
        "codes": list(code_rows(shown.codes)),
        "numbers": given,
    }


def _told(found: Any) -> Row:
    names = ("start", "end", "surface", "keyword", "list", "fold")
    return {name: getattr(found, name) for name in names}


def picture(office: Office, case_id: int, sha256: str, actor: Actor) -> bytes:
    """A picture of the case as a JPEG with boxes round what was found; raw, so only a short while after ``unmask``."""
    if not unmasking.may_look(office.engine, case_id, actor, office.clock.now()):
        raise UsageError("图片未脱敏：请先写明事由，查看未脱敏内容")
    for view, shown in _shown(office, case_id):
        for each in shown:
            if each.sha256 == sha256:
                findings = {one.sha256: one for one in view.verdict.pictures} if view.verdict else {}
                return _drawn(office, each, findings.get(sha256))
    raise UsageError(f"案件 {case_id}: 没有这张图片")


def _drawn(office: Office, shown: PictureText, finding: PictureFinding | None) -> bytes:
    from PIL import Image, ImageDraw

    capture = capture_by_id(office.engine, shown.capture_id)
    if capture is None:
        raise UsageError("图片没有存档")
    page = Image.fromarray(open_picture(read_body(office.shelf, capture)).pixels)
    pen = ImageDraw.Draw(page)
    for kind, box in places(shown, finding):
        corners = list(zip(box[::2], box[1::2], strict=True))
        pen.line([*corners, corners[0]], fill=COLOURS[kind], width=max(2, max(page.size) // 400))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=88)
    return out.getvalue()


def places(shown: PictureText, finding: PictureFinding | None) -> Iterator[tuple[str, tuple[int, ...]]]:
    """(kind, corners in pixels) of what was found in a picture."""
    spans = [Span(each["start"], each["end"], tuple(each["box"]), each["score"]) for each in shown.spans]
    for kind, stretches in (("hit", finding.evidence), ("contact", finding.contacts)) if finding else ():
        for each in _ordered(stretches):
            yield from ((kind, box) for box in boxes(spans, each.start, each.end))
    yield from (("code", tuple(code["box"])) for code in shown.codes)


def _ordered(stretches: Sequence[Any]) -> list[Any]:
    return sorted(stretches, key=lambda each: (each.start, each.end))
