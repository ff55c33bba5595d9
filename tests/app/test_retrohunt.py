"""A word hunted through everything stored: found late, judged once, the same after a crash."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import retrohunt, search
from adwatch.errors import SearchError, UsageError
from adwatch.store.keyword_lists import lists_of
from classifiers.lists import trial
from tests.app.keyword_world import (
    CLASS,
    HELD,
    SEEN,
    SLANG,
    TODAY,
    Lists,
    base_judge,
    cases,
    flagged,
    texts,
    trial_judge,
)
from tests.search.servers import shared_url

LATE = flagged(trial_judge(), HELD) - flagged(base_judge(), HELD)


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    made = Lists(tmp_path)
    made.fill(texts())
    return made


def test_the_word_makes_a_difference() -> None:
    """Else the tests below would show nothing."""
    assert len(LATE) >= 4
    assert not flagged(trial_judge(), HELD[-2:]), "who asks and who warns is no seller, whatever the word"


def test_new_hits_open_cases_that_say_they_were_found_late(lists: Lists) -> None:
    with lists.office() as office:
        before = {row["native_id"] for row in cases(office)}
        hunt = retrohunt.plan(office, SLANG, TODAY, "promise", 3, CLASS)
        assert len(hunt.candidates) == len(HELD), "the index names the holders of the word, and nobody else"
        row = retrohunt.run(office, hunt, TODAY)
        opened = [case for case in cases(office) if case["native_id"] not in before]
        assert {texts()[int(case["native_id"])] for case in opened} == LATE
        assert row["opened"] == len(LATE)
        assert {case["found_late"] for case in opened} == {f"retrohunt {SLANG}"}
        assert {case["found_late"] for case in cases(office) if case["native_id"] in before} == {None}
        assert {case["opened_day"] for case in opened} == {TODAY}
        names = {each["name"] for each in lists_of(office.engine, row["keyword_versions"])}
        assert trial.TRIAL in names, "the verdicts can be traced to the word that was hunted"


def test_what_was_judged_is_not_judged_again(lists: Lists) -> None:
    with lists.office() as office:
        retrohunt.run(office, retrohunt.plan(office, SLANG, TODAY, "promise", 3, CLASS), TODAY)
        once = list(office.dump())
        row = retrohunt.run(office, retrohunt.plan(office, SLANG, TODAY, "promise", 3, CLASS), TODAY)
        assert (row["judged"], row["already"], row["opened"]) == (0, len(HELD), 0)
        assert list(office.dump()) == once


@pytest.fixture(scope="module")
def hunted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], list[str]]:
    """A filled home that nobody hunted in, and what a hunt that nothing disturbed comes to."""
    lists = Lists(tmp_path_factory.mktemp("hunted"))
    lists.fill(texts(copies=60))
    shutil.copytree(lists.folder / "home", lists.folder / "undisturbed")
    with lists.office("undisturbed") as office:
        done = retrohunt.run(office, retrohunt.plan(office, SLANG, TODAY, "promise", 3, CLASS), TODAY)
        assert done["candidates"] > retrohunt.BATCH, "several batches, or the second is never interrupted"
        return lists.folder / "home", done, list(office.dump())


@pytest.mark.parametrize("point", ["retrohunt.after_batch", "classify.before_commit", "classify.before_commit@2"])
def test_killed_and_run_again_it_ends_as_if_undisturbed(
    tmp_path: Path, hunted: tuple[Path, dict[str, Any], list[str]], point: str
) -> None:
    home, done, wanted = hunted
    lists = Lists(tmp_path)
    shutil.copytree(home, tmp_path / "home")
    arguments = ("retrohunt", SLANG, "--for", CLASS, "--day", TODAY, "--json")
    killed = lists.command().run(*arguments, ADWATCH_FAILPOINT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert lists.command().dump().splitlines() != wanted
    row = json.loads(lists.command().ok(*arguments))
    assert row["already"] == (0 if point == "classify.before_commit" else retrohunt.BATCH)
    assert row["already"] + row["judged"] == done["candidates"]
    assert lists.command().dump().splitlines() == wanted
    with lists.office() as office:
        assert search.verify(office)["equal"]


def test_a_list_in_force_hunts_what_its_version_changed(lists: Lists) -> None:
    file = lists.write("promise 3 鸽笼直送 as=exam_exemption\n")
    target = lists.data / "keywords" / file.name
    target.write_bytes(file.read_bytes())
    with lists.office() as office:
        assert office.judge_on(TODAY)  # the version before is remembered with the verdicts made with it
        office.classifier.on(TODAY)
    new = lists.write(f"promise 3 鸽笼直送 as={CLASS}\npromise 3 {SLANG} as={CLASS} # 新词\n", version="2")
    target.write_bytes(new.read_bytes())
    with lists.office() as office:
        hunt = retrohunt.plan(office, str(target), TODAY, "promise", 3, None)
        assert hunt.in_force
        assert len(hunt.candidates) == len(HELD), "only the entry that is new is looked for"
        assert retrohunt.run(office, hunt, TODAY)["opened"] == len(LATE)


def test_a_list_that_is_not_in_force_is_tried_and_said_so(lists: Lists) -> None:
    done = lists.command().rows("retrohunt", str(lists.write(f"promise 3 {SLANG} as={CLASS}\n")), "--day", TODAY)
    assert (done[0]["in_force"], done[0]["opened"]) == (False, len(LATE))


def test_a_word_of_a_list_in_force_is_judged_with_the_lists_in_force(lists: Lists) -> None:
    with lists.office() as office:
        hunt = retrohunt.plan(office, "包过", TODAY, "promise", 3, None)
        assert hunt.in_force
        assert hunt.judge is office.judge_on(TODAY)


def test_a_hunt_that_can_find_nothing_says_why(lists: Lists, tmp_path: Path) -> None:
    with lists.office() as office:
        with pytest.raises(UsageError, match="hunt for what"):
            retrohunt.plan(office, "，。", TODAY, "promise", 3, None)
        with pytest.raises(UsageError, match="no such file"):
            retrohunt.plan(office, "nowhere.txt", TODAY, "promise", 3, None)
        with pytest.raises(UsageError, match="speaks for one of"):
            retrohunt.plan(office, SLANG, TODAY, "promise", 3, "wishes")


def test_a_lost_index_is_made_anew_before_the_hunt(lists: Lists) -> None:
    with lists.office() as office:
        wanted = retrohunt.plan(office, SLANG, TODAY, "promise", 3, None)
        office.index.drop()
    with lists.office() as office:
        hunt = retrohunt.plan(office, SLANG, TODAY, "promise", 3, None)
        assert (hunt.phrases, hunt.candidates) == (wanted.phrases, wanted.candidates) and hunt.candidates


def test_a_hunt_over_hits_only_is_refused(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADWATCH_SEARCH_URL", shared_url())
    monkeypatch.setenv("ADWATCH_SEARCH_ALL", "false")
    with lists.office() as office, pytest.raises(SearchError, match=r"hits only.*index rebuild"):
        retrohunt.plan(office, SLANG, TODAY, "promise", 3, None)


def test_the_backlog_after_a_new_list_finds_late_too(lists: Lists) -> None:
    """A list's new version is the backlog of the next patrol: what it opens stood there before as well."""
    from adwatch.stages.classify import classify_backlog

    (lists.data / "keywords" / "handed.txt").write_bytes(lists.write(f"promise 3 {SLANG} as={CLASS}\n").read_bytes())
    with lists.office() as office:
        classify_backlog(office.classifier, TODAY)
        late = {texts()[int(case["native_id"])] for case in cases(office) if case["found_late"] == "backlog"}
        assert late == LATE
        classify_backlog(office.classifier, SEEN)
        assert {case["opened_day"] for case in cases(office)} == {SEEN, TODAY}
