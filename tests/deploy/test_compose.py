"""The compose files: valid by the compose specification, and every name in them is one that the code or the docs know."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml

import adwatch
from adwatch.cli import maintain, watch
from adwatch.settings import Settings
from bench.store import OFFICE

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "compose"
TEXTS = {file.name: file.read_text(encoding="utf-8") for file in sorted(FOLDER.iterdir()) if file.is_file()}
COMPOSE: dict[str, Any] = yaml.safe_load(TEXTS["compose.yml"])
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"search-users", "airflow-migrate"}
"""Services that do their work and end."""
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
SCHEMA = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
"""The compose specification's own schema (Apache-2.0), as the package check-jsonschema ships it."""


def refused(document: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]


def test_valid_by_the_compose_specification() -> None:
    assert refused(COMPOSE) == []


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [("kibana", "port", ["5601"]), ("redis", "healthcheck", "yes"), ("indexer", "secrets", {"a": 1})],
)
def test_the_schema_refuses_what_is_wrong(service: str, key: str, value: Any) -> None:
    assert refused({**COMPOSE, "services": {**SERVICES, service: {**SERVICES[service], key: value}}})


def test_every_service_of_the_issue_is_there() -> None:
    kinds = ("api-server", "scheduler", "dag-processor", "triggerer", "worker-1", "worker-2")
    wanted = {"elasticsearch", "kibana", "postgresql", "redis", "indexer", "metrics", *(f"airflow-{k}" for k in kinds)}
    assert set(SERVICES) == wanted | ONCE


def test_every_setting_of_ours_is_known() -> None:
    ours = {f"ADWATCH_{name.upper()}" for name in Settings.model_fields}
    scripts = (ROOT / "deploy" / "elasticsearch.sh").read_text(encoding="utf-8") + PAGE
    named = {name for text in TEXTS.values() for name in re.findall(r"\bADWATCH_[A-Z_]+[A-Z]", text)}
    assert {"ADWATCH_HOME", "ADWATCH_SECRETS", "ADWATCH_ES_HEAP"} <= named
    assert [name for name in sorted(named - ours) if not re.search(rf"\b{name}\b", scripts)] == []


def test_every_variable_that_is_asked_for_stands_in_the_example() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXTS["compose.yml"]))
    given = set(re.findall(r"^(\w+)=", TEXTS[".env.example"], re.MULTILINE))
    assert asked == given
    assert re.findall(r"^(\w+)=.*(?i:password|secret)", TEXTS[".env.example"], re.MULTILINE) == []


@pytest.mark.airflow
def test_every_setting_of_airflow_is_known_and_commands_are_for_secrets_only() -> None:
    airflow = pytest.importorskip("airflow")
    celery = pytest.importorskip("airflow.providers.celery.get_provider_info").get_provider_info()["config"]
    config = yaml.safe_load((Path(airflow.__file__).parent / "config_templates" / "config.yml").read_text("utf-8"))
    config["celery"] = celery["celery"]
    names = {name for service in SERVICES.values() for name in service.get("environment", {}) if "__" in name}
    assert len(names) > 15
    for name in sorted(names):
        _, section, option = name.lower().split("__")
        known = config[section]["options"][option.removesuffix("_cmd")]
        assert not option.endswith("_cmd") or known.get("sensitive"), f"{name}: Airflow runs commands for secrets only"


TRIED = {
    "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "WORKERS__EXECUTION_API_RETRIES": "8",
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "10",
    "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
    "CORE__LOAD_EXAMPLES": "False",
}
"""By trial: slots are free a second after a task's end, a lost worker's tasks are begun anew a minute after its death,
and tasks outlive half a minute without the api-server."""


def test_airflow_is_set_as_it_was_tried() -> None:
    ours = [service for name, service in SERVICES.items() if name.startswith("airflow-")]
    workers = [name for name in SERVICES if name.startswith("airflow-worker-")]
    for service in ours:
        settings = {
            name.removeprefix("AIRFLOW__"): value
            for name, value in service["environment"].items()
            if name.startswith("AIRFLOW__")
        }
        assert TRIED.items() <= settings.items()
        slots = len(workers) * int(settings["CELERY__WORKER_CONCURRENCY"])
        assert int(settings["CORE__PARALLELISM"]) == slots, "what waits at a worker loses its pass after ten minutes"
        assert "SCHEDULER__TASK_QUEUED_TIMEOUT" not in settings
    assert len(ours) == 7
    assert re.search(r'^ENTRYPOINT \["tini", "-g", "--"\]$', TEXTS["Dockerfile"], re.M), "a whole group is ended"


def test_postgresql_is_set_as_it_was_measured() -> None:
    program, *words = SERVICES["postgresql"]["command"]
    assert (program, set(words[::2]), tuple(words[1::2])) == ("postgres", {"-c"}, OFFICE)
    assert [setting for setting in OFFICE if f"`{setting.replace('=', ' = ')}`" not in PAGE] == []


def test_celery_is_of_the_line_that_airflow_works_with() -> None:
    lock = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    [celery] = re.findall(r"^celery==(\d+)\.(\d+)\.", lock, re.M)
    assert (int(celery[0]), int(celery[1])) < (5, 7)
    [airflow] = re.findall(r"^apache-airflow==([\d.]+)", lock, re.M)
    assert f"`{airflow}`" in PAGE


def test_images_are_pinned_and_documented() -> None:
    images = {service["image"] for service in SERVICES.values()} | set(
        re.findall(r"^FROM (\S+)", TEXTS["Dockerfile"], re.M)
    )
    assert [image for image in images if not re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)*$", image)] == []
    assert [image for image in images if f"`{image}`" not in PAGE] == []
    [elasticsearch] = re.findall(
        r"ADWATCH_ES_VERSION:-([\d.]+)", (ROOT / "deploy" / "elasticsearch.sh").read_text("utf-8")
    )
    elastic = {image for image in images if "elastic.co" in image}
    assert {image.rpartition(":")[2] for image in elastic} == {elasticsearch}
    assert f"adwatch:{adwatch.__version__}" in images


def test_ports_are_bound_to_loopback_and_documented() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(ports) == 4
    for port in ports:
        host, outside, inside = port.split(":")
        assert (host, outside) == ("127.0.0.1", inside)
        assert f"127.0.0.1:{outside}" in PAGE
    assert not [name for name, service in SERVICES.items() if service.get("network_mode") or service.get("privileged")]


def test_what_is_mounted_is_there_and_volumes_have_names() -> None:
    made = set(COMPOSE["secrets"]) | {"elasticsearch.crt", "elasticsearch.key", "kibana.crt", "kibana.key"}
    used = set()
    for service in SERVICES.values():
        for mount in service.get("volumes", ()):
            source, _target, *mode = mount.split(":")
            if source.startswith("./secrets/"):
                assert source.removeprefix("./secrets/") in made
            elif source.startswith("."):
                assert (FOLDER / source).resolve().is_file(), mount
            else:
                used.add(source)
                assert mode == []
                continue
            assert mode == ["ro"], mount
    assert used == set(COMPOSE["volumes"])


def test_paths_of_our_image_are_made_by_its_dockerfile() -> None:
    made = set(re.findall(r"/srv/[\w-]+", TEXTS["Dockerfile"]))
    named = set(re.findall(r"/srv/[\w-]+", TEXTS["compose.yml"]))
    assert named <= made
    assert (ROOT / "dags" / "daily_patrol.py").is_file()
    [script] = [word for word in SERVICES["indexer"]["command"] if "/" in word]
    assert (ROOT / script).is_file()
    assert f"!{script}" in TEXTS["Dockerfile.dockerignore"].splitlines()


def test_no_secret_stands_in_a_file() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if not re.search(r"PASSWORD|SECRET|KEY|TOKEN|CONN|BROKER|BACKEND", variable, re.IGNORECASE):
                continue
            by_file = re.fullmatch(r"(cat )?/run/secrets(/(?P<secret>[\w.]+))?", str(value))
            certificate = re.fullmatch(r"(/usr/share/kibana/config/)?certs/\w+\.key", str(value))
            assert by_file or certificate, f"{name}: {variable}"
            if by_file and by_file["secret"]:
                assert by_file["secret"] in service["secrets"], f"{name}: {variable}"
    assert [name for name, text in TEXTS.items() if re.search(r"://[^\s:/@]*:(?!%s)[^\s@/]+@", text)] == []


def test_every_secret_is_declared_and_used() -> None:
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert used == set(COMPOSE["secrets"])
    read = {
        secret
        for service in SERVICES.values()
        for secret in re.findall(r"/run/secrets/([\w.]+)", yaml.safe_dump(service))
        if secret not in service.get("secrets", ())
    }
    assert read == set(), "named by a service that is not given it"


def test_what_runs_is_watched_and_started_again() -> None:
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) is (name not in ONCE), name
        assert service["restart"] in ("unless-stopped", "on-failure")
    for name, service in SERVICES.items():
        for needed, how in (service.get("depends_on") or {}).items():
            wanted = "service_completed_successfully" if needed in ONCE else "service_healthy"
            assert how["condition"] == wanted, f"{name} needs {needed}"


def test_our_verbs_exist() -> None:
    app = typer.Typer()
    maintain.register(app)
    watch.register(app)
    group = typer.main.get_command(app)
    lines = [service["command"] for service in SERVICES.values() if service.get("command", [""])[0] == "adwatch"]
    checks = [
        service["healthcheck"]["test"][1:]
        for service in SERVICES.values()
        if "adwatch" in str(service.get("healthcheck"))
    ]
    inner = [line.split() for line in re.findall(r"^ +(adwatch [a-z ]+?) \|\|", TEXTS["index-loop.sh"], re.MULTILINE)]
    spoken = [*lines, *[check for check in checks if check[0] == "adwatch"], *inner]
    assert len(spoken) == 3
    for _, *words in spoken:
        found: Any = group
        while words and hasattr(found, "commands"):
            found = found.commands[words.pop(0)]
        options = {option for parameter in found.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.slow
@pytest.mark.airflow
def test_airflows_commands_exist() -> None:
    pytest.importorskip("airflow")
    lines = [
        [str(word) for word in service["command"][1:]]
        for service in SERVICES.values()
        if service.get("command", [""])[0] == "airflow"
    ]
    shells = [service["healthcheck"]["test"][-1] for service in SERVICES.values() if "healthcheck" in service]
    lines += [shell.split()[1:] for shell in shells if shell.startswith("airflow ")]
    assert len({line[0] for line in lines}) >= 7
    program = (
        "import json, sys; from airflow.cli import cli_parser; parser = cli_parser.get_parser()\n"
        "for line in json.load(sys.stdin): parser.parse_args(line)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(lines), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-800:]


def test_the_image_is_made_by_the_steps_of_ci_from_what_they_need() -> None:
    dockerfile = TEXTS["Dockerfile"]
    assert "make install" in dockerfile
    assert 'tier "install" make install' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [needed] = re.findall(r"^\$\(VENV\)/\.installed: (.+)$", makefile, re.MULTILINE)
    packages = re.findall(
        r"^    ([a-z_]+)$", (ROOT / "setup.cfg").read_text("utf-8").partition("include =")[2].partition("[")[0], re.M
    )
    assert len(packages) >= 6
    kept = {line.removeprefix("!") for line in TEXTS["Dockerfile.dockerignore"].splitlines() if line.startswith("!")}
    wanted = {*needed.split(), *packages, "Makefile", "README.md", "LICENSE", "dags"}
    assert [name for name in wanted if kept.isdisjoint((name, *map(str, Path(name).parents)))] == []
    assert [name for name in kept if not (ROOT / name).exists()] == []
    assert not any(name.startswith(("tests", "var", ".env", "deploy/compose/secrets")) for name in kept)
