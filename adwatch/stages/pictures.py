"""What pictures add to a listing's verdict: each picture's words are judged by themselves, and the strongest speaks.

Harmless words in a picture therefore never make an offer in the text weaker, nor a harmless text one in a picture; but
a swindler's poster under a victim's warning is a quotation: what the text beside it clears is left to a person.
Where neither is flagged alone, both are judged together (``together.py``): sellers write one half here and one there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adwatch.models import Contact, Evidence, PictureFinding, Verdict
from adwatch.ports import Judge
from adwatch.stages.together import LONGEST, Whole, under, wholes
from adwatch.store.listings import StoredVersion
from adwatch.store.picture_rows import PictureText

RANK = {"clear": 0, "review": 1, "flagged": 2}
CODE_SCORE = 0.9
"""Score of a false look-up that a code or a printed address leads to."""


def with_pictures(
    judge: Judge, versions: Sequence[StoredVersion], verdicts: Sequence[Verdict], texts: Mapping[int, list[PictureText]]
) -> list[Verdict]:
    """The verdicts of versions with those of their pictures joined in."""
    shown = [each for version in versions for each in texts.get(version.id, ())]
    if not shown:
        return list(verdicts)
    own = {version.id: (version, verdict) for version, verdict in zip(versions, verdicts, strict=True)}
    found = _judged(judge, shown)
    framed = _in_frame(judge, own, shown, found)
    for at, reason in framed.items():
        found[at] = replace(found[at], band="review", reason=reason)
    judged = dict(zip(((each.version_id, each.sha256) for each in shown), found, strict=True))
    of = {id_: [(each, judged[id_, each.sha256]) for each in pictures] for id_, pictures in texts.items()}
    apart = [joined(verdict, of.get(version.id, [])) for version, verdict in zip(versions, verdicts, strict=True)]
    quoting = {shown[at].version_id for at in framed}
    doubtful = [
        version
        for version, verdict in zip(versions, apart, strict=True)
        if verdict.band != "flagged" and version.id not in quoting
    ]
    said = wholes(judge, doubtful, texts)
    return [
        _as_one(own, verdict, said[version.id], of[version.id]) if version.id in said else verdict
        for version, own, verdict in zip(versions, verdicts, apart, strict=True)
    ]


def _as_one(own: Verdict, apart: Verdict, whole: Whole, pictures: Sequence[tuple[PictureText, Verdict]]) -> Verdict:
    """What text and pictures say together, where that is more than what they say apart; contacts stay where found."""
    if RANK[whole.verdict.band] <= RANK[apart.band]:
        return apart
    parts = [(shown, _with_share(mine, whole, shown.sha256)) for shown, mine in pictures]
    findings = tuple(_finding(shown, mine) for shown, mine in parts if mine.band != "clear" or mine.contacts)
    return replace(whole.verdict, contacts=own.contacts, pictures=findings)


def _with_share(mine: Verdict, whole: Whole, sha256: str) -> Verdict:
    """A picture's own verdict, or its part in the whole; offsets count an absent title's line end."""
    share = whole.pictures.get(sha256)
    if share is None:
        return mine
    evidence = tuple(replace(each, start=each.start + 1, end=each.end + 1) for each in share)
    return replace(mine, band=whole.verdict.band, score=whole.verdict.score, evidence=evidence)


def _judged(judge: Judge, shown: Sequence[PictureText]) -> list[Verdict]:
    """Verdicts on pictures' words; a code that leads to a false look-up makes an offer of it, whatever is written."""
    found = judge.judge([(None, each.text[:LONGEST]) for each in shown])
    return [_with_codes(verdict, each) for verdict, each in zip(found, shown, strict=True)]


def _in_frame(
    judge: Judge,
    own: Mapping[int, tuple[StoredVersion, Verdict]],
    shown: Sequence[PictureText],
    judged: Sequence[Verdict],
) -> dict[int, str]:
    """Pictures flagged by their words alone, under a text that clears both read together: their places, and why.

    A contact in the picture keeps it flagged, as a live contact does outside a quotation, and so does a code's finding.
    """
    asked = [
        at
        for at, (each, mine) in enumerate(zip(shown, judged, strict=True))
        if mine.band == "flagged" and not mine.contacts and own[each.version_id][1].band == "clear"
        if all(code["verdict"] != "finding" for code in each.codes)
    ]
    versions = [own[shown[at].version_id][0] for at in asked]
    texts = [(version.title, under(version.text, [shown[at]])) for version, at in zip(versions, asked, strict=True)]
    wholes_of = zip(asked, judge.judge(texts), strict=True)
    return {at: whole.reason or "uncertain" for at, whole in wholes_of if whole.band == "clear"}


def _with_codes(verdict: Verdict, shown: PictureText) -> Verdict:
    kinds = tuple(dict.fromkeys(code["kind"] for code in shown.codes if code["verdict"] == "finding"))
    if not kinds:
        return verdict
    if verdict.band == "flagged":
        return replace(verdict, offer_types=tuple(dict.fromkeys((*verdict.offer_types, *kinds))))
    return replace(verdict, band="flagged", score=max(verdict.score, CODE_SCORE), offer_types=kinds, reason=kinds[0])


def joined(verdict: Verdict, pictures: Sequence[tuple[PictureText, Verdict]]) -> Verdict:
    """A text's verdict with those of the pictures: the strongest speaks; of those alike, all offers are named."""
    findings = tuple(_finding(shown, mine) for shown, mine in pictures if mine.band != "clear" or mine.contacts)
    if not findings:
        return verdict
    best = max((mine for _, mine in pictures), key=lambda mine: (RANK[mine.band], mine.score))
    if RANK[best.band] > RANK[verdict.band]:
        own = verdict.evidence if verdict.band != "clear" else ()
        verdict = replace(best, evidence=own, contacts=verdict.contacts)
    elif verdict.band == "flagged":
        also = [mine for _, mine in pictures if mine.band == "flagged"]
        verdict = replace(
            verdict,
            score=max(verdict.score, *(mine.score for mine in also), 0.0),
            scope=max(filter(None, (verdict.scope, *(mine.scope for mine in also))), default=None),
            offer_types=_all(verdict.offer_types, [mine.offer_types for mine in also]),
            certificate_kinds=_all(verdict.certificate_kinds, [mine.certificate_kinds for mine in also]),
            basis=_all(verdict.basis, [mine.basis for mine in also]),
        )
    return replace(verdict, pictures=findings)


def _all(first: tuple[str, ...], others: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *(each for other in others for each in other))))


def _finding(shown: PictureText, verdict: Verdict) -> PictureFinding:
    """Offsets in the picture's own words: those of the verdict count an absent title's line end."""
    why = tuple("；".join(code["why"]) for code in shown.codes if code["verdict"] == "finding")
    evidence = tuple(_moved(each) for each in verdict.evidence)
    contacts = tuple(_moved_contact(each) for each in verdict.contacts)
    return PictureFinding(shown.sha256, shown.text[:LONGEST], verdict.band, verdict.score, evidence, contacts, why)


def _moved(found: Evidence) -> Evidence:
    return replace(found, start=max(0, found.start - 1), end=max(0, found.end - 1))


def _moved_contact(found: Contact) -> Contact:
    return replace(found, start=max(0, found.start - 1), end=max(0, found.end - 1))
