# Every developer and packager command. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
PROVINCE ?= cantho
# Half of the tests wait for real servers; each file stays in one process.
TEST_PROCESSES ?= 2
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/setup.stamp
SOURCES := govdir tests interop bench

.PHONY: help setup run test check format bench lock news tour ldif clean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: $(STAMP) ## prepare .venv with the govdir command and everything it needs
	@:

$(STAMP): pyproject.toml requirements/dev.txt scripts/setup scripts/system-packages
	@PYTHON="$(PYTHON)" scripts/setup $(VENV)
	@touch $@

run: setup ## start the demonstration on loopback (PROVINCE=cantho, daklak, …), keeping its data in var/demo
	@[ ! -e govdir/policy/packs/$(PROVINCE).toml ] || \
		{ mkdir -p var/demo && ln -sfn $(PROVINCE)/accounts.json var/demo/accounts.json; }
	@exec $(BIN)/python -m govdir.cli.main demo --province $(PROVINCE) --home var/demo/$(PROVINCE)

test: setup ## run the whole suite, with real clients and servers where they are installed
	@scripts/system-packages test
	@scripts/unpacked-exim var/exim
	@scripts/unpacked-dovecot var/dovecot-2.4
	@scripts/node-packages
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile tests interop

check: setup ## format, lint, types and import contracts
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: setup ## rewrite the sources in the house format
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

bench: setup ## compare with slapd and SAML libraries on this machine; writes bench/results/*.json
	@scripts/system-packages bench
	@$(BIN)/python -m bench.run
	@$(BIN)/python -m bench.binds
	@$(BIN)/python -m bench.administrator
	@$(BIN)/python -m bench.saml

LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

lock: setup ## bring requirements/*.txt up to date with pyproject.toml (UPGRADE=--upgrade for newer releases)
	@$(LOCK) $(UPGRADE) -o requirements/run.txt pyproject.toml
	@$(LOCK) $(UPGRADE) -o requirements/dev.txt -c requirements/run.txt --extra dev pyproject.toml

news: setup ## show the change log that newsfragments/ would make
	@$(BIN)/towncrier build --draft --version next

tour: setup ## run the README's tour and write down what it prints
	@scripts/system-packages test
	@$(BIN)/python -m tests.architecture.tour

ldif: setup ## write the example files in ldif/ anew
	@$(BIN)/python -m tests.sample.ldif_examples

clean: ## remove what the other commands made, the demonstration's data included
	rm -rf $(VENV) var build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
