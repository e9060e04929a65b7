# Two commands are enough: `make run` and `make test`. README.md has the same steps for machines without make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Hashes are checked, and pip compiles bytecode while it installs: the page's first import is twice as fast.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --compile

.PHONY: run test check unit oracles local format lifecycle bench lock chromium clean

run: $(VENV)/run.stamp
	@$(BIN)/python -m imagegen.page
	$(BIN)/python app.py

test: check chromium $(VENV)-oracles/stamp unit

check: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

unit: $(VENV)/test.stamp
	$(BIN)/python -m pytest

# The vendors' own clients and a real worker against our emulators and adapters, in an environment of their own.
oracles: $(VENV)/test.stamp $(VENV)-oracles/stamp
	$(BIN)/python -m pytest tests/oracles

# The provider `diffusers` with a tiny model that is made there; brings torch, gigabytes; no part of `make test`.
local: $(VENV)/test.stamp $(VENV)-local/stamp
	$(BIN)/python -m pytest tests/diffusing

format: $(VENV)/test.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lifecycle: $(VENV)/run.stamp
	@$(BIN)/python -m imagegen lifecycle

bench: $(VENV)/test.stamp
	$(BIN)/python -m bench

# The exact versions that are installed, for every system, from the ranges in requirements*.txt.
lock: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header requirements.txt -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.txt -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header requirements-oracles.txt -o requirements-oracles.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --constraint requirements.lock requirements-local.txt -o requirements-local.lock

# The browser of the page's tests: Debian's own package for root on Debian, else the one that Playwright brings.
chromium: $(VENV)/test.stamp
	@if command -v chromium >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else $(BIN)/python -m playwright install chromium; fi

clean:
	rm -rf $(VENV) $(VENV)-oracles $(VENV)-local .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "imagegen needs Python 3.11 or newer; set PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(VENV)/bin/python requirements.lock
	$(INSTALL) -r requirements.lock
	@touch $@

$(VENV)/test.stamp: $(VENV)/bin/python requirements-dev.lock
	$(INSTALL) -r requirements-dev.lock
	@touch $@ $(VENV)/run.stamp

$(VENV)-oracles/stamp: requirements-oracles.lock
	$(PYTHON) -m venv $(VENV)-oracles
	$(VENV)-oracles/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-oracles.lock
	@touch $@

$(VENV)-local/stamp: requirements-local.lock
	$(PYTHON) -m venv $(VENV)-local
	$(VENV)-local/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-local.lock
	@touch $@
