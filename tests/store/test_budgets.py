from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from adwatch.store.budgets import Budgets

DAY = "2026-11-16"


def test_workers_together_take_no_more_than_the_day_has(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: Budgets(engine).take("shop", DAY, 20), range(50)))
    assert sum(taken) == 20
    assert Budgets(engine).used("shop", DAY) == 20


def test_names_and_days_have_budgets_of_their_own(engine: Engine) -> None:
    budgets = Budgets(engine)
    assert budgets.take("shop", DAY, 1)
    assert not budgets.take("shop", DAY, 1)
    assert budgets.take("key:shop", DAY, 1)
    assert budgets.take("shop", "2026-11-17", 1)


def test_what_is_left_is_not_taken_in_part(engine: Engine) -> None:
    budgets = Budgets(engine)
    assert budgets.take("shop", DAY, 10, 8)
    assert not budgets.take("shop", DAY, 10, 3)
    assert not budgets.take("other", DAY, 10, 11)
    assert budgets.take("shop", DAY, 10, 2)
