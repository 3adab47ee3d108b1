# Everything a person or CI runs. `make demo` and `make test` need nothing but a clone and Python 3.11+.

# The first of these that runs, is new enough and can make environments; a shim that only exists is passed over.
SUITS  := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do \
            $$p -c '$(SUITS)' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV   := .venv
BIN    := $(VENV)/bin
HOST   ?= 127.0.0.1
PORT   ?= 8000
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test check format widget constraints bench kills image-check package licences sbom audit release clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(or $(PYTHON),false) -c '$(SUITS)' || { echo "ragchat needs Python 3.11 or newer with venv (on Debian: apt install" \
	  "python3 python3-venv); name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(VENV)/.installed  ## Ingest the sample corpus, serve API and chat page on 127.0.0.1:8000 (PORT=… to change)
	$(BIN)/ragchat demo --host $(HOST) --port $(PORT)

test: $(VENV)/.installed-dev  ## Run all tests
	$(BIN)/pytest --numprocesses auto $(PYTEST_ARGS)

check: $(VENV)/.installed-dev  ## Format, lint, types, import layers, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_house.py
	$(BIN)/python tools/check_docs.py

widget:  ## Build the chat page and the widget into the package, after their sources changed (needs Node 20.19)
	cd widget && npm ci && npm run check && npm run build

format: $(VENV)/.installed-dev  ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

constraints: $(VENV)/bin/python  ## Write constraints.txt anew after a dependency changed
	$(BIN)/python tools/lock_constraints.py

bench: $(VENV)/.installed-dev  ## Run the benchmarks (minutes); results are written below bench/
	$(BIN)/python bench/run.py

kills: $(VENV)/.installed-dev  ## kill -9 at 40 random moments of ingesting, and of purging, beside LangChain's save_local
	$(BIN)/python -m bench.kills index
	$(BIN)/python -m bench.kills command \
	  --command "$(BIN)/ragchat ingest {folder} --index-dir {index_dir} --allow-deletes --json"
	$(BIN)/python -m bench.kills purge
	$(BIN)/python -m bench.kills langchain

image-check: $(VENV)/bin/python  ## Run the Dockerfile's steps in a clean environment, without Docker
	$(BIN)/python tools/check_image.py

package: $(VENV)/.installed-dev  ## Build wheel and sdist and try them in an environment of their own
	$(BIN)/python tools/check_package.py

licences: $(VENV)/.installed-dev  ## List the licences of what an installation brings, and write them into NOTICE
	$(BIN)/python tools/installed.py --notice

sbom: $(VENV)/.installed-dev  ## Write a bill of materials (CycloneDX) to dist/ragchat.cdx.json
	$(BIN)/python tools/installed.py --sbom dist/ragchat.cdx.json

audit: $(VENV)/.installed-dev  ## Ask osv.dev for known vulnerabilities of the pinned versions (needs the internet)
	$(BIN)/python tools/audit.py

release: $(VENV)/bin/python  ## Write VERSION=1.2.0 into the package and the changelog
	$(BIN)/python tools/release.py $(VERSION)

clean:  ## Remove the environment, built indexes and caches
	rm -rf $(VENV) .demo build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find indexes -mindepth 1 -not -name README.md -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
