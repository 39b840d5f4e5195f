# Everything runs in a virtual environment of its own, .venv, made on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo

.PHONY: demo test lint docs docs-check bench clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mixrules needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group test --group lint
	touch $@

$(VENV)/.docs-installed: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group docs
	touch $@

demo: $(VENV)/.installed ## set up, write the demo stems, mix them, say what was done
	$(BIN)/mixrules demo $(DEMO)/stems
	$(BIN)/mixrules mix $(DEMO)/stems -o $(DEMO)/mix.wav --force

test: $(VENV)/.installed ## set up and run the tests, on up to four cores
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

lint: $(VENV)/.installed ## the linters and the type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/numpydoc lint $$(find mixrules -name '*.py')
	$(BIN)/mypy

docs: $(VENV)/.docs-installed ## build the site from docs/ and examples/plot_*.py to build/site; a warning is an error
	$(BIN)/sphinx-build --fail-on-warning --keep-going --fresh-env --quiet --builder html docs build/site

docs-check: $(VENV)/.installed ## run the commands of README.md and docs/, and compare what they print
	$(BIN)/python docs/refresh.py --check

bench: $(VENV)/.installed ## set up and run all benchmarks, some ten minutes
	$(BIN)/python benchmarks/run_all.py --json build/bench.json --markdown build/bench.md

clean: ## remove what the other targets made
	rm -rf $(VENV) $(DEMO) build dist docs/gallery docs/api/generated docs/api/backreferences .pytest_cache .mypy_cache .ruff_cache .hypothesis
