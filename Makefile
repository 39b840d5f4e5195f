# Everything runs in a virtual environment of its own, .venv, made on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEEP := .venv-deep
DEEP_BIN := $(DEEP)/bin
DEMO := demo
# A CPU build is enough (0.75 GB). PyPI's torch for Linux brings CUDA, gigabytes of it: give pip an index that has CPU builds
# (PIP_EXTRA_INDEX_URL), or name a wheel here.
TORCH ?= torch==2.13.0

define CHECK_PYTHON
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mixrules needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
endef

.PHONY: demo test test-deep lint docs docs-check dist bench clean

$(VENV)/.installed: pyproject.toml
	$(CHECK_PYTHON)
	@echo 'setting up $(VENV) with what tests and linters need: some minutes, once'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group test --group lint
	touch $@

$(DEEP)/.installed: pyproject.toml
	$(CHECK_PYTHON)
	@echo 'setting up $(DEEP) with $(TORCH): some minutes, once'
	$(PYTHON) -m venv $(DEEP)
	$(DEEP_BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(DEEP_BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile '$(TORCH)' --editable '.[deep]' --group pytest
	touch $@

$(VENV)/.docs-installed: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group docs
	touch $@

$(VENV)/.release-installed: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group release
	touch $@

demo: $(VENV)/.installed ## set up, write the demo stems, mix them, say what was done
	$(BIN)/mixrules demo $(DEMO)/stems
	$(BIN)/mixrules mix $(DEMO)/stems -o $(DEMO)/mix.wav --force

# Hundreds of tests start a command: they find the package's modules compiled, whatever the environment says about that.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.installed ## set up and run the tests, one process more than there are cores, up to four
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

# All of learning, and whichever test says that this is where it is not skipped.
DEEP_TESTS = tests/learning $$(grep -rl --include='test_*.py' 'is not installed: make test-deep' tests | grep -v '^tests/learning/')

test-deep: $(DEEP)/.installed ## set up another environment, with torch and onnxruntime, and run the tests that need them
	OMP_NUM_THREADS=1 $(DEEP_BIN)/python -m pytest -rs --numprocesses auto --maxprocesses 4 --dist worksteal $(DEEP_TESTS)

lint: $(VENV)/.installed ## the linters and the type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/numpydoc lint $$(find mixrules -name '*.py')
	$(BIN)/mypy

docs: $(VENV)/.docs-installed ## build the site from docs/ and examples/plot_*.py to build/site; a warning is an error
	@echo 'building the site, with the gallery: two minutes'
	$(BIN)/sphinx-build --fail-on-warning --keep-going --fresh-env --quiet --builder html docs build/site
	@echo 'built build/site/index.html'

docs-check: $(VENV)/.installed ## run the commands of README.md and docs/, and compare what they print
	$(BIN)/python docs/refresh.py --check

# A part of the tests that reads each kind of file that the package holds: presets, pages, templates, lists of words.
WHEEL_TESTS := tests/test_dependencies.py tests/test_architecture.py tests/test_minimal_installation.py tests/test_ruleset.py \
	tests/cli/test_cli_commands.py tests/listening/test_server.py tests/listening/test_exports.py tests/report tests/stems/test_roles.py

dist: $(VENV)/.release-installed ## lint the workflows, build source archive and wheel into dist/, try the wheel away from the checkout
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(BIN)/zizmor --quiet --offline --min-severity medium .github
	$(BIN)/python .ci/check_version.py
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/twine check --strict dist/*
	$(BIN)/python .ci/try_wheel.py dist --quiet --numprocesses auto --maxprocesses 4 $(WHEEL_TESTS)

bench: $(VENV)/.installed ## set up and run all benchmarks, some ten minutes
	$(BIN)/python benchmarks/run_all.py --json build/bench.json --markdown build/bench.md

clean: ## remove what the other targets made
	rm -rf $(VENV) $(DEEP) $(DEMO) build dist docs/gallery docs/api/generated docs/api/backreferences .pytest_cache .mypy_cache .ruff_cache .hypothesis
