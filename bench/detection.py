"""How well offers are found, beside what others do, in one run: ``python -m bench detection [SHARED_DATA_DEV]``.

On the frozen sets in tests/frozen (their writers saw neither the lists nor the training text) and, where the folder is
given or lies beside the repository, on the development texts and 150,000 ordinary lines. Near duplicates count once.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.classify import svc
from classifiers.evaluate import lines
from classifiers.judge import OfferJudge
from classifiers.keyword_judge import KeywordJudge
from classifiers.labelled import Labelled, labelled
from tests.classifiers import disguises

ROOT = Path(__file__).parent.parent
BROAD = ("frozen", "floor", "subtle", "fresh", "apart", "unseen", "market", "yard")
"""Each by a writer who was asked for offers and not-offers of every kind."""
HARD = ("wordless", "places", "everyday", "mass")
"""By writers who were asked for what is hard only: no trigger word, odd places, everyday words beside an offer's."""
SETS = BROAD + HARD
OFFICIAL = (
    "government_notice", "official_notice", "industry_notice", "disciplinary_notice", "notice_paragraph",
    "news_story", "news", "news_headline", "news_brief", "traffic_news", "exam_news", "policy_news", "accident_report",
    "police_report", "prosecutor_case", "court_case", "court_ruling", "court_news", "ruling_news",
    "notice", "police", "court", "warning", "press", "regulator", "penalty", "policereport",
    "anti_fraud_warning", "anti_fraud", "anti_fraud_script", "platform_rule", "moderation_list", "moderation_training",
)  # fmt: skip
WAYS = (
    disguises.separators, disguises.invisible, disguises.emoji, disguises.traditional, disguises.fullwidth,
    disguises.homophones, disguises.lookalikes, disguises.pinyin, disguises.initials, disguises.split_characters,
    disguises.digits, disguises.swapped, disguises.padded,
)  # fmt: skip
Flags = Callable[[Sequence[tuple[str, str]]], list[bool]]


def judged(judge: OfferJudge | KeywordJudge) -> Flags:
    """Flags of a judge."""
    return lambda pairs: [verdict.band == "flagged" for verdict in judge.judge(list(pairs))]


def usual() -> Flags:
    """jieba + TF-IDF + linear SVC, trained on our training text."""
    predict = svc()
    return lambda pairs: [bool(flag) for flag in predict([f"{title}\n{text}" for title, text in pairs])]  # type: ignore[attr-defined]


def share(flags: Sequence[bool]) -> float:
    """Share of true ones."""
    return sum(flags) / max(1, len(flags))


def rows_of(flags: Flags, rows: Sequence[Labelled]) -> dict[str, str]:
    """The figures on labelled texts."""
    found = flags([(row.title, row.text) for row in rows])
    pairs = list(zip(rows, found, strict=True))
    hits = sum(flag and row.offer for row, flag in pairs)
    flagged, offers = sum(found), sum(row.offer for row in rows)
    safety = [flag for row, flag in pairs if row.offer and row.scope == "safety_production"]
    official = [flag for row, flag in pairs if row.genre in OFFICIAL and not row.offer]
    result = {
        "F1 over all offers": f"{2 * hits / max(1, flagged + offers):.3f}",
        "recall of safety-production offers": f"{share(safety):.3f} of {len(safety)}",
        "precision": f"{hits / max(1, flagged):.3f}",
        "not-offers flagged": f"{share([flag for row, flag in pairs if not row.offer]):.1%}",
    }
    if official:
        result["notices, news, cases, warnings flagged"] = f"{sum(official)} of {len(official)}"
    return result


def disguise_rows(flags: Flags, rows: Sequence[Labelled]) -> dict[str, str]:
    """Points of recall lost to each disguise of offers found as written."""
    plain = [(row.title, row.text) for row in rows if row.offer and row.disguise == "none"]
    kept = [pair for pair, flag in zip(plain, flags(plain), strict=True) if flag]
    result = {}
    for way in WAYS:
        changed = [
            (head if way is disguises.padded else way(head, random.Random(n)), way(text, random.Random(n)))
            for n, (head, text) in enumerate(kept)
        ]
        lost = (1 - share(flags(changed))) * 100 * len(kept) / len(plain)
        result[f"recall lost to {way.__name__}, points"] = f"{lost:.1f}"
    worst = max(result.items(), key=lambda item: float(item[1]))
    return {"recall lost to the worst disguise": f"{worst[1]} ({worst[0].split()[3].rstrip(',')})", **result}


def background(flags: Flags, file: Path) -> str:
    """False alarms per 100,000 ordinary lines."""
    number = false = 0
    for batch in lines(file):
        number += len(batch)
        false += sum(flags([("", line) for line in batch]))
    return f"{100_000 * false / number:.1f}"


def main() -> None:
    """Print the tables."""
    dev = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data" / "dev"
    judges = {
        "AdWatch": judged(OfferJudge.load()),
        "keyword list": judged(KeywordJudge.load()),
        "jieba+TF-IDF+SVC": usual(),
    }
    sets = {name: labelled(ROOT / "tests" / "frozen" / f"{name}.jsonl")[0] for name in SETS}
    if dev.is_dir():
        sets["dev"] = labelled(dev / "labelled.jsonl")[0]
    for title, names in (("all broad sets together", BROAD), ("all hard sets together", HARD)):
        rows = [row for name in names for row in sets[name]]
        show(
            f"{title}: {len(rows)} texts, {sum(row.offer for row in rows)} offers",
            {judge: rows_of(flags, rows) for judge, flags in judges.items()},
        )
    for name, rows in sets.items():
        columns = {judge: rows_of(flags, rows) for judge, flags in judges.items()}
        if name != "dev":
            for judge, flags in judges.items():
                columns[judge].update(disguise_rows(flags, rows))
        show(f"{name}: {len(rows)} texts, {sum(row.offer for row in rows)} offers", columns)
    if dev.is_dir():
        file = dev / "background.txt.gz"
        show(
            "ordinary lines", {judge: {"false per 100,000": background(flags, file)} for judge, flags in judges.items()}
        )


def show(title: str, columns: dict[str, dict[str, str]]) -> None:
    """One table."""
    print(f"\n{title}\n{'':44}" + "".join(f"{judge:>20}" for judge in columns))
    for row in next(iter(columns.values())):
        print(f"{row:44}" + "".join(f"{column[row]:>20}" for column in columns.values()), flush=True)


if __name__ == "__main__":
    main()
