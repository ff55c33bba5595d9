"""The verbs of the keyword lists, from an authority's table to cases found late, by the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xlsxwriter

from adwatch.app import casework, dryrun, keywords, suggest
from adwatch.app.suggest import Thresholds
from adwatch.errors import UsageError
from adwatch.store.verdicts import classifier_id
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

LATE = flagged(trial_judge(), HELD) - flagged(base_judge(), HELD)
PHONE = "13800001234"
"""Invented; stands in one of the texts."""


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    made = Lists(tmp_path)
    made.fill(texts())
    return made


def table(folder: Path) -> Path:
    file = folder / "监测词表.xlsx"
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet("词库")
    for number, row in enumerate(
        [("关键词", "违法类型", "备注"), (SLANG, "免考", "新词"), ("", "免考", ""), ("咕本", "何物", "")]
    ):
        sheet.write_row(number, 0, row)
    book.close()
    return file


@pytest.mark.slow
def test_from_a_table_to_cases_found_late(lists: Lists, tmp_path: Path) -> None:
    command = lists.command()
    done = command.run(
        *("keywords", "import", str(table(tmp_path)), "--owner", "某应急", "--document", "某应急〔2026〕9号"),
        *("--list", "yj", "--from", "2026-01-01", "--json"),
    )
    assert done.returncode == 1, "two rows were refused"
    assert "监测词表.xlsx:词库:3" in done.stderr.decode()
    row = json.loads(done.stdout)
    assert (row["entries"], row["refused"]) == (1, 2)
    rejects = [json.loads(line) for line in Path(row["rejects"]).read_text(encoding="utf-8").splitlines()]
    assert [(each["sheet"], each["row"], each["reason"]) for each in rejects] == [
        ("词库", 3, "no_word"),
        ("词库", 4, "bad_class"),
    ]
    [tried] = command.rows("keywords", "dry-run", row["file"], "--day", TODAY)
    assert (tried["gained"], tried["lost"]) == (len(LATE), 0)
    before = command.rows("keywords", "check", row["file"])
    assert [each["kind"] for each in before] == ["not_approved"]
    [approved] = command.rows("keywords", "approve", row["file"], "--by", "张三", "--day", TODAY)
    assert (approved["approved_by"], approved["replaces"]) == ("张三", None)
    [hunt] = command.rows("retrohunt", approved["file"], "--day", TODAY)
    assert (hunt["in_force"], hunt["opened"], hunt["keyword_versions"]) == (
        *(True, len(LATE)),
        approved["keyword_versions"],
    )
    behind = {each["name"]: each for each in command.rows("keywords", "versions", hunt["keyword_versions"])}
    assert (behind["yj"]["document"], behind["yj"]["approved_by"]) == ("某应急〔2026〕9号", "张三")
    shown = command.ok("review", "list")
    assert "retrohunt yj.txt" in shown


def test_every_verdict_says_with_which_lists_it_was_made(lists: Lists) -> None:
    with lists.office() as office:
        old = office.lexicon.versions
        one = classifier_id(office.engine, office.judge.version, old)
        with pytest.raises(UsageError, match="no verdict was made"):
            keywords.versions(office, "0" * 16)
        assert len(keywords.versions(office, old)) == len(office.lexicon.lists)
        [row] = keywords.versions(office, None)
        assert (row["keyword_versions"], row["verdicts"]) == (old, len(texts()))
    lists.command().ok("keywords", "accept", SLANG, "--by", "李四", "--for", CLASS, "--weight", "3", "--day", TODAY)
    with lists.office() as office:
        assert office.lexicon.versions != old
        assert office.classifier.on(TODAY).id != one, "other lists, another backlog"
        rows = [json.loads(line) for line in office.dump()]
    assert {row["keyword_versions"] for row in rows if row["table"] == "verdict"} == {old}, "what was judged stays"


def test_a_list_judges_while_it_is_in_force(lists: Lists) -> None:
    file = lists.write(f"promise 3 {SLANG} as={CLASS}\n")
    text = file.read_text(encoding="utf-8").replace("effective_to:", "effective_to: 2030-06-30")
    (lists.data / "keywords" / "handed.txt").write_text(text, encoding="utf-8")
    with lists.office() as office:
        assert office.lexicon_on("2030-06-30").versions == office.lexicon.versions
        assert office.lexicon_on("2030-07-01").versions == base_judge().keyword_versions
        inside, outside = office.judge_on("2030-06-30"), office.judge_on("2030-07-01")
        assert flagged(inside, HELD) - flagged(outside, HELD) == LATE  # type: ignore[arg-type]
        assert office.classifier.on("2030-07-01").id != office.classifier.on("2030-06-30").id


def test_a_dry_run_stores_nothing_and_shows_no_contact(lists: Lists) -> None:
    file = lists.write(f"promise 3 {SLANG} as={CLASS}\n")
    with lists.office() as office:
        before = list(office.dump())
        result = dryrun.dry_run(office, file, 30, TODAY, 5)
        assert list(office.dump()) == before
        assert (result["listings"], result["touched"]) == (len(texts()), len(HELD))
        assert result["words"][0]["word"] == SLANG
        assert result["words"][0]["gained"] == len(LATE)
        assert 0 < len(result["samples"]) <= 5 + 5
        assert PHONE not in json.dumps(result, ensure_ascii=False)
        assert dryrun.dry_run(office, file, 5, TODAY, 5)["listings"] == 0, "nothing was seen in these days"
        with pytest.raises(UsageError, match="at least 1"):
            dryrun.dry_run(office, file, 0, TODAY, 5)
    shown = lists.command().ok("keywords", "dry-run", str(file), "--day", TODAY)
    assert PHONE not in shown


def test_a_dry_run_says_what_people_had_confirmed(lists: Lists) -> None:
    """A list that would lose a confirmed case is looked at twice."""
    (lists.data / "keywords" / "own.txt").write_bytes(
        lists.write(f"promise 3 {SLANG} as={CLASS}\n", name="own").read_bytes()
    )
    from adwatch.stages.classify import classify_backlog

    with lists.office() as office:
        classify_backlog(office.classifier, TODAY)
        ids = [case["case_id"] for case in cases(office) if texts()[int(case["native_id"])] in LATE]
        assert len(ids) > 2
        casework.decide(office, ids[:2], "confirm", "张三", None, "看过")
        empty = lists.write("goods 2 旧电扇\n", name="own", version="2")
        result = dryrun.dry_run(office, empty, 30, TODAY, 20)
        assert (result["lost"], result["lost_confirmed"], result["gained"]) == (len(LATE), 2, 0)
        assert {each["state"] for each in result["samples"]} == {"confirmed", "screening"}


def test_check_names_file_and_line_and_what_is_never_hit(lists: Lists) -> None:
    file = lists.write(f"promise 3 {SLANG} as={CLASS}\npromise 3 无人提过 as={CLASS}\nwish 3 x\n")
    done = lists.command().run("keywords", "check", str(file), "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1, "an error"
    assert [(row["kind"], row["line"], row["word"]) for row in rows] == [
        ("schema", 9, ""),
        ("never_hit", 8, "无人提过"),
        ("not_approved", 1, ""),
    ]
    assert "handed.txt:9" in lists.command().run("keywords", "check", str(file)).stdout.decode()
    done = lists.command().run("keywords", "check", "--no-store", "--json")
    assert done.returncode == 0, "the lists in force have no error"
    assert all(json.loads(line)["level"] == "note" for line in done.stdout.splitlines())


@pytest.mark.slow
def test_slang_of_confirmed_cases_is_suggested_masked_and_accepted(tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    offers = [
        f"{trade}证免考包过，人不用来，{days}天拿证，{SLANG}，加微信 abcd{n}1234"
        for n, (trade, days) in enumerate([(t, d) for t in ("低压电工", "焊工", "高处作业", "叉车") for d in (3, 5, 7)])
    ]
    lists.fill([*offers, *(f"{text} {n}" for n in range(20) for text in ("旧电扇八成新", "电工专用手套"))])
    with lists.office() as office:
        with pytest.raises(UsageError, match="no case is confirmed"):
            suggest.suggest(office, TODAY, Thresholds(3, 2, 1.96), 10, 2)
        ids = [case["case_id"] for case in cases(office)]
        assert len(ids) >= 8
        casework.decide(office, ids, "confirm", "张三", None, "看过")
        result = suggest.suggest(office, TODAY, Thresholds(3, 2, 1.96), 10, 2)
    [row] = [each for each in result["suggestions"] if each["word"] == SLANG]
    assert row["confirmed"] >= 4
    assert row["for"] in office.classes
    assert all(SLANG in example and "abcd" not in example for example in row["examples"])
    command = lists.command()
    assert SLANG in command.ok("keywords", "suggest", "--day", TODAY)
    [accepted] = command.rows(
        "keywords", "accept", SLANG, "--by", "李四", "--for", CLASS, "--note", "回看", "--day", SEEN
    )
    assert accepted["approved_by"] == "李四"
    with lists.office() as office:
        entry = next(entry for entry in office.lexicon.entries if entry.word == SLANG)
        assert (entry.list, entry.approved_by, str(entry.approved_on), entry.note) == (CLASS, "李四", SEEN, "回看")
        again = suggest.suggest(office, TODAY, Thresholds(3, 2, 1.96), 50, 0)
        assert SLANG not in {each["word"] for each in again["suggestions"]}, "what is listed is not suggested again"
    assert command.run("keywords", "accept", SLANG, "--by", "李四", "--for", CLASS).returncode == 2
