# Every target makes its own environment from the lock files; nothing has to be set up before.

VENV := .venv
BIN := $(VENV)/bin
CLIENTS := pykalshi-2.0.0 pykalshi-0.3.7 kalshi-python-unofficial-0.0.1

.PHONY: run test check bench lock clients

run: $(VENV)/.installed
	$(BIN)/openpositions demo

test: $(VENV)/.installed clients
	$(BIN)/pytest --cov

check: $(VENV)/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed
	$(BIN)/openpositions bench ingest
	$(BIN)/openpositions bench push

# The editable install reads pyproject.toml; its build tools come from the lock, so nothing unlocked is fetched.
$(VENV)/.installed: requirements/dev.lock pyproject.toml scripts/venv
	scripts/venv $(VENV) requirements/dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Public clients of the venue, each with the versions it was written for; the tests run scripts with these interpreters.
clients: $(CLIENTS:%=.venv-clients/%/.installed)

.venv-clients/%/.installed: requirements/clients/%.lock scripts/venv
	scripts/venv .venv-clients/$* $<
	touch $@

# uv writes one lock for all platforms and Python versions; it is needed here only.
lock: COMPILE = .venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
lock: $(VENV)/.installed
	$(BIN)/python -m venv .venv-lock
	.venv-lock/bin/pip install --quiet uv
	$(COMPILE) pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
	for client in $(CLIENTS); do \
		$(COMPILE) requirements/clients/$$client.in --output-file requirements/clients/$$client.lock || exit 1; \
	done
	rm -r .venv-lock
