"""A listing's text and the words of its pictures judged as one text: what is split is found by neither alone.

It counts only where it says more than the parts apart, and only with evidence both in the text and in a picture: words
that are harmless in their own place are not made an offer by being read one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adwatch.models import Evidence, Verdict
from adwatch.ports import Judge
from adwatch.store.listings import StoredVersion
from adwatch.store.picture_rows import PictureText

LONGEST = 4000
"""Characters of a picture's words that are judged."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What text and pictures say together, each part with its own evidence."""

    verdict: Verdict
    """With the evidence that stands in title and text, in their offsets."""
    pictures: Mapping[str, tuple[Evidence, ...]]
    """Evidence by the digest of the picture, in offsets of its words; pictures without any left out."""


def wholes(
    judge: Judge, versions: Sequence[StoredVersion], shown: Mapping[int, Sequence[PictureText]]
) -> dict[int, Whole]:
    """By version id, what its text and its pictures say together, where both have a part in it.

    Two readings are tried: title, text and pictures, and title and pictures without a text that may be long and about
    something else; the stronger one is kept.
    """
    asked = [
        (version, pictures, text)
        for version in versions
        if (pictures := [each for each in shown.get(version.id, ()) if each.text.strip()])
        for text in dict.fromkeys((version.text, None))
        if (version.title or "").strip() or (text or "").strip()
    ]
    found: dict[int, Whole] = {}
    judged = judge.judge([(version.title, under(text, pictures)) for version, pictures, text in asked])
    for (version, pictures, text), verdict in zip(asked, judged, strict=True):
        whole = _parted(verdict, len(version.title or ""), text, pictures)
        before = found.get(version.id)
        if whole is not None and (before is None or whole.verdict.score > before.verdict.score):
            found[version.id] = whole
    return found


def under(text: str | None, pictures: Sequence[PictureText]) -> str:
    """A listing's text with the words of its pictures below it."""
    return "\n".join((*([text] if text is not None else []), *(each.text[:LONGEST] for each in pictures)))


def _parted(verdict: Verdict, title: int, text: str | None, pictures: Sequence[PictureText]) -> Whole | None:
    """The verdict with its evidence given back to the parts; None where it does not stand on both."""
    at = title + 1 + (len(text) + 1 if text is not None else 0)
    own = tuple(each for each in verdict.evidence if each.end < at)
    shares: dict[str, tuple[Evidence, ...]] = {}
    for picture in pictures:
        length = min(len(picture.text), LONGEST)
        inside = [each for each in verdict.evidence if at <= each.start and each.end <= at + length]
        if inside:
            shares[picture.sha256] = tuple(replace(e, start=e.start - at, end=e.end - at) for e in inside)
        at += length + 1
    if verdict.band == "clear" or not own or not shares:
        return None
    return Whole(replace(verdict, evidence=own), shares)
