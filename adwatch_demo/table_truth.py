"""What the tables that fall due must say of the demo's world, by its truth alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from adwatch_demo.world import all_rows, load_rows, stands, truth_on


def removed_on(asked: Collection[str], checked: Iterable[int], scope: str) -> dict[str, int]:
    """Of the ids in requests that were sent: the simulated day on which a removal was verified first.

    That is the second of two days of checking on which it does not stand on its site, with none between on which it
    does. Only offers of the scope count.
    """
    found: dict[str, int] = {}
    days = sorted(set(checked))
    for row in all_rows():
        if row["id"] not in asked:
            continue
        gone = 0
        for day in days:
            true = truth_on(day)[row["id"]]
            gone = 0 if stands(row, day) else gone + 1
            if gone == 2 and true["label"] == "offer" and true["scope"] == scope:
                found.setdefault(row["id"], day)
    return found


def ever_offered(day: int) -> set[str]:
    """Ids that were offers in truth on some day up to a simulated one, whatever was made of them since."""
    return {row["id"] for row in load_rows("truth.jsonl") if row["day"] <= day and row["label"] == "offer"}


def offers_among(ids: Iterable[str], day: int, offer_type: str | None = None) -> set[str]:
    """Ids that are offers in truth, of one class where it is named."""
    true = truth_on(day)
    offers = {one for one in ids if true[one]["label"] == "offer"}
    return {one for one in offers if offer_type is None or offer_type in true[one]["offer_types"]}
