"""Pictures of listings: what is found in them that the text does not say, and pictures a second on one core.

``python -m bench pictures [--every N]`` draws the rows of ``tests/pictures/world`` (by a writer who saw neither lists
nor classifier), reads them, and judges text and picture apart and joined; then it reads each again as JPEG and as a
smaller copy to see whether copies are known, and says where the time goes.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from PIL import Image

from adwatch.models import Verdict
from adwatch.pictures.copies import is_copy
from adwatch.pictures.opened import open_picture
from adwatch.pictures.reading import Reader, reader_version
from adwatch.stages.pictures import with_pictures
from adwatch.store.listings import StoredVersion
from adwatch.store.picture_rows import PictureText
from classifiers.judge import OfferJudge
from classifiers.sites.codes import CodeJudge
from tests.pictures.drawing import draw, encoded

WORLD = Path(__file__).parent.parent / "tests" / "pictures" / "world"
DAY = date(2026, 11, 20)
NEAR = 6


def rows(name: str, every: int) -> list[dict[str, Any]]:
    """Each so-many-th row of a set."""
    return [json.loads(line) for line in (WORLD / name).read_text(encoding="utf-8").splitlines()][::every]


def told(name: str, verdicts: Sequence[Verdict], offers: Sequence[bool]) -> None:
    """Recall and false alarms: flagged alone, and with what is left to a person."""
    for label, bands in (("flagged", {"flagged"}), ("flagged or review", {"flagged", "review"})):
        hit = [verdict.band in bands for verdict in verdicts]
        found = sum(mine for mine, offer in zip(hit, offers, strict=True) if offer)
        false = sum(mine for mine, offer in zip(hit, offers, strict=True) if not offer)
        print(f"{name}, {label}: {found} of {sum(offers)} offers, {false} of {len(offers) - sum(offers)} harmless")


def main() -> int:
    """Print the figures."""
    options = argparse.ArgumentParser()
    options.add_argument("--every", type=int, default=1, help="read each so-many-th row only")
    every = options.parse_args().every
    reader, judge, codes = Reader.load(), OfferJudge.load(), CodeJudge()
    print(reader_version())
    shown, coded = rows("pictures.jsonl", every), rows("codes.jsonl", every)
    bodies = [draw(row) for row in shown]
    begun, spent = time.perf_counter(), time.process_time()
    texts = [reader.read(body).text for body in bodies]
    seconds, busy = time.perf_counter() - begun, time.process_time() - spent
    offers = [bool(row["offer"]) for row in shown]
    told("text alone", judge.judge([(row["title"], row["text"]) for row in shown]), offers)
    told("picture", judge.judge([(None, text) for text in texts]), offers)
    told("text with picture", joined(judge, shown, texts), offers)
    halves = rows("split.jsonl", every)
    written = ["\n".join(row["picture_lines"]) for row in halves]
    split = [bool(row["offer"]) for row in halves]
    told("split, text alone", judge.judge([(row["title"], row["text"]) for row in halves]), split)
    told("split, picture alone", judge.judge([(None, text) for text in written]), split)
    told("split, words as written", joined(judge, halves, written), split)
    told("words as written", judge.judge([(None, "\n".join(row["lines"])) for row in shown]), offers)
    clock = reader.ocr.seconds
    rate, each = len(shown) / seconds, busy / len(shown)
    found, recognised = clock.detection / seconds, clock.recognition / seconds
    print(f"{len(shown)} pictures in {seconds:.1f} s: {rate:.2f} a second, {each:.2f} s of the processor each")
    print(f"  share in OCR {found + recognised:.2f} (detection {found:.2f}, recognition {recognised:.2f})")
    wrong = []
    for row in coded:
        said = reader.read(draw(row))
        verdicts = [codes.judge(code.how, code.content, said.text, DAY).verdict for code in said.codes]
        if ("finding" in verdicts) != row["finding"]:
            wrong.append(row["id"])
    findings = sum(row["finding"] for row in coded)
    right = sum(row["finding"] for row in coded if row["id"] not in wrong)
    false = sum(not row["finding"] for row in coded if row["id"] in wrong)
    print(f"codes: {right} of {findings} findings, {false} of {len(coded) - findings} ordinary; wrong: {wrong}")
    copies(bodies)
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0


def joined(judge: OfferJudge, shown: Sequence[dict[str, Any]], texts: Sequence[str]) -> list[Verdict]:
    """Verdicts of listings with the words of their pictures, as the day's stage gives them."""
    versions = [StoredVersion(at, at, row["title"], row["text"], str(DAY)) for at, row in enumerate(shown)]
    pictures = {at: [PictureText(at, "", "", words, (), (), 1, 1, 1)] for at, words in enumerate(texts)}
    own = judge.judge([(version.title, version.text) for version in versions])
    return with_pictures(judge, versions, own, pictures)


def copies(bodies: Sequence[bytes]) -> None:
    """Whether copies are known as such, and how many other pictures are taken for copies."""
    opened = [open_picture(body) for body in bodies]
    known = tried = 0
    for body, one in zip(bodies, opened, strict=True):
        page = Image.open(io.BytesIO(body)).convert("RGB")
        small = page.resize((page.width * 4 // 5, page.height * 4 // 5), Image.Resampling.LANCZOS)
        for copy in map(open_picture, (encoded(page, "JPEG", 75), encoded(small, "JPEG", 85))):
            near = (int(copy.phash, 16) ^ int(one.phash, 16)).bit_count() <= NEAR
            known, tried = known + (near and is_copy(one.pixels, copy.pixels)), tried + 1
    every = [(one, other) for at, one in enumerate(opened) for other in opened[at + 1 :]]
    pairs = [(one, other) for one, other in every if (int(one.phash, 16) ^ int(other.phash, 16)).bit_count() <= NEAR]
    false = sum(is_copy(one.pixels, other.pixels) for one, other in pairs)
    print(f"copies (JPEG 75; 0.8 of the size as JPEG 85): {known} of {tried} known")
    print(f"other pictures taken for copies: {false} of {len(pairs):,} pairs whose hashes are alike")


if __name__ == "__main__":
    raise SystemExit(main())
