# What a checkout can do. Each target sets up .venv by itself, once, and again when the requirements change.
#   make demo    a first look                        make test    the tests   (ARGS="tests/caller -k paging")
#   make check   style, types, who imports whom      make bench   the figures, beside their peers
#   make lock    pin the requirements anew           make clean   back to a fresh checkout
#   make test-clients   the tests that run tools of others: Ansible, Cloud Custodian, and more
#   make test-newest    the newest botocore's model, and what it has that skysail lacks
#   make crash   kill servers under load, and look for what was answered   (ARGS="--kills 1000")
#   make fuzz    whatever comes in, nothing falls over   (ARGS="--requests 100000")
#   make fuzz-guided   the same, led by the code that is reached   (ARGS="calls -max_total_time=600")
#   make soak    64 clients for ten minutes, and what becomes of the server's memory   (ARGS="--minutes 60")
#   make failover   have a PostgreSQL primary die under load, and its standby take over
#   make operations   write docs/operations.md and the families' index anew, from the code
#   make commands     write docs/cli.md and the man page anew, from the commands
#   make dependencies   write docs/dependencies.md and the bill of materials anew, from the requirements
#   make public-api   write down what skysail promises to those who import it (tests/data/public_api.txt)
#   make docs    the documents' site, in build/site      make test-docs    the same, and whether it is whole
#   make dist    build what is published, into dist/
# PYTHON=/path/to/python3.12 chooses the interpreter.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-clients test-newest check bench crash failover fuzz fuzz-guided soak operations commands dependencies public-api docs test-docs dist \
	lock clean

VENV := .venv
PEERS := .venv-peers
SERVERS := .venv-servers
CLIENTS := .venv-clients
DOCS := .venv-docs
FUZZ := .venv-fuzz
NEWEST := .newest
BIN := $(VENV)/bin
CANDIDATES := $(or $(PYTHON),python3.11 python3.12 python3.13 python3)
# Quiet enough that only errors are seen; the package itself is built with what the requirements pin.
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
INSTALL_SELF := $(PIP) install --no-deps --no-build-isolation --editable .
NODE_MODULES := tests/javascript/node_modules

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

demo: $(VENV)/.run
	@$(BIN)/skysail demo | cat    # where it cannot be asked to stop, it ends by itself

test: $(VENV)/.dev $(NODE_MODULES)/.installed
	@$(BIN)/python -m pytest $(ARGS)

test-clients: $(VENV)/.dev $(CLIENTS)/.installed
	@SKYSAIL_CLIENTS=$(CLIENTS)/bin $(BIN)/python -m pytest tests/clients -m clients $(ARGS)

# The newest botocore there is, whatever the requirements pin; fetched anew each time.
test-newest: $(VENV)/.dev
	@rm -rf $(NEWEST)
	@$(PIP) install --upgrade --no-deps --target $(NEWEST) botocore
	@SKYSAIL_NEWEST=$(NEWEST) $(BIN)/python -m pytest tests/newest -m newest $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/rooms.py

bench: $(VENV)/.dev $(PEERS)/.installed $(SERVERS)/.installed
	@$(BIN)/python -m benchmarks $(ARGS)

crash: $(VENV)/.dev
	@PYTHONPATH=tests $(BIN)/python -m crash $(ARGS)

fuzz: $(VENV)/.dev
	@PYTHONPATH=tests $(BIN)/python -m fuzz $(ARGS)

soak: $(VENV)/.dev
	@PYTHONPATH=tests $(BIN)/python -m soak $(ARGS)

fuzz-guided: $(FUZZ)/.installed
	@PYTHONPATH=src:tests $(FUZZ)/bin/python -m fuzz.guided $(ARGS)

failover: $(VENV)/.dev
	@PYTHONPATH=tests $(BIN)/python -m failover $(ARGS)

operations: $(VENV)/.dev
	@$(BIN)/python tools/operations.py

commands: $(VENV)/.dev
	@$(BIN)/python tools/commands.py

dependencies: $(VENV)/.dev
	@$(BIN)/python tools/dependencies.py

public-api: $(VENV)/.dev
	@$(BIN)/python tools/public_api.py

# Pages from docs/, the commands and the public names; then the site, without a warning.
docs: $(VENV)/.dev $(DOCS)/.installed
	@$(BIN)/python -m tools.site_pages build/docs
	@rm -rf build/site
	@$(DOCS)/bin/zensical build --clean --strict

test-docs: docs
	@SKYSAIL_SITE=build/site $(BIN)/python -m pytest tests/pages -m site $(ARGS)

dist: $(VENV)/.dev
	@$(BIN)/python tools/dependencies.py --check
	@rm -rf dist
	@$(BIN)/python tools/dist.py

# --no-config and the bare command line: no setting of this machine, such as an index of its own, gets in.
LOCK := uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	$(LOCK) $(ARGS) --all-extras pyproject.toml requirements/dev.in --output-file requirements/dev.txt
	$(LOCK) $(ARGS) --constraint requirements/dev.txt pyproject.toml requirements/run.in --output-file requirements/run.txt
	$(LOCK) $(ARGS) requirements/peers.in --output-file requirements/peers.txt
	$(LOCK) $(ARGS) requirements/servers.in --output-file requirements/servers.txt
	$(LOCK) $(ARGS) requirements/clients.in --output-file requirements/clients.txt
	$(LOCK) $(ARGS) requirements/docs.in --output-file requirements/docs.txt
	$(LOCK) $(ARGS) --constraint requirements/dev.txt pyproject.toml requirements/fuzz.in --output-file requirements/fuzz.txt
	{ sed -n '/^#/!q;p' requirements/beside.txt; \
	  awk '/^[a-z0-9]/ { keep = /^(aiobotocore|aioitertools)==/ } keep' requirements/peers.txt; } > requirements/beside.new
	mv requirements/beside.new requirements/beside.txt

clean:
	rm -rf $(VENV) $(PEERS) $(SERVERS) $(CLIENTS) $(DOCS) $(FUZZ) $(NEWEST) $(NODE_MODULES) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .cache .demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A name on the path may be a stand-in for an interpreter that is not there, so each candidate is run.
$(BIN)/python:
	@for python in $(CANDIDATES); do \
	  if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "setting up $(VENV) with $$($$python --version), once: about a minute" >&2; \
	    exec $$python -m venv --clear $(VENV); \
	  fi; \
	done; \
	{ echo "skysail needs Python 3.11 or newer, with its venv and ensurepip modules. Looked at:"; \
	  for python in $(CANDIDATES); do \
	    echo "  $$python: $$($$python -c 'import sys; print("is", sys.version.split()[0]); import ensurepip, venv' 2>/dev/null \
	      || echo "(not there, or without ensurepip)")" | paste -sd' ' -; \
	  done; \
	  echo "Install one (Debian: python3.11 and python3.11-venv), or name yours: make PYTHON=/path/to/python3.12"; \
	} >&2; \
	exit 1

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@$(PIP) install --require-hashes --requirement requirements/run.txt
	@$(INSTALL_SELF)
	@touch $@

# The larger set holds the smaller one at the same versions.
$(VENV)/.dev: requirements/dev.txt requirements/beside.txt requirements/run.txt pyproject.toml | $(BIN)/python
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@$(PIP) install --require-hashes --no-deps --requirement requirements/beside.txt
	@$(INSTALL_SELF)
	@touch $(VENV)/.run $@

# What is measured beside; it pins other versions of the same libraries.
$(PEERS)/.installed: requirements/peers.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --requirement requirements/peers.txt
	@touch $@

$(SERVERS)/.installed: requirements/servers.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(SERVERS)
	@$(SERVERS)/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --requirement requirements/servers.txt
	@touch $@

# Tools of others, which need versions of their own of what they stand on. Some 600 MB, most of them Ansible's.
$(CLIENTS)/.installed: requirements/clients.txt | $(BIN)/python
	@echo "setting up $(CLIENTS), once: about a minute" >&2
	@$(BIN)/python -m venv --clear $(CLIENTS)
	@$(CLIENTS)/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --requirement requirements/clients.txt
	@touch $@

# What builds the site reads skysail's source and imports none of it.
$(DOCS)/.installed: requirements/docs.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(DOCS)
	@$(DOCS)/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --requirement requirements/docs.txt
	@touch $@

$(FUZZ)/.installed: requirements/fuzz.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(FUZZ)
	@$(FUZZ)/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --requirement requirements/fuzz.txt
	@touch $@

$(NODE_MODULES)/.installed: tests/javascript/package.json
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	  cd tests/javascript && npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error; \
	  touch node_modules/.installed; \
	else \
	  echo "node and npm are not both here: the test with the JavaScript SDK will be skipped" >&2; \
	fi
