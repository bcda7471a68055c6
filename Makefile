# Each target installs what it lacks, and says in one line what it may not. `make` lists them.
# HOST, PORT and every BACKSTEP_… setting pass through: make run PORT=9000

PY := .venv/bin/python
MODULES := node_modules/.package-lock.json
VENDOR := static/vendor/fonts.css
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/locale/*/LC_MESSAGES/messages.po))
LANGUAGES := ko
CODE := $(wildcard app tests benchmarks)
PIP := $(PY) -m pip install -qq --disable-pip-version-check --no-input --require-hashes
LOCK := $(PY) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"

MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.PHONY: help run test lint format lock vendor messages catalogues ci bench clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

run: .venv/run.txt catalogues ## the simulator, at http://127.0.0.1:8000 (PORT=… HOST=…)
	@mkdir -p .cache; $(MAKE) -s vendor 2>.cache/vendor.log || echo "static/vendor is not filled, so the page uses the CDN: $$(tail -n 1 .cache/vendor.log)"
	@exec $(PY) -m app

test: .venv/dev.txt catalogues vendor ## every test (ARGS=… for pytest)
	@scripts/need 'command -v chromium' chromium
	@scripts/need 'fc-list :lang=ko | grep .' fontconfig fonts-noto-cjk
	@# Two processes, because Playwright leaves an event loop running that the other tests would trip over.
	@failed=0; \
	$(PY) -m pytest tests --ignore=tests/browser $(ARGS) || failed=1; \
	$(PY) -m pytest tests/browser $(ARGS) || failed=1; \
	exit $$failed

lint: .venv/dev.txt ## ruff and mypy, which change nothing
	@$(PY) -m ruff check $(CODE)
	@$(PY) -m ruff format --check $(CODE)
	@$(PY) -m mypy $(CODE)

format: .venv/dev.txt ## lays the code out as lint wants it
	@$(PY) -m ruff check --fix $(CODE)
	@$(PY) -m ruff format $(CODE)

lock: .venv/dev.txt ## the newest versions that the .in files and package.json allow
	@$(LOCK) --upgrade -o requirements.txt requirements.in
	@$(LOCK) --upgrade -o requirements-dev.txt requirements-dev.in
	@npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error

vendor: $(VENDOR) ## htmx and the fonts, from npm packages into static/vendor
	@:

messages: .venv/dev.txt ## takes new texts into the catalogues to translate
	@$(PY) -m babel.messages.frontend -q extract -F pyproject.toml --no-location --project=Backstep -o .cache/messages.pot .
	@for language in $(LANGUAGES); do \
		if [ -e app/locale/$$language/LC_MESSAGES/messages.po ]; then do=update; else do=init; fi; \
		$(PY) -m babel.messages.frontend -q $$do -i .cache/messages.pot -d app/locale -l $$language; \
	done

catalogues: $(CATALOGUES) ## compiles the catalogues
	@:

ci: ## what continuous integration runs
	@.ci/run

bench: .venv/dev.txt catalogues ## the cost of a step and of a training iteration
	@$(PY) -m benchmarks.step
	@$(PY) -m benchmarks.train

clean: ## takes away all that make has made; sessions in data/ stay
	@rm -rf .venv .cache node_modules static/vendor .*_cache .hypothesis test-results
	@find app tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	@rm -f app/locale/*/LC_MESSAGES/messages.mo

# What is installed, each behind a copy of the lock file that it was installed from.

$(PY):
	@scripts/venv

.venv/run.txt: requirements.txt | $(PY)
	@scripts/quietly "Installing requirements.txt" $(PIP) -r $<
	@cp $< $@

.venv/dev.txt: requirements-dev.txt | $(PY)
	@scripts/quietly "Installing requirements-dev.txt" $(PIP) -r $<
	@cp $< $@; cp requirements.txt .venv/run.txt

$(MODULES): package-lock.json
	@scripts/need 'command -v node && command -v npm' nodejs npm
	@scripts/quietly "Installing package-lock.json" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

$(VENDOR): $(MODULES) scripts/vendor.mjs
	@scripts/quietly "Filling static/vendor" node scripts/vendor.mjs

%.mo: %.po | .venv/run.txt
	@$(PY) -m babel.messages.frontend -q compile -i $< -o $@
