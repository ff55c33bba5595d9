"""Which search terms a platform is asked on a day: the fruitful first, all of them within the declared days."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwatch.app import patrol, term_plan
from adwatch.app.term_plan import planned
from adwatch.store.term_yield import TermYield
from tests.collectors.interface_office import office_with
from tests.standins.goods import matching
from tests.standins.jd_union import JdUnion
from tests.standins.pdd_ddk import PddDdk
from tests.standins.server import running

TERMS = [f"词{number:02d}" for number in range(20)]


@settings(max_examples=50, deadline=None)
@given(
    count=st.integers(1, 40),
    days=st.integers(2, 9),
    most=st.one_of(st.none(), st.integers(1, 60)),
    fruitful=st.sets(st.integers(0, 39)),
)
def test_every_term_comes_within_the_days(count: int, days: int, most: int | None, fruitful: set[int]) -> None:
    terms = [f"t{number}" for number in range(count)]
    known: dict[str, TermYield] = {}
    first = date(2026, 11, 1)
    asked: list[list[str]] = []
    for number in range(3 * days):
        today = [each.term for each in planned(terms, known, days, most) if each.why != "rests"]
        assert len(today) == len(set(today))
        asked.append(today)
        for term in today:
            one = known.setdefault(term, TermYield())
            one.last_day, one.days, one.pages = (first + timedelta(days=number)).isoformat(), one.days + 1, one.pages + 1
            one.hits += int(term[1:]) in fruitful
    for begin in range(len(asked) - days + 1):
        assert {term for today in asked[begin : begin + days] for term in today} == set(terms)


def test_the_most_fruitful_is_asked_first_and_each_day() -> None:
    known = {term: TermYield("2026-11-20", 3, 6, 0) for term in TERMS}
    known["词07"].hits, known["词03"].hits, known["词03"].pages = 9, 9, 60
    order = planned(TERMS, known, 10, None)
    assert [(each.term, each.why) for each in order[:2]] == [("词07", "turn"), ("词03", "turn")]
    known["词01"].last_day = known["词02"].last_day = "2026-11-19"
    order = planned(TERMS, known, 10, None)
    assert [(each.term, each.why) for each in order[:2]] == [("词07", "best"), ("词03", "best")]
    assert Counter(each.why for each in order) == {"best": 2, "turn": 2, "rests": 16}
    assert [each.term for each in planned(TERMS, known, 1, None)][:2] == ["词07", "词03"]
    assert len(planned(TERMS, known, 1, None)) == 20


def test_a_small_budget_leaves_the_turn_its_share() -> None:
    known = {term: TermYield("2026-11-20", 1, 5, 3) for term in TERMS}
    order = planned(TERMS, known, 10, 15)  # three terms of five answers each
    assert Counter(each.why for each in order if each.why != "rests") == {"best": 1, "turn": 2}
    assert Counter(each.why for each in planned(TERMS, known, 10, 5)) == {"turn": 2, "rests": 18}


@pytest.mark.slow
def test_a_patrol_learns_from_what_its_terms_found(tmp_path: Path) -> None:

    more = "terms: {days: 6}\n"
    keys = {"jd_union": {"id": "good", "secret": "demo-secret"}}
    standin = JdUnion()
    with running(standin.app()) as base, office_with(tmp_path, base, "jd_union", keys, more) as office:
        every = office.search_terms("2026-11-18")
        asked: list[set[str]] = []
        for number in range(6):
            day = (date(2026, 11, 18) + timedelta(days=number)).isoformat()
            told = [row["term"] for row in term_plan.show(office, "here", day) if row["why"] != "rests"]
            before = len(standin.log)
            [result] = patrol.patrol(office, day, ["here"])
            assert result.outcome in ("ok", "empty")
            words = [
                json.loads(seen.params["360buy_param_json"])["goodsReqDTO"]["keyword"] for seen in standin.log[before:]
            ]
            assert list(dict.fromkeys(words)) == told
            assert result.vanished == 0
            asked.append(set(words))
        rows = term_plan.show(office, "here", "2026-11-24")
    assert set().union(*asked) == set(every)
    assert len(asked[0]) < len(every)
    fruitful = [row for row in rows if row["hits"]]
    assert fruitful
    assert all(matching(row["term"]) for row in fruitful)
    assert [row["why"] for row in rows[: len(fruitful)]].count("best") >= min(len(fruitful), 3)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["collect.before_request@3", "archive.half_record@2", "capture.after_commit@3"])
def test_a_patrol_by_key_that_is_killed_asks_only_what_had_no_answer(tmp_path: Path, point: str) -> None:
    keys = {"pdd_ddk": {"id": "good", "secret": "demo-secret"}}

    def command(folder: Path, base: str, **more: str) -> int:
        with office_with(folder, base, "pdd_ddk", keys, "paging: {size: 10}\n"):
            pass
        own = {"ADWATCH_HOME": str(folder / "home"), "ADWATCH_DATA": str(folder / "data")}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
        environment = {**clean, **own, "ADWATCH_KEYS": json.dumps(keys), "ADWATCH_CONTACT": "test@example", **more}
        words = ("patrol", "--day", "2026-11-18", "--platform", "here", "--json")
        argv = [sys.executable, "-m", "adwatch", *words]
        return subprocess.run(argv, env=environment, capture_output=True, check=False, timeout=240).returncode

    def asked(standin: PddDdk) -> list[tuple[str, str]]:
        return [(seen.params["keyword"], seen.params["page"]) for seen in standin.log]

    whole = PddDdk()
    with running(whole.app()) as base:
        assert command(tmp_path / "whole", base) == 0
    torn = PddDdk()
    with running(torn.app()) as base:
        assert command(tmp_path / "torn", base, ADWATCH_FAILPOINT=point) == -signal.SIGKILL
        assert command(tmp_path / "torn", base) == 0
        with office_with(tmp_path / "torn", base, "pdd_ddk", keys, "paging: {size: 10}\n") as office:
            resumed = list(office.dump())
    with office_with(tmp_path / "whole", "http://127.0.0.1:9", "pdd_ddk", keys, "paging: {size: 10}\n") as office:
        undisturbed = list(office.dump())
    assert sorted(map(plain_line, resumed)) == sorted(map(plain_line, undisturbed))
    assert set(asked(torn)) == set(asked(whole))
    assert len(asked(torn)) <= len(asked(whole)) + 1, "at most the answer in hand was asked for twice"


def plain_line(line: str) -> str:
    """Without what is another each time: the port, and the digest of an answer, which numbers the interface's lists."""
    return re.sub(r'127\.0\.0\.1:\d+|"(?:capture_)?sha256":"[0-9a-f]{64}"', "", line)
