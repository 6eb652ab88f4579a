# Every target sets up what it needs by itself. Nothing is installed outside this folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PARALLEL ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-faults test-vm test-vm-full check deb bench format clean

help: ## Show what there is to do
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: $(READY) ## Set up the virtual environment in .venv

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "sunline needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.11"; exit 1; }
	@echo "Setting up a virtual environment in $(VENV) (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) 2>/dev/null || $(MAKE) --no-print-directory venv-without-pip
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt || \
		{ echo "The dependencies could not be installed: is a package index reachable? Then run: make setup"; exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# A Python without ensurepip (Debian without python3-venv) still has a pip that can install into the environment.
.PHONY: venv-without-pip
venv-without-pip:
	@rm -rf $(VENV)
	@{ $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(VENV) install --quiet pip; } 2>/dev/null || \
		{ rm -rf $(VENV); echo "This Python cannot make virtual environments. Run: sudo apt install python3-venv"; exit 1; }

demo: $(READY) ## Run a simulated factory: two lines, eight stations, every fault in the book
	@$(BIN)/sunline demo

test: $(READY) ## Run all tests, the fault runs at reduced size
	@echo "Running the tests ..."
	@$(BIN)/python -m pytest -n $(PARALLEL) --dist worksteal -m "not faults and not vm"

test-faults: $(READY) ## Run the fault runs at full size (many minutes)
	@echo "Running the fault runs at full size ..."
	@$(BIN)/python -m pytest -n $(PARALLEL) --dist worksteal -m "faults and not vm"

test-vm: $(READY) ## Run the tests on a virtual machine: real systemd, real sticks, plugged and pulled (minutes)
	@echo "Running the tests on a virtual machine ..."
	@$(BIN)/python -m pytest tests/package tests/vm -m vm --durations=0 --durations-min=5 --timeout=900

test-vm-full: export SUNLINE_VM_FULL = 1
test-vm-full: test-vm ## The same, sticks pulled at 30 moments on each file system (an hour or more)

check: $(READY) ## Check format, style, types and the import rules
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache

deb: $(READY) ## Build the Debian packages into dist/; RELEASE=bookworm for one of them
	@$(BIN)/python -m systemd.package $(if $(RELEASE),--release $(RELEASE))

bench: $(READY) ## Measure, as ratios within one run; never a test
	@$(BIN)/python -m tests.bench

format: $(READY) ## Put the sources into the common format
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

clean: ## Remove the virtual environment and every cache
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
