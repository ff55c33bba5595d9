"""What the first users would wait for is made as the console starts, beside its answers, and writes nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import urllib3
from fastapi import FastAPI
from sqlalchemy import event, text

from adwatch.app import Office
from adwatch.console.application import application
from adwatch.console.warm import warm
from adwatch.settings import Settings
from tests.console.conftest import DAY, OFFERS
from tests.console.site import UNIT, opened, take_in

ASKED = """
import sys
from pathlib import Path
from adwatch.app import Office
from adwatch.console.application import application
from adwatch.console.warm import warm
from adwatch.settings import Settings

with Office(Settings(home=Path(sys.argv[1]), unit="某市应急管理局", _env_file=None)) as office:
    app = application(office).app
    warm(app)
    before = set(sys.modules)
    warm(app)
    print("later:", sorted(set(sys.modules) - before))
"""


@pytest.fixture
def office(tmp_path: Path) -> Any:
    with opened(tmp_path) as office:
        take_in(office, tmp_path, OFFERS, DAY)
        yield office


def app_of(office: Office) -> FastAPI:
    app = application(office).app
    assert isinstance(app, FastAPI)
    return app


def test_every_screen_and_the_first_lead_are_made_and_nothing_is_written(office: Office) -> None:
    app, before, statements = app_of(office), list(office.dump()), list[str]()
    event.listen(office.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    made = warm(app)
    lists = {each.name for each in app.state.screens.values() if each.name != "cases"}
    assert {f"/{name}" for name in lists} <= set(made)
    assert {re.sub(r"\d+", "N", each) for each in made} >= {"/cases/N", "/takedown/clocks"}
    assert any(each.startswith("/reports/") for each in made), made
    assert statements
    assert [each for each in statements if not each.startswith(("SELECT", "WITH", "BEGIN", "PRAGMA"))] == []
    assert list(office.dump()) == before
    assert warm(app, lambda: False) == [], "the console is about to end"


def test_a_page_that_cannot_be_made_is_left_out_and_told(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    app = app_of(office)
    with office.engine.begin() as connection:
        connection.execute(text("DROP TABLE transfer"))
    made = warm(app)
    assert "/transfer" not in made and "/today" in made and "/settings" in made
    assert re.search("not warm.*/transfer", capsys.readouterr().out)


def test_nothing_is_imported_by_who_comes_later(office: Office) -> None:
    """In a process of its own: this one has imported it all."""
    line = [sys.executable, "-c", ASKED, str(office.home)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("later: []\n"), done.stdout


def test_a_console_answers_before_it_is_warm_and_says_when(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", unit=UNIT, _env_file=None)  # type: ignore[call-arg]
    env = {**os.environ, "ADWATCH_HOME": str(settings.home), "ADWATCH_UNIT": UNIT, "ADWATCH_LOG_LEVEL": "INFO"}
    line = [sys.executable, "-m", "adwatch", "console", "--port", "0"]
    with subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as console:
        assert console.stdout is not None and console.stderr is not None
        base = console.stdout.readline().split()[-1]
        try:
            assert (
                urllib3.request("GET", f"{base}/sign-in", retries=urllib3.Retry(20, backoff_factor=0.1)).status == 200
            )
            told = next(said for said in console.stderr if "console warm" in said)
            assert int(re.findall(r"pages=(\d+)", told)[0]) > 15, told
            assert urllib3.request("GET", f"{base}/sign-in").status == 200
        finally:
            console.terminate()
        assert "Traceback" not in console.stderr.read()
