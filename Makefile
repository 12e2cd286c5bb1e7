# mien's house work. `make` alone lists what there is.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# runs a tool of the pinned environment, which is made when first asked for: .ci/environment.py says where
TOOL = .ci/tool
BIN = .venv/bin
EXAMPLES = src/mien/examples
WORKERS ?= 2
DATA ?= ../shared/data/fer2013.parquet
PYTEST ?=

.PHONY: help demo test lint format slow wheel lock sums weights clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/installed: pyproject.toml requirements/dev.txt
	@"$$(.ci/python)" -m venv --clear .venv
	@echo "mien: installing into .venv (base install, no torch)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c requirements/dev.txt -e .
	@touch $@

demo: .venv/installed ## analyse the example portraits: a table, demo/faces.csv, demo/annotated/
	@rm -rf demo && mkdir demo
	@$(BIN)/mien analyze $(EXAMPLES) --out demo/faces.csv --annotate demo/annotated --quiet
	@$(BIN)/mien analyze $(EXAMPLES)
	@ls demo/faces.csv demo/annotated/*

test: lint ## lint, then every test but the slow ones (PYTEST="-k name" narrows it)
	@$(TOOL) pytest -m "not slow" -n $(WORKERS) $(PYTEST)

slow: ## the tests marked slow: full-width nets, timings, install size
	@$(TOOL) pytest -m slow $(PYTEST)

lint: ## ruff, formatting, strict types, the layers
	@$(TOOL) ruff check .
	@$(TOOL) ruff format --check .
	@$(TOOL) mypy
	@$(TOOL) lint-imports

format: ## put the code in shape
	@$(TOOL) ruff check --fix .
	@$(TOOL) ruff format .

wheel: ## build the wheel and the source archive into dist/
	@rm -rf dist
	@$(TOOL) hatchling build

lock: ## pin every package of the dev extra anew (needs uv; --upgrade is left to you)
	uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 \
		--no-emit-index-url --no-annotate --custom-compile-command 'make lock' -o requirements/dev.txt

weights: ## make bundled weights anew from their recipe: NAMES="small-fer2013" DATA=fer2013.parquet
	@$(TOOL) python recipes/bundle.py $(NAMES) --data $(DATA)

sums: ## write down the digests of the bundled weights, after exporting them anew
	@for folder in src/mien/weights src/mien/weights/generators; do \
		[ ! -d $$folder ] || (cd $$folder && sha256sum *.onnx > SHA256SUMS && cat SHA256SUMS) || exit 1; done

clean: ## remove what was built here (the shared test environment in the cache stays)
	@rm -rf .venv build dist demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
