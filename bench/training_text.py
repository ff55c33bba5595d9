"""What the training text is like: ``python -m bench training_text``.

Offers by class, family and group of genres, with the cells that are empty; near duplicates (written rows whose sets of
runs of four characters agree to NEAR or more, by MinHash: Broder, "On the resemblance and containment of documents",
1997); rows by writer. How much a writer's offers would be found unseen is said by ``python -m classifiers.train
--holdout``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from adwatch.tables import families
from classifiers.analysis import join
from classifiers.arrays import codes
from classifiers.folds import Folds
from classifiers.offers import OFFER_CLASSES
from classifiers.train_rows import ORDINARY, load

NEAR = 0.7
HASHES, BANDS = 64, 16
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("chat", ("chat", "sms", "moments", "message", "barrage", "nickname", "wechat_", "group")),
    (
        "reply",
        ("comment", "reply", "qa", "answer", "question", "review", "forum", "tieba", "zhihu", "microblog", "weibo"),
    ),
    ("video", ("video", "live", "caption", "voice", "transcript", "stream")),
    ("listing", ("listing", "classified", "price", "second", "product", "ad", "flyer", "card", "shop", "service")),
    ("page", ()),
)
"""Genres by parts of their names, first match; ``page`` is all that is read like a page: articles, sites, letters."""


def group(genre: str) -> str:
    """The group of a genre."""
    return next((name for name, parts in GROUPS if any(part in genre for part in parts)), GROUPS[-1][0])


def signatures(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """MinHash of each text, one line a text."""
    folds = Folds()
    chance = np.random.default_rng(7)
    factors = chance.integers(1, 1 << 62, HASHES, dtype=np.uint64) | np.uint64(1)
    lines = []
    for text in texts:
        chars = codes(folds.fold(text)).astype(np.uint64)
        chars = np.concatenate((chars, np.zeros(max(0, 4 - len(chars)), dtype=np.uint64)))
        shingles = sum((chars[at : len(chars) - 3 + at] * factors[at] for at in range(4)), np.uint64(0))
        lines.append(
            (shingles[:, None] * factors[None, :] >> np.uint64(20)).min(axis=0, initial=np.iinfo(np.uint64).max)
        )
    return np.stack(lines)


def near_duplicates(texts: Sequence[str]) -> int:
    """How many texts are a near duplicate of an earlier one."""
    marks = signatures(texts)
    seen: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    near = 0
    width = HASHES // BANDS
    for number, line in enumerate(marks):
        keys = [(band, line[band * width : (band + 1) * width].tobytes()) for band in range(BANDS)]
        others = {other for key in keys for other in seen[key]}
        near += any(float((marks[other] == line).mean()) >= NEAR for other in others)
        for key in keys:
            seen[key].append(number)
    return near


def main() -> None:
    """Print the tables."""
    rows = [(writer, row) for writer, row in load() if writer != ORDINARY]
    writers: dict[str, Counter[str]] = defaultdict(Counter)
    cells: Counter[tuple[str, str, str]] = Counter()
    for writer, row in rows:
        writers[writer][str(row["label"])] += 1
        for kind in row["offer_types"]:  # type: ignore[attr-defined]
            for family in row["families"]:  # type: ignore[attr-defined]
                cells[kind, family, group(str(row["genre"]))] += 1
    print(f"{'writer':10}{'offers':>8}{'not':>8}")
    for writer, count in sorted(writers.items(), key=lambda item: int(item[0][1:])):
        print(f"{writer:10}{count['offer']:8}{count['not_offer']:8}")
    names = [name for name, _ in GROUPS]
    print(f"\n{'class':20}{'family':22}" + "".join(f"{name:>9}" for name in names))
    for kind in OFFER_CLASSES:
        for family in families():
            counts = [cells[kind.id, family, name] for name in names]
            print(f"{kind.id:20}{family:22}" + "".join(f"{count:9}" for count in counts))
    empty = [(k.id, f, name) for k in OFFER_CLASSES for f in families() for name in names if not cells[k.id, f, name]]
    print(f"\nempty cells: {len(empty)} of {len(OFFER_CLASSES) * len(families()) * len(names)} {empty or ''}")
    texts = [join(str(row["title"]), str(row["text"])) for _, row in rows]
    near = near_duplicates(texts)
    print(
        f"near duplicates (>= {NEAR:.0%} of their runs of four alike): {near} of {len(texts)}, {near / len(texts):.2%}"
    )


if __name__ == "__main__":
    main()
