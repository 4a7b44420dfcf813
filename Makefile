# Everything sets itself up: Python 3.11, make and git are enough. ARGS are passed on: make test ARGS="-k scope"

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
.PHONY: run demo test check bench nightly mutants verifier migrate pin setup
.DEFAULT_GOAL := help

help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

run: setup ## web server, worker and publisher on an embedded PostgreSQL
	@$(BIN)/python -m config.stack

demo: setup ## the whole story in the terminal; leaves its files in var/demo
	@INSTANCE=demo $(BIN)/python manage.py demo $(ARGS)

test: setup ## all tests
	@$(BIN)/python -m pytest -q -m "not nightly" -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## what CI runs: format, lint, types, import contracts, tests
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

bench: setup ## how fast the parts are
	@$(BIN)/python -m tests.bench $(ARGS)

nightly: setup ## the tests that take minutes
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -q -m nightly $(ARGS)

mutants: setup ## change the deciding code bit by bit: does a test notice? ARGS=--sample for one in ten
	@$(BIN)/python -m tests.mutants $(ARGS)

verifier: setup ## the offline verifier to be installed alone: a wheel and one file, in var/verifier
	@$(BIN)/python -m config.verifier $(ARGS)

migrate: setup ## bring the database up to date, as the owner of its tables
	@$(BIN)/python manage.py migrate $(ARGS)

pin: setup ## write requirements.txt from what is installed
	@$(BIN)/python -m config.pin

setup:
	@$(PYTHON) config/bootstrap.py
