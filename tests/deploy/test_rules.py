"""The alert rules: right by promtool's own tests, which notice a rule that always or never fires; every metric is told."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from adwatch.app.metrics import WAITING, exposition, registry
from adwatch.app.office import Office
from adwatch.models import OUTCOMES
from adwatch.settings import load_settings
from adwatch.store.captures import end_run, start_run
from tests.conftest import FixedClock
from tests.deploy.promtool import promtool
from tests.store.world import DAY, NOON, World, listing

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "rules.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
TESTS = sorted(FOLDER.glob("rules_*_test.yml"))
PAGE = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")


@pytest.fixture
def office(tmp_path: Path) -> Any:
    with Office(load_settings(home=tmp_path / "home"), FixedClock(NOON)) as found:
        yield found


def test_the_rules_are_rules() -> None:
    done = promtool("check", "rules", str(FOLDER / "rules.yml"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} rules found" in done.stdout


def test_each_alert_fires_and_does_not() -> None:
    done = promtool("test", "rules", *map(str, TESTS))
    assert done.returncode == 0, done.stdout + done.stderr
    fired, quiet = Counter[str](), Counter[str]()
    for file in TESTS:
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]:
            for check in case.get("promql_expr_test", ()):
                [name] = re.findall(r'alertname="(\w+)"', check["expr"])
                (fired if check["exp_samples"] else quiet)[name] += 1
    names = {rule["alert"] for rule in RULES}
    assert (set(fired), set(quiet)) == (names, names)


@pytest.mark.parametrize("expression", ["vector(1)", "vector(1) > 1"], ids=["always", "never"])
def test_a_rule_that_always_or_never_fires_is_noticed(tmp_path: Path, expression: str) -> None:
    document = {"groups": [{"name": "adwatch", "rules": [{**rule, "expr": expression} for rule in RULES]}]}
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    for file in TESTS:
        shutil.copy(file, tmp_path)
    done = promtool("test", "rules", *(str(tmp_path / file.name) for file in TESTS))
    assert done.returncode != 0
    noticed = set(re.findall(r'alertname=\\?"(\w+)', done.stdout + done.stderr))
    assert noticed == {rule["alert"] for rule in RULES}, "each by a test of its own"


def test_every_metric_of_the_rules_is_told(office: Office) -> None:
    told = {family.name + ("_info" if family.type == "info" else "") for family in registry(office).collect()}
    named = {name for rule in RULES for name in re.findall(r"\badwatch_\w+", rule["expr"])}
    assert len(named) > 15
    assert named - told == set()


def test_every_label_value_of_the_rules_is_a_word_of_ours() -> None:
    known = {"outcome": set(OUTCOMES), "state": set(WAITING), "job": {"adwatch"}}
    asked = [
        (label, value)
        for rule in RULES
        for label, values in re.findall(r'(\w+)=~?"([^"]+)"', rule["expr"])
        for value in values.split("|")
    ]
    assert len(asked) > 5
    assert [pair for pair in asked if pair[1] not in known[pair[0]]] == []


def test_what_is_told_is_well_formed_by_promtool(office: Office) -> None:
    world = World(office.engine)
    world.flag(listing("1"))
    for name in ('a"b\\c\nadwatch_outbox_depth 99', "卖证\u2028<i>"):
        run = start_run(office.engine, "patrol", DAY, name, "html", NOON)
        end_run(office.engine, run, "ok", {"seen": 1, "outcomes": {}}, NOON)
    done = promtool("check", "metrics", stdin=exposition(office))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_alert_and_every_metric_is_on_the_page(office: Office) -> None:
    told = {family.name + ("_info" if family.type == "info" else "") for family in registry(office).collect()}
    named = set(re.findall(r"`(adwatch_\w+)`", PAGE))
    assert (told - named, named - told) == (set(), set())
    assert set(re.findall(r"`(AdWatch\w+)`", PAGE)) == {rule["alert"] for rule in RULES}


def test_every_alert_says_what_it_is_in_chinese_and_what_to_do() -> None:
    for rule in RULES:
        assert re.search(r"[\u4e00-\u9fff]", rule["annotations"]["summary"]), rule["alert"]
        assert len(rule["annotations"]["description"]) > 30, rule["alert"]
        assert rule["labels"]["severity"] in ("warning", "critical")
