# Two commands matter: `make demo` shows Veche at work, `make test` proves it sound.

PYTHON ?= python3
BIN := .venv/bin
UV := .cache/uv/bin/uv
DEMO ?= demo
N ?= 20000
# The demonstration ends with the live service, which runs until Ctrl-C; SERVE=0 ends before it.
SERVE ?= 1
PORT ?= 8000

# Trust what this machine trusts: many an owner's network has an authority of its own.
export UV_SYSTEM_CERTS := 1
# Compiled once, when it is installed: who runs Veche later may have no right to write here.
export UV_COMPILE_BYTECODE := 1

.PHONY: demo test soak lint style types imports format reference messages docs lock setup setup-dev clean

demo: setup
	@rm -rf "$$(readlink -f $(DEMO)/service)" $(DEMO) && mkdir -p $(DEMO)
	$(BIN)/veche sample --pack ru --n $(N) --out $(DEMO)/appeals.jsonl --truth $(DEMO)/truth.parquet
	$(BIN)/veche run $(DEMO)/appeals.jsonl --pack ru --out $(DEMO)/result || test $$? -eq 3
	@echo
	$(BIN)/veche sample --pack ru --n 3000 --seed 8 --decided --out $(DEMO)/history.csv
	$(BIN)/veche train $(DEMO)/history.csv --label topic=topic --out $(DEMO)/topics.model
	$(BIN)/veche sample --pack ru --n 2000 --seed 9 --decided --out $(DEMO)/newer.csv
	$(BIN)/veche evaluate $(DEMO)/topics.model $(DEMO)/newer.csv --out $(DEMO)/evaluation
	@echo
	@test "$(SERVE)" = 0 || exec $(BIN)/veche up --data $(DEMO)/service --port $(PORT) --demo

test: setup-dev
	tools/need-chromium
	$(MAKE) --no-print-directory -j3 style types imports
	$(BIN)/python -m pytest $(SPREAD) --show-capture=no

# Files of tests spread over the cores in the order of their names: the slow ones come first that way.
SPREAD := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

soak: setup-dev
	$(BIN)/python -m pytest -m soak

lint: setup-dev
	$(MAKE) --no-print-directory -j3 style types imports

style: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev
	$(BIN)/basedpyright

imports: setup-dev
	$(BIN)/lint-imports

format: setup-dev
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

reference: setup-dev
	$(BIN)/python tools/make_reference.py

# Finds the messages in the code and names those that a translation lacks.
messages: setup-dev
	$(BIN)/python tools/messages.py

docs: setup-dev
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/docs.txt
	$(BIN)/python -m sphinx -W -q -b html docs build/docs

# Dependencies with hashes, without the addresses they came from.
COMPILE := pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

lock: $(UV)
	$(UV) $(COMPILE) --extra service pyproject.toml -o requirements/run.txt
	$(UV) $(COMPILE) --all-extras --group dev pyproject.toml -o requirements/dev.txt
	$(UV) $(COMPILE) --all-extras --group dev --group docs pyproject.toml -o requirements/docs.txt
	$(UV) $(COMPILE) requirements/build.in -o requirements/build.txt

setup: .venv/.run-ready
setup-dev: .venv/.dev-ready

$(UV):
	$(PYTHON) -c 'import sys; sys.exit("Veche needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .cache/uv
	.cache/uv/bin/python -m pip install --quiet --disable-pip-version-check uv

node_modules/.ready: package-lock.json
	npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

.venv/.made: | $(UV)
	$(UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
	@touch $@

.venv/.run-ready: requirements/run.txt requirements/build.txt pyproject.toml hatch_build.py node_modules/.ready $(wildcard src/veche/locale/*/LC_MESSAGES/*.po) | .venv/.made
	@test -e .venv/.dev-ready || $(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/run.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --build-constraints requirements/build.txt --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

.venv/.dev-ready: requirements/dev.txt .venv/.run-ready
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --build-constraints requirements/build.txt --editable .
	@touch $@

clean:
	rm -rf .venv .cache node_modules build dist $(DEMO)
