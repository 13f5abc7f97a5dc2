# `make digits` trains the network, `make test` tests the project; both need python3 (3.11 or newer) and nothing else.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: help digits test check format bench peers clean
.DELETE_ON_ERROR:

help:
	@echo "make digits   train the network on scikit-learn's handwritten digits"
	@echo "make test     run the tests"
	@echo "make check    lint, format and types"
	@echo "make format   put the source in the form that make check wants"
	@echo "make bench    measure against other libraries (builds an environment of its own)"
	@echo "make peers    run other projects' own tests on this engine (likewise)"

digits: $(VENV)/.digits
	$(RUN) -m examples.digits train

test: $(VENV)/.test
	@command -v dot >/dev/null || echo "note: no 'dot' program, so tests that lay out with it are skipped; install it with: apt-get install graphviz"
	$(RUN) -m pytest

check: $(VENV)/.test
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy autograd nn examples benchmarks

format: $(VENV)/.test
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

bench: $(VENV)/.test
	$(RUN) -m benchmarks

peers: $(VENV)/.test
	$(RUN) -m benchmarks.peers

clean:
	rm -rf $(VENV) .venv-bench .venv-peers .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A stamp names the extra that is installed, and is out of date when pyproject.toml changes.
$(VENV)/.digits $(VENV)/.test: $(VENV)/.%: pyproject.toml $(VENV)/.made
	@$(RUN) -m pip install --quiet --disable-pip-version-check --editable '.[$*]' || \
	  { echo "make: the packages could not be installed; pip says why above (is there a way to a package index?)" >&2; exit 1; }
	@touch $@

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "make: no '$(PYTHON)' program; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $$($(PYTHON) --version 2>&1) is too old, 3.11 or newer is needed; name a newer one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "make: $(PYTHON) has no venv module; install it with: apt-get install python3-venv" >&2; exit 1; }
	@echo "building an environment in $(VENV); this is done once"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@
