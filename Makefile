# Two commands for a newcomer: `make demo` and `make test`. Everything else is for those who work on it.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
DEV := $(VENV)/.dev-installed
RUN := $(VENV)/.run-installed
# The Nu HTML checker; it needs Java.
VNU := 26.9.27
CHECKER := var/tools/.vnu-$(VNU)

.PHONY: demo test check format messages lock screenshots bench clean

demo: $(RUN)
	@DEMO=on PORT=$(PORT) exec $(BIN)/python manage.py demo

test: $(DEV) check $(CHECKER)
	@$(BIN)/python -m pytest

# What a machine can see without running anything: style, types, templates, migrations, production settings.
check: $(DEV)
	@$(BIN)/python -m newsroom.check

format: $(DEV)
	@$(BIN)/ruff check --fix --quiet . && $(BIN)/ruff format --quiet . && $(BIN)/djangofmt --indent-width 2 --line-length 120 --quiet templates

# Needs gettext (apt-get install gettext); what comes out empty or fuzzy is for a translator, and the tests say so.
messages: $(DEV)
	@DEBUG=on $(BIN)/python manage.py makemessages --all --no-location --no-obsolete --ignore var --ignore tests
	@DEBUG=on $(BIN)/python manage.py compilemessages --ignore .venv --ignore var

# The locks hold hashes and no host names.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.13 --generate-hashes --no-header --no-emit-index-url --quiet -o requirements.txt
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.13 --generate-hashes --no-header --no-emit-index-url --quiet -o requirements-dev.txt

screenshots: $(DEV)
	@DEMO=on $(BIN)/python -m tests.screenshots

bench: $(DEV)
	@$(BIN)/python -m pytest -m bench -n0 -s -p no:logging

clean:
	rm -rf $(VENV) var

$(BIN)/python:
	@sh .ci/venv "$(PYTHON)" $(VENV)

$(RUN): requirements.txt | $(BIN)/python
	@echo "Installing packages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt \
		|| { echo "The packages could not be installed: see the lines above; check the network and the free space on the disk, then run the command again." >&2; exit 1; }
	@touch $@

$(DEV): requirements-dev.txt | $(BIN)/python
	@echo "Installing packages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt \
		|| { echo "The packages could not be installed: see the lines above; check the network and the free space on the disk, then run the command again." >&2; exit 1; }
	@touch $@ $(RUN)

# Without npm or Java its tests are skipped, and say how to get it; in CI they fail.
$(CHECKER):
	@mkdir -p var/tools
	@if command -v npm >/dev/null; then \
		echo "Fetching the HTML checker …"; \
		npm install --prefix var/tools --silent --no-save --no-package-lock --ignore-scripts --no-audit --no-fund vnu-jar@$(VNU) && touch $@; \
	fi || true
