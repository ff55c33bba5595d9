"""What a flagged listing shows that can link it: contacts, wording, pictures, credit code; as values of 63 bits.

Wording: the folded text without contacts, digits and names of places, its three-character shingles under MinHash
(rensa). Six bands of four permutations are ``text`` (of texts half alike one in three shares one, of texts four fifths
alike nearly all), five of twelve ``long_text``, of texts of LONG characters or more. A band is a value like
any other: those who hold it are linked or not, whoever came first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from rensa import RMinHash  # type: ignore[import-untyped]

from adwatch.search.keys import contact_key
from adwatch.store.subject_due import Said
from adwatch.store.subject_marks import Mark
from adwatch.tables.links import Links, places
from adwatch.text.fold import normal_many

PERMUTATIONS, SEED = 64, 20261128
TEXT_BANDS, TEXT_ROWS = 6, 4
LONG_BANDS, LONG_ROWS = 5, 12
SHORT, LONG = 24, 80
"""Folded characters from which a text is compared at all, and from which it may be enough alone."""
PICTURES = 2
"""Pictures of a listing that are compared: the first."""
_DIGITS = re.compile(r"\d+")

Picture = Callable[[str], str | None]
"""Perceptual hash of a picture by its address, where its bytes were kept."""


def account_key(version: Said) -> bytes:
    """16-byte key of the shop or account; of the listing itself where it names none."""
    named = f"{version.platform}\0seller\0{version.seller_id}" if version.seller_id else f"listing\0{version.key.hex()}"
    return hashlib.sha256(named.encode("utf-8", "replace")).digest()[:16]


def marks(versions: Sequence[Said], rules: Links, secret: bytes, picture: Picture) -> list[list[Mark]]:
    """Marks of each version."""
    texts = [comparable(version) for version in versions]
    digests = digests_of(texts, SHORT)
    found = []
    for version, text, digest in zip(versions, texts, digests, strict=True):
        single = _single(version, rules, secret, picture)
        if digest:
            single["text"] = [(f"{at}:{band}", None) for at, band in _bands(digest, TEXT_BANDS, TEXT_ROWS)]
            if len(text) >= LONG:
                single["long_text"] = [(f"{at}:{band}", None) for at, band in _bands(digest, LONG_BANDS, LONG_ROWS)]
        found.append(list(_marks(version.listing_id, single, rules)))
    return found


def comparable(version: Said) -> str:
    """The text that is compared: letters only, without what templates differ in."""
    return letters(f"{version.title}\n{version.text}", [(start, end) for _, _, start, end, _ in version.contacts])


def letters(text: str, contacts: Iterable[tuple[int, int]]) -> str:
    """A text in the search fold without contacts (begin, end), digits and names of places."""
    raw = list(text)
    for start, end in contacts:
        raw[start:end] = " " * (end - start)
    return places().sub("", _DIGITS.sub("", normal_many(["".join(raw)])[0]))


def digests_of(texts: Sequence[str], shortest: int) -> list[list[int]]:
    """MinHash digests of PERMUTATIONS numbers over three-character shingles; empty for texts that are too short."""
    shingled = [[text[at : at + 3] for at in range(len(text) - 2)] for text in texts if len(text) >= shortest]
    rows = iter(RMinHash.digest_matrix_from_token_sets(shingled, PERMUTATIONS, SEED).to_rows() if shingled else ())
    return [next(rows) if len(text) >= shortest else [] for text in texts]


def _bands(digest: Sequence[int], bands: int, rows: int) -> Iterable[tuple[int, str]]:
    for at in range(bands):
        yield at, ",".join(map(str, digest[at * rows : (at + 1) * rows]))


Shown = Mapping[str, Sequence[tuple[str, str | None]]]


def _single(version: Said, rules: Links, secret: bytes, picture: Picture) -> dict[str, list[tuple[str, str | None]]]:
    """(raw value, what may be shown of it) by kind."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for kind, value, _, _, masked in version.contacts:
        counts_as = rules.contact_kind(value) if kind != "id_number" else None
        if counts_as is not None:
            found.setdefault(counts_as, []).append((contact_key(secret, value), masked))
    if version.uscc and len(version.uscc.strip()) == 18:
        code = version.uscc.strip().upper()
        found["company"] = [(code, code)]
    for address in version.images[:PICTURES]:
        found.setdefault("image", []).append((picture(address) or address.partition("?")[0], None))
    return found


def _marks(listing: int, single: Shown, rules: Links) -> Iterable[Mark]:
    for name in rules.kinds:
        first, plus, second = name.partition("+")
        for raw, shown in dict(single.get(first, ())).items():
            if not plus:
                yield Mark(_value(name, raw), name, listing, shown)
                continue
            for other, _ in dict(single.get(second, ())).items():
                yield Mark(_value(name, f"{raw}\0{other}"), name, listing, shown)


def _value(kind: str, raw: str) -> int:
    digest = hashlib.blake2b(f"{kind}\0{raw}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def contact_keys(version: Said, secret: bytes) -> set[str]:
    """Contact keys of a version, for the tags of its case; personal numbers are no contacts."""
    return {contact_key(secret, value) for kind, value, *_ in version.contacts if kind != "id_number"}
