"""The tests' own servers: where there can be none the tests say so, and in CI they fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.search.servers import SCRIPT, run_script, shared_url


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the server's user may enter, as a test's own is not."""
    made = Path(tempfile.mkdtemp(dir=os.environ["ADWATCH_TEST_SERVERS"]))
    made.chmod(0o755)
    monkeypatch.setenv("ADWATCH_TEST_SERVERS", str(made))
    return made


@pytest.fixture
def without_java(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a shell and its tools, but no Maven and no Java."""
    tools = folder / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "id", "runuser", "test", "cat", "cksum", "cut", "mkdir", "rm"):
        found = shutil.which(name)
        assert found or name == "runuser"
        (tools / name).symlink_to(found or "/nowhere")
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.delenv("ADWATCH_TEST_SEARCH_URL", raising=False)
    monkeypatch.delenv("ADWATCH_TEST_REQUIRE_SEARCH", raising=False)


@pytest.mark.usefixtures("without_java")
def test_without_maven_a_test_is_skipped_with_a_clear_word() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"no Elasticsearch: .*mvn is missing; install it"):
        shared_url()


@pytest.mark.usefixtures("without_java")
def test_where_a_server_is_required_it_fails_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADWATCH_TEST_REQUIRE_SEARCH", "1")
    with pytest.raises(pytest.fail.Exception, match="mvn is missing"):
        shared_url()


def test_the_server_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADWATCH_TEST_SEARCH_URL", "http://127.0.0.1:9")
    assert shared_url() == "http://127.0.0.1:9"


def test_a_number_in_a_file_is_no_server_to_stop(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (folder / "pid").write_text(str(other.pid))
        run_script("stop", folder)
        assert not (folder / "pid").exists()
        other.communicate(b"\n")
    assert other.returncode == 0, "it was not ended"


def test_ci_requires_the_server() -> None:
    text = (SCRIPT.parents[1] / ".ci" / "run").read_text(encoding="utf-8")
    assert "ADWATCH_TEST_REQUIRE_SEARCH=1" in text and "elasticsearch-stop" in text


def test_no_test_stands_in_for_the_server() -> None:
    """Where the client, its transport or our index on it is replaced by something else, no server is asked."""
    stand_in = re.compile(
        r"(\bmock\b|Mock\(|patch\(|setattr\(|HTTPServer\(|Fake)[^\n]*(elasticsearch|elastic_transport|ElasticIndex|elastic_client)"
    )
    assert stand_in.search('mock.patch("elasticsearch.Elasticsearch.bulk")')
    assert stand_in.search('monkeypatch.setattr(elastic_client, "connect", FakeClient)')
    assert not stand_in.search('monkeypatch.setattr("adwatch.search.elastic.PAGE", 7)')
    files = [file for file in SCRIPT.parents[1].glob("tests/**/*.py") if file != Path(__file__)]
    assert len(files) > 50
    assert [file.name for file in files if stand_in.search(file.read_text(encoding="utf-8"))] == []
