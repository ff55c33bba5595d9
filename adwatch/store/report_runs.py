"""What many looks and findings, each said of a listing or case in its turn, come to: all of them at once.

A run is what was said of one thing alike and without a break: looks that say gone, findings that say 属实.
"""

from __future__ import annotations

from datetime import date, tzinfo
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adwatch.store.narrow import Days, Numbers, Times, local_days


class Said(NamedTuple):
    """What was said, a row each, in any order."""

    of: Numbers
    """Listing or case."""
    turn: Numbers
    """Rises with time."""
    holds: Numbers
    """1: gone, 属实; 0: something that ends a run."""
    at: Times

    def sorted(self) -> tuple[Said, Numbers]:
        """By what it is of, in its turn, and the rows that this order takes."""
        order = np.lexsort((self.turn, self.of))
        return Said(self.of[order], self.turn[order], self.holds[order], self.at[order]), order

    def begins(self) -> Numbers:
        """Of each row, sorted, the row that its run begins with; one that ends a run is a run of its own."""
        if not len(self.of):
            return self.of
        ends = self.holds == 0
        new = first_of_each(self.of) | ends
        new[1:] |= ends[:-1]
        begins: Numbers = np.flatnonzero(new)[np.cumsum(new) - 1]
        return begins


def first_of_each(values: Numbers) -> NDArray[np.bool_]:
    """Marks the first row of each value; the values are sorted."""
    first = np.ones(len(values), np.bool_)
    first[1:] = values[1:] != values[:-1]
    return first


def _within(days: Days, first: date, last: date) -> NDArray[np.bool_]:
    return (days >= np.datetime64(first)) & (days <= np.datetime64(last))


def standing_since(said: Said, first: date, last: date, zone: tzinfo) -> tuple[Numbers, Days]:
    """What was last said to hold, and the day on which that began, where it is in the period."""
    said, _ = said.sorted()
    begins = said.begins()
    last_row = np.ones(len(said.of), np.bool_)
    last_row[:-1] = said.of[1:] != said.of[:-1]
    rows = np.flatnonzero(last_row & (said.holds == 1))
    days = local_days(said.at[begins[rows]], zone)
    kept = _within(days, first, last)
    return said.of[rows][kept], days[kept]


def verifications(
    said: Said, made_for: Days, zone: tzinfo, apart_days: int, apart_hours: int
) -> tuple[Numbers, Numbers, Days]:
    """What was verified gone, in which turn and on which day; by what it is and turn.

    Of each run the first look counts that is ``far_apart`` (``tables.rechecks``) from the one that it begins with.
    ``made_for``: the day that each look was made for; NaT: its own.
    """
    said, order = said.sorted()
    own = local_days(said.at, zone)
    days = np.where(np.isnat(made_for[order]), own, made_for[order])
    begins = said.begins()
    by_day = days - days[begins] >= np.timedelta64(apart_days, "D")
    simulated = (days != own) | (days != own)[begins]
    by_hour = said.at - said.at[begins] >= np.timedelta64(apart_hours, "h")
    far = np.flatnonzero((said.holds == 1) & by_day & ((apart_days == 0) | simulated | by_hour))
    far = far[first_of_each(begins[far])]
    return said.of[far], said.turn[far], days[far]


def verified(
    said: Said, made_for: Days, first: date, last: date, zone: tzinfo, apart_days: int, apart_hours: int
) -> tuple[Numbers, Days]:
    """What was verified gone in the period, each once, and the first day in it on which it was."""
    of, _, days = verifications(said, made_for, zone, apart_days, apart_hours)
    kept = _within(days, first, last)
    of, days = of[kept], days[kept]
    kept = first_of_each(of)
    return of[kept], days[kept]
