"""Retry-After and backoff."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwatch.http.manners import user_agent
from adwatch.http.waits import backoff, retry_after

NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("999999", 3600.0),
        ("Mon, 16 Nov 2026 01:00:30 GMT", 30.0),
        ("Mon, 16 Nov 2026 00:00:00 GMT", 0.0),
        ("Mon, 16 Nov 2027 00:00:00 GMT", 3600.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("１２", None),
        ("Mon, 99 Nov 2026 01:00:30 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    ("answered", "seconds"),
    [("Mon, 16 Nov 2026 01:00:20 GMT", 10.0), ("Tue, 01 Dec 2026 01:00:20 GMT", 0.0), ("soon", 30.0), (None, 30.0)],
)
def test_a_date_counts_from_the_servers_own_clock(answered: str | None, seconds: float) -> None:
    assert retry_after("Mon, 16 Nov 2026 01:00:30 GMT", NOW, answered) == seconds


@settings(deadline=None)
@given(st.integers(0, 40), st.floats(0, 1))
def test_backoff_grows_to_a_limit(attempt: int, jitter: float) -> None:
    assert 0.5 <= backoff(attempt, jitter) <= 45.0
    assert backoff(attempt, jitter) <= backoff(attempt + 1, jitter)


def test_the_user_agent_is_a_header_whatever_the_contact() -> None:
    for contact in ("mailto:a@b.cn", "应急管理局 010-123", "x\r\nEvil: 1", ""):
        agent = user_agent(contact)
        assert agent.startswith("AdWatch/")
        assert agent.isascii()
        assert "\n" not in agent
