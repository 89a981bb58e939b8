# `make help` lists what there is. Everything installs from requirements.lock into .venv.
PYTHON ?= $$(command -v python3.11 || command -v python3)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export MLFLOW_DISABLE_TELEMETRY := true
export GX_ANALYTICS_ENABLED := false
export DVC_NO_ANALYTICS := 1

# Programs in an environment name the folder in which it was made, and the Python that made it.
STALE := $(shell test ! -e .venv/ready || { test "$$(cat .venv/ready)" = "$$(pwd -P)" && .venv/bin/python -c ''; } 2>&1 || echo stale)

.DEFAULT_GOAL := help
.PHONY: help setup run paper-table test unit generate step format lint fuzz clean images stack-up stack-down

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup: .venv/ready  ## create .venv from requirements.lock

run: .venv/ready  ## the whole graph: corpus to registered model and reports/index.html
	@python -P -m tools.side_by_side
	@attune summary

paper-table: .venv/ready  ## the published table on your folds and seeds: reports/paper-table (docs/evaluation.md)
	@dvc repro preprocess
	@attune paper-table

test: .venv/ready lint  ## lint, type-check and run all tests
	@OMP_NUM_THREADS=1 pytest -n auto --dist loadfile --no-loadscope-reorder

unit: .venv/ready  ## the quick tests alone, in under two minutes: no containers, no browser, nothing slow
	@OMP_NUM_THREADS=1 pytest -n auto --dist loadfile --no-loadscope-reorder -m "not slow and not containers and not browser"

generate: .venv/ready  ## write what is derived: dvc.yaml's code dependencies, docs/parameters.md, docs/messages.md
	@python -m tools.stage_code
	@python -m tools.parameters_page
	@python -m tools.messages_page

step: .venv/ready  ## a new step in all its places: make step NAME=census
	@python -m tools.new_step "$(NAME)"
	@$(MAKE) --no-print-directory format generate

format: .venv/ready  ## format the code, apply ruff's fixes
	@ruff check --quiet --fix . && ruff format --quiet .

fuzz: .venv/ready  ## look for inputs that break the readers, a minute each (installs atheris, for Linux)
	@python -c 'import atheris' 2>/dev/null || python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	@for readers in audio labels lists; do python -m tools.fuzz $$readers -max_total_time=60 || exit 1; done

lint: .venv/ready  ## ruff, mypy and the import rules
	@ruff check . && ruff format --check . && mypy && lint-imports --no-cache

images:  ## build the CPU and the GPU image, print their digests (docs/images.md)
	@docker/build

stack-up:  ## MLflow, PostgreSQL and S3 in containers on this machine (docs/local-stack.md)
	@docker/stack up

stack-down:  ## stop them; their data stays
	@docker/stack down

clean:  ## remove what runs made (data, models, reports, MLflow's database), keep .venv
	rm -rf imported data/version.txt data/corpus data/.corpus.unfinished data/validated data/validated.failed data/store data/features models predictions reports checkpoints pipeline-runs dvc_plots mlflow.db .mlflow.db.* mlartifacts .dvc/cache .dvc/tmp
	@if [ -n "$$(find .attune -name '*.jsonl' -not -path '*/set-aside*' 2>/dev/null)" ]; then echo "kept .attune: results in it are still to be sent to MLflow"; else rm -rf .attune; fi

ifdef STALE
.PHONY: .venv/ready
endif
.venv/ready: requirements.lock pyproject.toml
	@test -z "$(STALE)" || { echo ".venv was made in another folder, or its Python is gone: making it again"; rm -rf .venv; }
	@test -x $(BIN)/pip || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "attune needs Python 3.11, and '$(PYTHON)' is not: install it, then make setup PYTHON=python3.11" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@pwd -P > $@
