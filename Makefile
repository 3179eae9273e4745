# Relabel: `make demo` to look, `make test` to prove. Needs Python 3.11 or newer, and make.

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input
TYPESCRIPT := 5.9.3
TSC := $(VENV)/typescript-$(TYPESCRIPT)/node_modules/typescript/lib/tsc.js
SELF := $(MAKE)
NPM := $(and $(shell command -v node),$(shell command -v npm))
CHROMIUM := $(firstword $(foreach one,chromium-headless-shell chromium chromium-browser,$(shell command -v $(one))))

.PHONY: help demo serve test lint scripts format docs lock chromium clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    open sample projects, ready to review        (PORT=8000)"
	@echo "make serve   start with your own, empty data directory    (PORT=8000)"
	@echo "make test    check everything, on SQLite and PostgreSQL   (WORKERS=2)"
	@echo "make lint    check formatting, rules, types, imports and scripts"
	@echo "make format  put the formatting right"
	@echo "make docs    write the pages of docs/ that are made from the code"
	@echo "make lock    choose the newest allowed packages and pin them"
	@echo "make clean   remove the installed packages and caches; keeps your data in var/"

demo: $(VENV)/installed
	@$(BIN)/relabel demo --port $(PORT)

serve: $(VENV)/installed
	@$(BIN)/relabel serve --port $(PORT)

test: $(VENV)/installed-test chromium $(if $(NPM),$(TSC))
	@echo "==> Checking everything at once: the tests on SQLite and PostgreSQL, $(WORKERS) at a time,"
	@echo "    beside them the browser tests, and the formatting, rules, types, imports and scripts"
	@$(BIN)/python -m tests.at_once --make "$(SELF)" --workers $(WORKERS)
	@echo "==> All passed. Next: make demo, or commit."

lint: $(VENV)/installed-test
	@echo "==> Checking the formatting (ruff format)"
	@$(BIN)/ruff format --check .
	@echo "==> Checking the rules (ruff check)"
	@$(BIN)/ruff check .
	@echo "==> Checking the types (mypy)"
	@$(BIN)/python -m mypy
	@echo "==> Checking which room imports which (lint-imports)"
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory scripts

# The scripts run as they are; TypeScript only reads them. Without Node.js it is left out.
scripts: $(if $(NPM),$(TSC))
	@echo "==> Checking the scripts (tsc --strict)"
ifeq ($(NPM),)
	@echo "    Skipped: there is no node with npm here. To run it, install Node.js 18 or newer."
else
	@node $(TSC) --project tsconfig.json
endif

$(TSC):
	@echo "==> Installing TypeScript $(TYPESCRIPT) to check the scripts"
	@npm install --prefix $(VENV)/typescript-$(TYPESCRIPT) --no-save --no-package-lock --no-audit --no-fund --loglevel=error typescript@$(TYPESCRIPT) >/dev/null \
	  || { echo "npm could not fetch TypeScript $(TYPESCRIPT): see above, then make lint."; exit 1; }

format: $(VENV)/installed-test
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(VENV)/installed
	@$(BIN)/python -m docs.generate

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON). Install Python 3.11 or newer, or name one: make demo PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: Relabel needs 3.11 or newer. Name one: make demo PYTHON=python3.12"; exit 1; }
	@echo "==> Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python could not make a virtual environment. On Debian or Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/installed: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "==> Installing Relabel's packages: about 300 MB to download, 1 to 4 minutes"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed requirements-test.lock
	@echo "==> Installing what the tests need"
	@$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

# Browser tests use the system's Chromium, best the one without windows: a test costs it a third of
# what it costs the other. Where there is none they are skipped and say so.
chromium:
ifeq ($(notdir $(CHROMIUM)),chromium-headless-shell)
	@echo "==> Browser tests will use $(CHROMIUM)"
else
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "==> Installing Chromium without windows for the browser tests (apt-get)"; \
	  export DEBIAN_FRONTEND=noninteractive; install="apt-get install -y -qq --no-remove --no-install-recommends"; \
	  ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || apt-get update -qq; \
	  $$install chromium-headless-shell >/dev/null 2>&1 || [ -n "$(CHROMIUM)" ] \
	  || { apt-get update -qq && { $$install chromium-headless-shell || $$install chromium; } >/dev/null; } \
	  || echo "    Chromium could not be installed: the browser tests will be skipped."; \
	elif [ -z "$(CHROMIUM)" ]; then \
	  echo "==> No Chromium here: the browser tests will be skipped. To run them, install your system's chromium package."; \
	else \
	  echo "==> Browser tests will use $(CHROMIUM)"; \
	fi
endif

lock: $(VENV)/bin/python
	@echo "==> Pinning the newest packages that pyproject.toml allows"
	@$(PIP) --quiet uv
	@echo 'hatchling>=1.27' > $(VENV)/build.in
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  --extra encoders pyproject.toml $(VENV)/build.in --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  --extra encoders --extra test --constraint requirements.lock pyproject.toml $(VENV)/build.in \
	  --output-file requirements-test.lock
	@! grep -nE 'https?://' requirements.lock requirements-test.lock || { echo "An address of a registry got into a lock file."; exit 1; }
	@echo "==> Done: see what changed with git diff --stat, then make test."

clean:
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	@echo "Removed packages and caches; your data in var/ is still there."
