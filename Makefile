# `make run` is all that is needed to start; `make help` lists the rest. PYTHON names the interpreter to use.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
GPU := $(if $(shell command -v nvidia-smi),-gpu)
.DEFAULT_GOAL := help
.PHONY: help run admin test lint fmt bench engines rooms trust

help: ## List what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

run: .venv/run ## Start TryML (PORT, WORKERS, TRYML_HOME, DATABASE_URL, REDIS_URL … see README.md)
	@exec $(BIN)/python manage.py serve

admin: .venv/run ## Make an administrator
	@exec $(BIN)/python manage.py createadmin

test: .venv/dev ## Run all tests
	@.ci/chromium
	$(BIN)/python -m pytest -rs -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

trust: .venv/dev ## Run all tests five times, twice beside two busy processes; an hour
	@.ci/chromium
	$(BIN)/python -m tests.trust

lint: .venv/dev ## Check style, types, imports, templates and scripts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check templates
	$(BIN)/djlint --quiet --lint templates
	.ci/types

fmt: .venv/dev ## Format code and templates
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djlint --quiet --reformat templates

engines: .venv/run ## Install PyTorch, JAX and TensorFlow, gigabytes. The tests then compare them too
	$(INSTALL) -e '.[torch$(GPU),jax$(GPU),tensorflow$(GPU)]'

rooms: ## Draw the rooms of the code, docs/rooms.svg
	@$(PYTHON) docs/rooms.py

bench: .venv/dev ## Measure, and write tests/benchmarks/results.json
	$(BIN)/python -m tests.benchmarks

# Each of these files marks an installation; it is made again when the requirements are newer.
.venv/run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what TryML needs; this takes a minute or two."
	@$(INSTALL) -e .
	@touch $@

.venv/dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what TryML and its tests need; this takes a minute or two."
	@$(INSTALL) -e '.[dev]'
	@touch .venv/run $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    "TryML needs Python 3.11 or later, and $(PYTHON) is " + sys.version.split()[0] + ": set PYTHON to another.")'
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; exit 1; }
