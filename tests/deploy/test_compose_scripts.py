"""The scripts beside the compose file, run for real: secrets made once, databases on a real server, the index loop's end."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from sqlalchemy import NullPool, create_engine, text

from tests.store.databases import SERVERS, postgresql_server  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "compose"


def make_secrets(folder: Path, **how: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        ["sh", str(FOLDER / "secrets.sh"), str(folder)], capture_output=True, text=True, check=False, **how
    )


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of secrets as an installation has it."""
    if os.geteuid() not in (0, 1000):
        pytest.skip("secrets.sh wants to be run as root or the user 1000")
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    done = make_secrets(folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_secret_of_the_compose_file_is_made(secrets: Path) -> None:
    declared = yaml.safe_load((FOLDER / "compose.yml").read_text(encoding="utf-8"))["secrets"]
    assert [name for name, entry in declared.items() if not (secrets / Path(entry["file"]).name).stat().st_size] == []
    passwords = [file.read_text() for file in secrets.iterdir() if re.search(r"_(password|secret|key)$", file.name)]
    assert len(passwords) == len(set(passwords)) == 11
    assert min(len(password) for password in passwords) >= 44


def test_others_are_kept_out(secrets: Path) -> None:
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    own = secrets / "elastic_password"
    assert (stat.S_IMODE(own.stat().st_mode), own.stat().st_uid) == (0o400, 1000)
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets.iterdir()} == {0o400, 0o444}


def test_a_second_time_nothing_is_made_anew(secrets: Path) -> None:
    before = {file.name: file.read_bytes() for file in secrets.iterdir()}
    assert make_secrets(secrets).returncode == 0
    assert {file.name: file.read_bytes() for file in secrets.iterdir()} == before


@pytest.mark.parametrize("name", ["elasticsearch", "kibana"])
def test_certificates_are_good_for_their_names_only(secrets: Path, name: str) -> None:
    def verified(host: str) -> bool:
        command = [
            "openssl",
            "verify",
            "-CAfile",
            "ca.crt",
            "-purpose",
            "sslserver",
            "-verify_hostname",
            host,
            f"{name}.crt",
        ]
        return subprocess.run(command, cwd=secrets, capture_output=True, check=False).returncode == 0

    assert verified(name)
    assert verified("localhost")
    assert not verified("elsewhere.example")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_somebody_else_is_told(tmp_path: Path) -> None:
    done = make_secrets(tmp_path / "secrets", user="nobody")
    assert (done.returncode, "as root or as the user 1000" in done.stderr) == (2, True)


def driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


@pytest.mark.slow
@pytest.mark.postgresql
def test_databases_are_made_each_for_its_login(secrets: Path, tmp_path: Path, postgresql_server: str) -> None:  # noqa: F811
    match = re.match(r"postgresql://(\w+)@([\d.]+):(\d+)/", postgresql_server)
    binaries = sorted(SERVERS.glob("*/bin/psql"))
    if match is None or not binaries:
        pytest.skip("the server given has a password, or psql is not here")
    user, host, port = match.groups()
    names = ("first", "second")  # the tests' server has a login adwatch of its own
    for name, like in zip(names, ("adwatch", "airflow"), strict=True):
        shutil.copy(secrets / f"{like}_database_password", tmp_path / f"{name}_database_password")
    own = {
        "POSTGRES_USER": user,
        "PGHOST": host,
        "PGPORT": port,
        "SECRETS": str(tmp_path),
        "DATABASES": " ".join(names),
    }
    environment = {**os.environ, **own, "PATH": f"{binaries[-1].parent}:{os.environ['PATH']}"}
    admin = create_engine(driver(postgresql_server), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    command = ["bash", str(FOLDER / "databases.sh")]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        password = (tmp_path / "first_database_password").read_text()
        url = f"postgresql://first:{password}@{host}:{port}/first"
        store = create_engine(driver(url), poolclass=NullPool)
        with store.begin() as connection:
            connection.execute(text("CREATE TABLE mine (a int)"))
            assert connection.scalar(text("SELECT current_user || current_database()")) == "firstfirst"
        query = text("SELECT has_database_privilege(:who, :where, 'CONNECT')")
        with admin.connect() as connection:
            may = {
                (who, where): connection.scalar(query, {"who": who, "where": where}) for who in names for where in names
            }
        assert may == {(who, where): who == where for who, where in may}
    finally:
        with admin.connect() as connection:
            for name in names:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
                connection.execute(text(f"DROP ROLE IF EXISTS {name}"))


@pytest.mark.slow
@pytest.mark.airflow
def test_airflow_reads_its_secrets_from_the_files(secrets: Path, tmp_path: Path) -> None:
    pytest.importorskip("airflow")
    service = yaml.safe_load((FOLDER / "compose.yml").read_text(encoding="utf-8"))["services"]["airflow-worker-1"]
    commands = {
        name: value.replace("/run/secrets", str(secrets))
        for name, value in service["environment"].items()
        if name.endswith("_CMD")
    }
    wanted = {name: Path(value.split()[1]).read_text() for name, value in commands.items()}
    program = (
        "import json, sys; from airflow.configuration import conf\n"
        "names = json.load(sys.stdin)\n"
        "print(json.dumps({name: conf.get(*name.lower().removesuffix('_cmd').split('__')[1:]) for name in names}))"
    )
    environment = {**os.environ, **commands, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(list(commands)),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-800:]
    assert len(wanted) == 6
    assert yaml.safe_load(done.stdout.splitlines()[-1]) == wanted


@pytest.mark.slow
def test_the_index_loop_ends_when_it_is_told(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
    environment = {
        **clean,
        "ADWATCH_HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    command = ["sh", str(FOLDER / "index-loop.sh")]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as loop:
        assert loop.stdout is not None
        assert loop.stdout.readline() == "0 listings indexed\n"
        os.killpg(loop.pid, signal.SIGTERM)  # as tini -g does
        assert loop.wait(20) == 0
