# Every target sets up what it needs; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile --require-hashes
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
# Each in a world of its own. With REDIS_URL set they would share a Valkey: then 0, which is one process.
TEST_WORKERS ?= $(if $(REDIS_URL),0,3)

# A test that failed beside all others may pass the second time; it is shown, and the fourth such one fails the run.
SECOND_CHANCE := --reruns 1 --max-suite-reruns 3 --rerun-show-tracebacks

# A process that may not keep what it compiled compiles it again: a second and a half of each start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test e2e lint bench bench-etl bench-market soak lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.run ## Make .venv/ with what the shop needs to run
setup-dev: $(VENV)/.dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one with PYTHON=..."; exit 1; }
	@echo "Setting up $(VENV)/ ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.lock | $(VENV)/bin/python
	@$(PIP) -r requirements/run.lock
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	@$(PIP) -r requirements/dev.lock
	@touch $@

demo: setup ## Run the whole shop; WORLD=name and PORT=number choose which world and where
	@exec $(BIN)/python manage.py demo

test: setup-dev ## Lint, types, contracts and all tests
	@PYTHON=$(BIN)/python ./.ci/browser
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -m "not soak" --numprocesses $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder $(SECOND_CHANCE)

e2e: setup-dev ## Only the tests that drive a real Chromium
	@PYTHON=$(BIN)/python ./.ci/browser
	@$(BIN)/python -m pytest -m e2e

lint: setup-dev ## Style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports --no-cache

bench: setup-dev ## The quick benchmarks; each file in benchmarks/ also runs alone
	@$(BIN)/python -m benchmarks

bench-etl: setup-dev ## A million interactions exported, checked and imported; ROWS=100000,10000000 for other sizes
	@$(BIN)/python -m benchmarks.etl $(if $(ROWS),--rows $(ROWS))

bench-market: setup-dev ## Orders a second at the market's services, beside pgbench in the same minutes
	@$(BIN)/python -m benchmarks.market

soak: setup-dev ## What takes long: load, kills, closed loops of experiments
	@$(BIN)/python -m pytest -m soak

lock: ## Renew requirements/*.lock from pyproject.toml
	@uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/run.lock
	@uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/dev.lock

clean: ## Remove what was built and every world under var/
	@if [ -d var ] && pgrep -f "$(CURDIR)/var/" >/dev/null; then echo "A world is running; stop it first."; exit 1; fi
	rm -rf $(VENV) var .mypy_cache .ruff_cache .coverage htmlcov
