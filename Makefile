# Every task of the project; `make` alone lists them. Workflows, the image and .ci/run call these, too.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install run check test quick coverage lock resolve newest bench screenshots train evaluate report figures image image-check space model-repo function clean

PYTHON ?= python3
BIN := .venv/bin
# as pip does: behind a company's proxy its own certificate counts
export UV_SYSTEM_CERTS := 1
UV := $(shell sed -n 's/^uv==\([^ ;]*\).*/\1/p' requirements.lock)
# what builds and runs images here; either one builds the same
ENGINE ?= $(shell docker version >/dev/null 2>&1 && echo docker || echo podman)
BUILD ?= $(if $(filter podman,$(ENGINE)),buildah build --layers --format docker,docker build)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --custom-compile-command "make lock"

help:  ## list the tasks
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.venv/uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { echo "Python 3.11 to 3.14 is needed; name one by PYTHON=…"; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv .venv || { echo "venv is missing (on Debian: apt install python3-venv)"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV)"
	@touch $@

.venv/serving: .venv/uv requirements.txt requirements.lock
	@echo "Installing what serving needs …"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.txt -c requirements.lock
	@touch $@

.venv/everything: .venv/uv requirements.lock
	@echo "Installing what development needs …"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@touch $@ .venv/serving

# for tests: Gradio's client for JavaScript, and what GitHub itself says of a workflow
.venv/js/node_modules: Makefile
	@if command -v npm >/dev/null; then npm install --prefix .venv/js --no-package-lock --no-audit --no-fund --silent @gradio/client@2.7.0 \
		@actions/languageservice@0.3.61 vscode-languageserver-textdocument@1.0.12; \
	else echo "npm is missing, so neither the client for JavaScript nor the workflows will be tested in full"; mkdir -p $@; fi
	@touch $@

install: .venv/everything .venv/js/node_modules  ## set up .venv with everything that development needs

run: .venv/serving  ## serve the page and REST on http://127.0.0.1:7860 (HOST, PORT)
	@echo "Starting on http://$${HOST:-127.0.0.1}:$${PORT:-7860} …"
	@exec $(BIN)/python app.py

check: .venv/everything  ## format, lint and types, without changing a file
	@echo "Checking format and lint …"; $(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@echo "Checking types …"; $(BIN)/mypy

# tests wait for servers and browsers, so there is one worker more than cores; a file stays in one: it has its servers
CORES := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
WORKERS ?= $(shell echo $$(($(CORES) + 1)))
PYTEST := pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: .venv/everything .venv/js/node_modules  ## all checks and tests, browser included
	@$(MAKE) --no-print-directory check & trap "kill $$! 2>/dev/null || true" EXIT; \
	echo "Running the tests …"; $(BIN)/python -m $(PYTEST); wait $$!

quick: .venv/everything  ## what a change needs in a minute: all checks, and the tests that are not slow
	@$(MAKE) --no-print-directory check & trap "kill $$! 2>/dev/null || true" EXIT; \
	$(BIN)/python -m $(PYTEST) -q -m "not slow"; wait $$!

coverage: .venv/everything .venv/js/node_modules  ## which lines and branches the tests take, in servers and commands, too
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(BIN)/coverage run -m $(PYTEST) -q
	@$(BIN)/coverage combine -q && $(BIN)/coverage report
	@[ -z "$${GITHUB_STEP_SUMMARY:-}" ] || $(BIN)/coverage report --format=markdown >>"$$GITHUB_STEP_SUMMARY"

lock: .venv/uv  ## pin the dependencies that pyproject.toml declares
	@$(COMPILE) pyproject.toml -o requirements.txt
	@$(COMPILE) --group training -c requirements.txt -o training/requirements.txt
	@$(COMPILE) --group function -c requirements.txt -o api/function-requirements.txt
	@$(COMPILE) pyproject.toml --group dev --group comparison -c requirements.txt --generate-hashes -o requirements.lock

# What a Gradio Space runs to build itself. Asks the package index, installs nothing.
GRADIO := $(shell sed -n 's/^gradio==\([^ ;]*\).*/\1/p' requirements.txt)
resolve: .venv/uv  ## check that a Space can install requirements.txt
	@$(BIN)/python -m pip install --quiet --dry-run -r requirements.txt "gradio[oauth,mcp]==$(GRADIO)" "uvicorn>=0.14.0" "websockets>=10.4" spaces
	@echo "A Space can install requirements.txt."

newest: .venv/uv  ## try the demo with the newest versions that pyproject.toml allows
	@$(BIN)/uv venv --quiet --clear build/newest
	@$(BIN)/uv pip install --quiet --python build/newest -r pyproject.toml
	@PORT=7861 build/newest/bin/python app.py & trap "kill $$!" EXIT; $(PYTHON) deploy/smoke.py http://127.0.0.1:7861

bench: .venv/everything  ## measure speed against floors (AGAINST=older results.json tells what got worse)
	@ENGINE=$(ENGINE) $(BIN)/python -m bench $(if $(AGAINST),--against $(AGAINST))

screenshots: .venv/everything  ## take the README's pictures from the running demo
	@echo "Taking the pictures …"; $(BIN)/python -m docs.screenshots

train: .venv/everything  ## fit the model and write model/artifact
	@$(BIN)/python -m training

evaluate: .venv/everything  ## gather the evidence into model/artifact; a second run is instant (ARGS=--help)
	@$(BIN)/python -m training evaluate $(ARGS)

report: .venv/everything  ## write reports/: report.md and plots; fails if worse than evaluation.json AGAINST
	@$(BIN)/python -m training report $(if $(NEW),--evaluation $(NEW)) $(if $(AGAINST),--against $(AGAINST))

figures: .venv/everything  ## refresh what is published from evidence, benchmark and code: README, model card, docs
	@$(BIN)/python -m training figures README.md
	@$(BIN)/python -m api.reference
	@$(BIN)/python -m bench.plan

image:  ## build the container image breast-fna-explorer, by docker or buildah
	@$(BUILD) --target serve --tag breast-fna-explorer .

image-check:  ## run the image as hosts do, ask it for a prediction, stop it
	@ENGINE=$(ENGINE) deploy/check-image.sh breast-fna-explorer

space: .venv/serving  ## upload the demo to the Space HF_SPACE and wait until it answers (ARGS=--dry-run)
	@$(BIN)/python -m deploy.space $(ARGS)

model-repo: .venv/everything  ## publish the model to the Hub repository HF_MODEL (ARGS=--dry-run)
	@$(BIN)/python -m deploy.model_repo $(ARGS)

FUNCTION := api/__init__.py api/body.py api/function.py api/problems.py $(wildcard model/*.py) \
	model/artifact/classifier.json model/artifact/reference.csv model/artifact/SHA256SUMS
STAGED ?= build/function
function:  ## stage the Cloud Run function, ready to be deployed, in build/function
	@rm -rf $(STAGED) && mkdir -p $(STAGED)
	@tar -c $(FUNCTION) | tar -x -C $(STAGED)
	@cp api/function-requirements.txt $(STAGED)/requirements.txt
	@echo 'from api.function import predict as predict' >$(STAGED)/main.py
	@echo "Staged $(STAGED): $$(du -sh $(STAGED) | cut -f1)"

clean:  ## remove what was made here: .venv, caches, builds, reports; finished evaluations stay in .cache
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .gradio build reports
	@find . -name __pycache__ -prune -exec rm -r {} +
