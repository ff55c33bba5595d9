# install · run · test · check · console · bench: see README.md
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE =

.PHONY: install run test test-airflow test-training test-real check console bench docs wheel clean elasticsearch elasticsearch-stop rsshub rsshub-stop

install: $(VENV)/.installed

# the lock is installed with hashes; a hashed constraint file would refuse our own project, so it comes by itself afterwards
$(VENV)/.installed: constraints.txt deploy/bootstrap.txt setup.cfg setup.py pyproject.toml classifiers/loops.c
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r deploy/bootstrap.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --require-hashes -r constraints.txt \
	  || $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r constraints.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/uv pip check -q --python $(BIN)/python
	touch $@

run: install
	@$(BIN)/adwatch demo

# three workers on two cores: a third waits for a server, a clock or the disk at any time; one file of the second tier in one worker
test: install
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not slow and not training and not cluster and not real"
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "slow and not real"

# Airflow's own processes on PostgreSQL with Redis and two workers, forty platforms: what is killed in the middle is made good
test-airflow: install
	$(BIN)/python -m pytest -m cluster tests/airflow

# the shipped model made again from its text, byte for byte; noted, so that it need not be shown again before that changes
test-training: install
	$(BIN)/python -m pytest -m training
	$(BIN)/python -m tests.classifiers.training_inputs

# real web programs of the registries on loopback, patrolled: it installs them, and is no part of make test
test-real: install
	$(BIN)/python -m pytest -n 0 -m real

check: install
	$(BIN)/lint-imports
	$(BIN)/ruff check .
	$(BIN)/mypy

# a real Elasticsearch on a free loopback port, its URL on the last line; SECURITY=1: with TLS, users and roles
elasticsearch:
	@deploy/elasticsearch.sh $(if $(SECURITY),secure,start) var/elasticsearch$(if $(SECURITY),-secure)

elasticsearch-stop:
	@deploy/elasticsearch.sh stop var/elasticsearch$(if $(SECURITY),-secure)

# a real RSSHub on loopback (a program of its own, AGPL, unmodified); set ADWATCH_RSSHUB_URL to the URL on the last line
rsshub:
	@deploy/rsshub.sh start var/rsshub

rsshub-stop:
	@deploy/rsshub.sh stop var/rsshub

# the console on loopback; the first start prints a one-time link that makes the first account
console: install
	@$(BIN)/adwatch console

bench: install
	$(BIN)/python -m bench

docs: install
	$(BIN)/python -m docs.generate

wheel: install
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

# the lock is made anew on purpose only
lock:
	$(BIN)/uv pip compile -q setup.cfg --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o constraints.txt

clean:
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
