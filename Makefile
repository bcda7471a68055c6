# Each target installs what it needs. If it is not allowed to, it prints the command to run.
# `make` lists the targets. HOST, PORT and all BACKSTEP_… settings are passed on: make run PORT=9000

PY := .venv/bin/python
# Python compiles what is imported, and keeps it, also where the environment forbids that: the tests
# start 80 servers.
export PYTHONDONTWRITEBYTECODE :=
# pip only installs uv, which takes a tenth of the time for the rest.
PIP := $(PY) -m pip install -qq --disable-pip-version-check --no-input --no-compile --require-hashes
UV := $(PY) -m uv pip
INSTALL := $(UV) install --quiet --python $(PY) --require-hashes
BABEL := $(PY) -m babel.messages.frontend -q
LOCK := $(UV) compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"
WORKERS := 2
NPM_FLAGS := --ignore-scripts --no-audit --no-fund --loglevel=error

CODE := $(wildcard app tests benchmarks)
LANGUAGES := $(patsubst app/locale/%/LC_MESSAGES/messages.po,%,$(wildcard app/locale/*/LC_MESSAGES/messages.po))
MESSAGES := $(LANGUAGES:%=app/locale/%/LC_MESSAGES/messages.po)
CATALOGUES := $(LANGUAGES:%=app/locale/%/LC_MESSAGES/messages.mo)

MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.PHONY: help run test lint format lock wheels vendor messages catalogues ci bench fuzz verify-pytorch clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'

run: .venv/run.txt catalogues ## run the simulator at http://127.0.0.1:8000 (PORT=… HOST=…)
	@mkdir -p .cache
	@npm_config_fetch_retries=0 npm_config_fetch_timeout=20000 $(MAKE) -s vendor 2>.cache/vendor.log || \
		echo "static/vendor could not be filled, so the page loads htmx from a CDN, and /docs has no Swagger UI: $$(grep -v ^make .cache/vendor.log | tail -n 1)"
	@exec $(PY) -m app

test: tools .venv/dev.txt catalogues vendor ## run all tests (ARGS=… for pytest, WORKERS=2 in parallel)
	@# Two runs: Playwright leaves an event loop running, which breaks the other tests.
	@failed=0; \
	$(PY) -m pytest -n $(WORKERS) --dist worksteal tests --ignore=tests/browser $(ARGS) || failed=1; \
	$(PY) -m pytest -n $(WORKERS) --dist worksteal tests/browser $(ARGS) || failed=1; \
	exit $$failed

lint: .venv/dev.txt .cache/messages.pot ## run ruff, mypy, import-linter and hadolint, and find untranslated texts
	@$(PY) -m ruff check $(CODE)
	@$(PY) -m ruff format --check $(CODE)
	@$(PY) -m mypy $(CODE)
	@$(dir $(PY))lint-imports --no-logo --cache-dir .cache/import-linter
	@$(dir $(PY))hadolint Dockerfile
	@for language in $(LANGUAGES); do \
		$(BABEL) update --check --ignore-pot-creation-date -i .cache/messages.pot -d app/locale -l $$language >/dev/null 2>&1 || \
		{ echo "The message catalog of $$language is out of date: run make messages, then translate"; exit 1; }; \
	done

format: .venv/dev.txt ## format the code
	@$(PY) -m ruff check --fix $(CODE)
	@$(PY) -m ruff format $(CODE)

lock: .venv/dev.txt ## lock the newest versions that the .in files and package.json allow
	@scripts/need node
	@scripts/quietly "Locking requirements-uv.in" $(LOCK) -o requirements-uv.txt requirements-uv.in
	@scripts/quietly "Locking requirements.in" $(LOCK) -o requirements.txt requirements.in
	@scripts/quietly "Locking requirements-dev.in" $(LOCK) -o requirements-dev.txt requirements-dev.in
	@scripts/wheels
	@scripts/quietly "Locking package.json" npm install --package-lock-only --omit-lockfile-registry-resolved $(NPM_FLAGS)

wheels: .venv/dev.txt ## check that every package has wheels for the architectures of the image
	@scripts/wheels

vendor: static/vendor/fonts.css ## fill static/vendor from npm packages: htmx, Swagger UI and the fonts
	@:

messages: .cache/messages.pot ## update the message catalogs (a new language: LANGUAGES=fr)
	@for language in $(LANGUAGES); do \
		if [ -e app/locale/$$language/LC_MESSAGES/messages.po ]; then do="update --ignore-pot-creation-date"; else do=init; fi; \
		$(BABEL) $$do -i .cache/messages.pot -d app/locale -l $$language; \
	done

catalogues: $(CATALOGUES) ## compile the message catalogs
	@:

ci: ## run what continuous integration runs
	@.ci/run

bench: .venv/dev.txt catalogues vendor ## run the benchmarks and write docs/benchmarks.md (ARGS=--quick)
	@scripts/need redis wrk chromium
	@$(PY) -m benchmarks.suite $(ARGS)

fuzz: .venv/dev.txt catalogues ## send more than 5,000 generated requests to the API (ARGS="examples seed")
	@$(PY) -m tests.attacks.fuzz $(ARGS)

verify-pytorch: .venv/dev.txt catalogues ## compare the exported PyTorch programs with the simulator
	@$(PY) -m pytest tests/pytorch/check_programs.py $(ARGS)

clean: ## remove everything that make created; sessions in data/ stay
	@rm -rf .venv .cache node_modules static/vendor .*_cache .hypothesis test-results $(CATALOGUES)
	@find $(CODE) -name __pycache__ -prune -exec rm -rf {} +

# Helper targets. A copy of the lock file in .venv marks what is installed there.

.PHONY: tools
tools:
	@scripts/need python venv node chromium korean redis nginx caddy openssl sqlite curl

$(PY):
	@scripts/venv

.venv/uv.txt: requirements-uv.txt | $(PY)
	@scripts/quietly "Installing requirements-uv.txt" $(PIP) -r $<
	@cp $< $@

.venv/run.txt: requirements.txt .venv/uv.txt
	@scripts/quietly "Installing requirements.txt" $(INSTALL) -r $<
	@cp $< $@

.venv/dev.txt: requirements-dev.txt .venv/uv.txt
	@scripts/quietly "Installing requirements-dev.txt" $(INSTALL) -r $<
	@cp $< $@; cp requirements.txt .venv/run.txt

node_modules/.package-lock.json: package-lock.json
	@scripts/need node
	@scripts/quietly "Installing package-lock.json" npm ci $(NPM_FLAGS)
	@touch $@

# The fonts have the letters of the messages in a file of their own.
static/vendor/fonts.css: node_modules/.package-lock.json scripts/vendor.mjs $(MESSAGES)
	@scripts/quietly "Filling static/vendor" node scripts/vendor.mjs

# Always rebuilt: it is quick, and any file may have a new text.
.PHONY: .cache/messages.pot
.cache/messages.pot: .venv/dev.txt
	@mkdir -p .cache
	@$(BABEL) extract -F pyproject.toml --no-location --sort-output --add-comments=Translators: --project=Backstep \
		--copyright-holder="The Backstep authors" -o $@ .

%.mo: %.po | .venv/run.txt
	@$(BABEL) compile -i $< -o $@
