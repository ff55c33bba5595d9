"""Security on: the roles that are shipped suffice and no more; each refusal has its own clear word in doctor."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adwatch.app import doctor
from adwatch.errors import SearchError
from adwatch.search import Query, SearchIndex, open_index, push, rebuild, verify
from adwatch.settings import Settings
from tests.search.conftest import close
from tests.search.servers import Server, run_script, until
from tests.search.world import Item, World, random_items

pytestmark = [pytest.mark.slow]


@pytest.fixture(autouse=True)
def one_at_a_time(secure_server: Server) -> Iterator[None]:
    """All share the names that the roles allow, and the server's one certificate."""
    with (secure_server.folder.parent / "secure.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def writer(secure_server: Server, tmp_path: Path) -> Iterator[SearchIndex]:
    """The index as the patrol's user sees it; an empty cluster before and after."""
    made = open_index(secure_server.settings(tmp_path, "writer"))
    yield made
    made.drop()
    close(made)


def as_user(server: Server, home: Path, user: str) -> SearchIndex:
    """The index as another user sees it."""
    return open_index(server.settings(home, user))


def told(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> tuple[str, str]:
    """What doctor says about search with these settings: word and message."""
    for name in ("home", "search_url", "search_user", "search_password", "search_ca"):
        monkeypatch.setenv(f"ADWATCH_{name.upper()}", str(getattr(settings, name)))
    (found,) = [row for row in doctor.examine() if row["item"] == "search"]
    return found["word"], found["message"]


def test_the_writers_role_suffices_for_all(engine: Engine, world: World, writer: SearchIndex) -> None:
    world.add(random_items(50))
    assert push(engine, writer).kept == 50
    assert rebuild(engine, writer).kept == 50
    found = verify(engine, writer)
    assert found.equal and found.documents == 50
    assert writer.status().health == "ok"


def test_a_reader_searches_and_cannot_write(
    engine: Engine, world: World, writer: SearchIndex, secure_server: Server, tmp_path: Path
) -> None:
    world.add([Item("1", "电工证包过", None, band="flagged")])
    push(engine, writer)
    reader = as_user(secure_server, tmp_path, "reader")
    reader.prepare()
    assert reader.search(Query("包过")).total == 1
    assert list(reader.holding(["包过"])) == [name for name, _ in reader.entries()] != []
    assert reader.status().documents == 1
    world.add([Item("2", "焊工证包过", None, band="flagged")])
    with pytest.raises(SearchError, match="no right"):
        push(engine, reader)
    with pytest.raises(SearchError, match="no right"):
        reader.rebuilding()
    assert push(engine, writer).kept == 1, "it was still waiting"
    close(reader)


def test_who_has_no_role_sees_nothing(
    engine: Engine, world: World, writer: SearchIndex, secure_server: Server, tmp_path: Path
) -> None:
    world.add([Item("1", "电工证包过", None, band="flagged")])
    push(engine, writer)
    nobody = as_user(secure_server, tmp_path, "none")
    for attempt in (nobody.prepare, lambda: nobody.search(Query("包过")), nobody.status, nobody.drop):
        with pytest.raises(SearchError, match="no right"):
            attempt()
    close(nobody)
    assert writer.search(Query("包过")).total == 1


def test_a_role_ends_at_the_index_names(writer: SearchIndex, secure_server: Server, tmp_path: Path) -> None:
    from adwatch.search.elastic import ElasticIndex
    from adwatch.search.elastic_client import connect

    stranger = ElasticIndex(connect(secure_server.settings(tmp_path, "writer")), tmp_path, prefix="payroll")
    with pytest.raises(SearchError, match="no right"):
        stranger.prepare()
    stranger.client.indices.delete_index_template(name="payroll-listings")
    close(stranger)


def test_doctor_has_a_word_for_each_refusal(
    monkeypatch: pytest.MonkeyPatch, writer: SearchIndex, secure_server: Server, tmp_path: Path
) -> None:
    good = secure_server.settings(tmp_path, "writer")
    assert told(monkeypatch, good)[0] == "ok"
    wrong = good.model_copy(update={"search_password": "guessed"})
    untrusted = good.model_copy(update={"search_ca": ""})
    plain = good.model_copy(update={"search_url": good.search_url.replace("https", "http"), "search_ca": ""})
    none = secure_server.settings(tmp_path, "none")
    words = ("wrong password", "certificate not trusted", "cannot be reached", "no right")
    said = [told(monkeypatch, settings) for settings in (wrong, untrusted, plain, none)]
    assert [word for word, _ in said] == ["error"] * 4
    for (_, message), words_expected in zip(said, words, strict=True):
        assert words_expected in message
    for message in (message for _, message in said):
        assert "guessed" not in message and good.search_password not in message


@pytest.mark.parametrize(
    ("days", "names", "word"),
    [("-1", "IP:127.0.0.1", "certificate expired"), ("30", "DNS:elsewhere.example", "certificate of another host")],
)
def test_a_certificate_that_went_wrong_is_told_and_a_good_one_taken(
    monkeypatch: pytest.MonkeyPatch,
    writer: SearchIndex,
    secure_server: Server,
    tmp_path: Path,
    days: str,
    names: str,
    word: str,
) -> None:
    good = secure_server.settings(tmp_path, "writer")
    with monkeypatch.context() as patch:
        patch.setenv("ADWATCH_ES_NAMES", names)
        run_script("certificate", secure_server.folder, days)
    try:
        until(lambda: word in told(monkeypatch, good)[1])
        assert told(monkeypatch, good)[0] == "error"
    finally:
        run_script("certificate", secure_server.folder, "30")
    until(lambda: told(monkeypatch, good)[0] == "ok")
