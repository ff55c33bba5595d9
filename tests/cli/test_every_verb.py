"""Every verb with wrong values: an exit status by contract, one sentence that names what is wrong, never a traceback.

The verbs and their options are taken from the command itself, what may stand in each from its metavar: a verb that is
added is tried without a line being written here. Of the wrong values of an option one is tried, another for the next
option; with ADWATCH_TEST_ALL each.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import CliRunner

from adwatch.app.office import Office
from adwatch.cli import whole
from adwatch.errors import AdWatchError
from adwatch.settings import load_settings
from tests.store.world import World, listing

NOT_TRIED = {"console", "demo", "classify", "db move"}
"""Verbs that serve until they are stopped, read standard input, or whose argument is another store: tried elsewhere."""
HUGE, STEERING = "9" * 5000, "x\x1b[31m\u202ey"
NONE = ("nonsense", STEERING)
DAYS = ("2026-13-01", "0001-01-01", "next week", HUGE)
NUMBERS = ("999999999999999999", HUGE, "-7", STEERING)
WRONG: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("YYYY-MM-DD", "DATE", "YYYY-MM", "TIME", "YYYY-Www", "PERIOD"), DAYS),
    **dict.fromkeys(("ID", "CASE", "LOOK", "HOLD", "SHEET", "LISTING", "NUMBER", "N"), NUMBERS),
    **dict.fromkeys(("STATE", "SCOPE", "KIND", "STEP", "FORM", "ROLE", "TRACK", "OUTCOME", "RESULT", "CODE"), NONE),
    **dict.fromkeys(("CLOCK", "COLUMN", "AUTHORITY", "INDICATOR", "WHOM", "FAMILY", "N|next", "ID=NAME"), NONE),
    **dict.fromkeys(("FILE", "[PACKAGE]"), ("/no/such/file", STEERING)),
    "URL": ("gopher://x", HUGE),
    "SHA256": ("zz", HUGE),
    "N=WAS=IS": ("nonsense", f"{HUGE}=a=b"),
    "KIND[:NUMBER]": (f"case:{HUGE}", STEERING),
}
"""What can't be meant, by metavar; must be refused."""
NAMED = {"--platform": NONE, "--campaign": NONE, "campaign name": NONE, "platforms name": NONE, "account name": NONE}
"""The same of names of something that is there, by option or by group and argument."""
FREE = {
    "NAME:NUMBER",
    "NAME:CERTIFICATE",
    "HOST",
    "PORT",
    "HOST:PORT",
    "PROGRAM",
    "WORDS",
    "TEXT",
    "UNIT",
    "NAME",
    "DIR",
    "VALUE",
    "HEADING=FIELD",
    "ID=TEXT",
    "ADDRESS",
    "REGION",
}
"""Words of the user's own: anything may stand there."""
RIGHT: dict[str, str] = {
    **dict.fromkeys(("ID", "CASE", "LOOK", "N", "HOLD", "SHEET", "LISTING", "NUMBER"), "1"),
    **dict.fromkeys(("YYYY-MM-DD", "DATE"), "2026-11-18"),
    **{"TIME": "2026-11-18 12:00", "YYYY-Www": "2026-W47", "YYYY-MM": "2026-11", "PERIOD": "2026-11"},
    **{
        "RESULT": "confirm",
        "TRACK": "takedown",
        "STEP": "asked",
        "KIND": "clue",
        "FORM": "monthly_2",
        "ROLE": "reviewer",
    },
    **{"COLUMN": "inspected", "AUTHORITY": "housing", "FAMILY": "construction", "URL": "https://plaza.example/item/1"},
}
"""What may be meant, so that the one wrong value is what is told."""
BESIDE = {
    "report enter": ["5"],
    "transfer draft": ["--addressee=某市公安局", "--reason=伪造证件"],
    "transfer facts": ["--signatory=钱局"],
    "source inspection": ["--seller=小店"],
}
"""What a verb needs besides its required options."""
OUTPUT = {"--out", "--html", "audit export --to", "db backup --to", "--keep", "--tls-key"}
"""Files that are written."""

Verb = tuple[tuple[str, ...], Any]


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[Verb]:
    """(words, command) of every verb."""
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from verbs(each, (*path, name))
    elif " ".join(path) not in NOT_TRIED:
        yield path, command


COMMAND: Any = typer.main.get_command(whole())
"""Drawn up once: it takes longer than most verbs run."""
EVERY = list(verbs(COMMAND))


def options(verb: Verb) -> list[Any]:
    return [each for each in verb[1].params if each.name != "help" and not getattr(each, "is_flag", False)]


def wrong(verb: Verb, option: Any) -> tuple[str, ...]:
    path, name = verb[0], option.opts[0]
    if name in {"--card", "--qr", *OUTPUT} or " ".join((*path, name)) in OUTPUT:
        return ()
    named = NAMED.get(name) or NAMED.get(f"{path[0]} {name}")
    if path in {("account", "add"), ("platforms", "new")}:
        named = None
    return named or WRONG.get(option.metavar or "", ())


def filled(verb: Verb, but: Any, value: str) -> list[str]:
    """The verb with what it needs, and one value."""
    line = list(verb[0])
    for option in options(verb):
        if option is not but and not option.required:
            continue
        shown = value if option is but else RIGHT.get(option.metavar or "", "王芳")
        named = option.opts[0].startswith("-")
        line += [f"{option.opts[0]}={shown}"] if named else [shown]
    # what begins with a dash is an option unless it is said that none follow
    words, rest = [each for each in line if each[:2] == "--"], [each for each in line if each[:2] != "--"]
    at = len(verb[0])
    beside = BESIDE.get(" ".join(verb[0]), []) if but.opts[0] != "--lead" else []
    given = [each for each in beside if each[:2] == "--"]
    return [*rest[:at], *words, *given, "--", *rest[at:], *(each for each in beside if each not in given)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with a case."""
    folder = tmp_path_factory.mktemp("home")
    with Office(load_settings(home=folder)) as office:
        World(office.engine).flag(listing("1"))
    return folder


@pytest.fixture(autouse=True)
def settings(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADWATCH_HOME", str(home))
    monkeypatch.setenv("ADWATCH_UNIT", "某局")
    (tmp_path / "data" / "tables").mkdir(parents=True)
    monkeypatch.setenv("ADWATCH_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def told(line: list[str]) -> tuple[int, str]:
    """(exit status, what is said to the user beside the result) of a command."""
    from adwatch.cli import _printable

    done = CliRunner().invoke(COMMAND, line)
    if isinstance(done.exception, AdWatchError):
        return done.exception.exit_status, _printable(str(done.exception))
    assert done.exception is None or isinstance(done.exception, SystemExit), f"{line}: {done.exception!r}"
    return done.exit_code, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("verb", EVERY, ids=lambda verb: "-".join(verb[0]))
def test_what_cannot_be_meant_is_refused_in_a_sentence(verb: Verb) -> None:
    for at, option in enumerate(options(verb)):
        values = wrong(verb, option)
        if values and "ADWATCH_TEST_ALL" not in os.environ:
            values = (values[at % len(values)],)
        for value in values:
            line = filled(verb, option, value)
            status, said = told(line)
            shown = f"{line[:6]}: {status} {said[-300:]}"[:700]
            assert 1 <= status <= 4, shown
            assert len(said) < 2000 and "Traceback" not in said, shown
            assert "\x1b" not in said and "\u202e" not in said, shown
            names = (value[:9].replace("\x1b", "\ufffd"), *option.opts, option.metavar, *RIGHT.values(), "王芳")
            assert any(each and each in said for each in names), shown


def test_most_options_are_tried() -> None:
    """The words of the user's own apart, there is a wrong value for nearly every option."""
    every = [(verb, option) for verb in EVERY for option in options(verb)]
    tried = [each for each in every if wrong(*each)]
    assert len(EVERY) > 150 and len(tried) > 250
    left = {option.metavar for verb, option in every if not wrong(verb, option) and option.metavar} - FREE
    assert len(left) < 20, left
