# Each target makes the environment it needs; Python 3.11 or later is all that has to be there.

BIN := .venv/bin
# Public clients of the venue, each with the library versions it was written for: tests run scripts with these interpreters.
CLIENTS := pykalshi-2.0.0 pykalshi-0.3.7 kalshi-python-unofficial-0.0.1
# Those that only the compatibility run uses. Requirements that begin with "# python: VERSION" need a later Python; where
# there is none the page says so.
COMPAT := pykalshi-client-1.3.0 dtr-kalshi-0.2.3 kalshi-sdk-22.4.0 neural-sdk-0.4.1 synpath-0.11.0 kyro-0.1.2 \
	kalshi-python-2.1.4 kalshi-python-async-3.34.0 kalshi-python-sync-3.34.0 kalshi-python-async-3.2.0 \
	kalshi-python-sync-3.2.0
# Environments of the examples: a client, pytest and this package, as somebody who tests a program of theirs has it.
EXAMPLES := hedger client_bugs
# With a client that needs a later Python.
LATER_EXAMPLES := kalshi_sdk
PYTHON_OF = $(or $(shell sed -n 's/^\# python: //p' requirements/$(1).in),3.11)

# A worker a core, few enough that services and clients which they start find time; a file's fixtures are made once.
SIDE_BY_SIDE := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: install run test compat check bench chaos lock
.DELETE_ON_ERROR:
.PRECIOUS: .venv-clients/%/.locked .venv-examples/%/.locked

install: .venv/.installed

run: .venv/.installed
	$(BIN)/openpositions demo

test: .venv/.installed $(CLIENTS:%=.venv-clients/%/.locked) $(EXAMPLES:%=.venv-examples/%/.installed)
	$(BIN)/pytest --cov $(SIDE_BY_SIDE)

compat: .venv/.installed $(CLIENTS:%=.venv-clients/%/.locked)
	-$(MAKE) --no-print-directory --keep-going $(COMPAT:%=.venv-clients/%/.locked) \
		$(LATER_EXAMPLES:%=.venv-examples/%/.installed)
	$(BIN)/python -m tests.compatibility

check: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# What the tests play short, at full length: 100,000 events, a million changes. Another SEED plays another season.
chaos: SEED := 1
chaos: .venv/.installed
	CHAOS_EVENTS=100000 CHAOS_SEED=$(SEED) SLOW_CHANGES=1000000 \
		$(BIN)/pytest -s tests/simulation/test_chaos.py tests/acceptance/test_never_reading.py

bench: .venv/.installed
	$(BIN)/openpositions bench ingest
	$(BIN)/openpositions bench push

# The build tools come from the lock, so that nothing unlocked is fetched.
.venv/.installed: .venv/.locked pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.locked: requirements/dev.lock
	scripts/make-venv .venv $<
	@touch $@

.venv-clients/%/.locked: requirements/clients/%.lock
	scripts/make-venv .venv-clients/$* $< $(call PYTHON_OF,clients/$*)
	@touch $@

.venv-examples/%/.installed: .venv-examples/%/.locked pyproject.toml
	.venv-examples/$*/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv-examples/%/.locked: requirements/examples/%.lock
	scripts/make-venv .venv-examples/$* $< $(call PYTHON_OF,examples/$*)
	@touch $@

# Only here is uv needed: it writes one lock for all platforms and Python versions.
lock: COMPILE = .venv-lock/bin/uv pip compile --quiet --upgrade --universal --generate-hashes \
	--custom-compile-command "make lock" --python-version
lock: .venv/.locked
	$(BIN)/python -m venv --clear .venv-lock
	.venv-lock/bin/pip install --quiet --disable-pip-version-check uv
	$(COMPILE) 3.11 pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
	$(foreach client,$(CLIENTS) $(COMPAT),$(COMPILE) $(call PYTHON_OF,clients/$(client)) \
		requirements/clients/$(client).in --output-file requirements/clients/$(client).lock &&) true
	$(foreach example,$(EXAMPLES) $(LATER_EXAMPLES),$(COMPILE) $(call PYTHON_OF,examples/$(example)) pyproject.toml \
		requirements/examples/$(example).in --output-file requirements/examples/$(example).lock &&) true
	rm -r .venv-lock
