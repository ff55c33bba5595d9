"""What a page asks for, without a browser: waiting for a page that never stops asking ends in its time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import SimpleNamespace

import pytest

from adwatch.evidence.guard import until
from adwatch.evidence.requests import Answers
from adwatch.ports import Answer

FIRST = Answer("http://127.0.0.1/", 200, (), b"")


def nobody(_wanted: object) -> Answer:
    raise AssertionError("nothing is to be fetched here")


@pytest.fixture
def answers() -> Answers:
    return Answers(FIRST, nobody, 10)


async def asking(answers: Answers) -> None:
    """Ask in each turn of the loop, with what cannot be answered."""
    while True:
        await answers.answer(SimpleNamespace(request=None))
        await asyncio.sleep(0)


def test_quiet_comes_after_the_last_request(answers: Answers) -> None:
    async def look() -> float:
        asker = asyncio.create_task(asking(answers))
        loop = asyncio.get_running_loop()
        ended = loop.time() + 0.2
        loop.call_at(ended, asker.cancel)
        await answers.quiet(0.1, 30)
        return loop.time() - ended

    assert asyncio.run(look()) >= 0.1


def test_a_page_that_asks_without_end_is_waited_for_no_longer_than_said(answers: Answers) -> None:
    async def look() -> None:
        asker = asyncio.create_task(asking(answers))
        for _ in range(30):
            with pytest.raises(TimeoutError):
                await answers.quiet(0.05, 0.02)
        asker.cancel()

    asyncio.run(look())


def test_whoever_waits_for_such_a_page_can_be_ended(answers: Answers) -> None:
    async def look() -> None:
        asker = asyncio.create_task(asking(answers))
        for _ in range(30):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await until(asyncio.Event(), answers.quiet(0.05, 300))
        asker.cancel()

    asyncio.run(look())


def test_work_that_misses_its_first_cancellation_is_ended_too() -> None:
    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(300)
        await asyncio.sleep(300)

    async def look() -> None:
        async with asyncio.timeout(0.02):
            await until(asyncio.Event(), deaf())

    with pytest.raises(TimeoutError):
        asyncio.run(look())
