# Thin: each target is what a person would type. `make setup` is quick when nothing changed, so every target asks for it.
.PHONY: help setup run run-asterisk test live clients check explore fuzz chaos bench docs format lock clean telephones

# Telephones keep real time. What fails once is tried once more, by itself and seen by all: on a busy machine a second of
# sound can be late; what is wrong is wrong again. They wait most of the time, so files are run side by side, each group
# with an Asterisk of its own.
GROUPS = auto --maxprocesses 4
LIVE_GROUPS = 3
LIVE = .venv/bin/python -m pytest -m live -n $(LIVE_GROUPS) --dist loadfile --no-loadscope-reorder || \
	{ echo "live: what failed is tried once more"; .venv/bin/python -m pytest -m live --last-failed --lfnf=none; }

help:                 ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 12

setup:                ## make .venv with pinned, hash-checked versions
	@tools/setup

run: setup            ## serve examples/demo.toml and print what to try
	@cat examples/try.txt
	@exec .venv/bin/cordboard serve --config examples/demo.toml

run-asterisk: setup   ## the same on an Asterisk that is brought into .asterisk (ADDRESS=... for phones elsewhere)
	@cat examples/try-asterisk.txt
	@.venv/bin/python -m tools.asterisk run $(if $(ADDRESS),--address $(ADDRESS)) -- \
		.venv/bin/cordboard serve --config examples/asterisk.toml

test: check telephones ## everything: checks, unit tests, properties, acceptance (needs node, npm, chromium)
	.venv/bin/python -m pytest -m "not live" -n $(GROUPS) --dist loadfile
	@$(LIVE)

live: telephones      ## real calls on a real Asterisk, which is brought into .asterisk if none is installed
	@$(LIVE)

clients: setup        ## only the tests with Bayeux clients of several makers, one of them in Chromium
	.venv/bin/python -m pytest -m clients

check: setup          ## style, types and walls between rooms; no tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

telephones: setup
	@.venv/bin/uv --quiet pip install --python .venv/bin/python --only-binary :all: --require-hashes \
		-r requirements/live.txt || echo "no wheels of the telephones for this Python: tests that need them are skipped"

explore: setup        ## walk every interleaving of a few people (DEPTH=9 for deeper, EXPLORE_FLAGS=--help)
	.venv/bin/python -m tests.kit.explore $(if $(DEPTH),--depth $(DEPTH)) $(EXPLORE_FLAGS)

fuzz: setup           ## any bytes at the doors, for long (FUZZ_S=60 seconds each); led by coverage where atheris installs
	@.venv/bin/uv --quiet pip install --python .venv/bin/python --only-binary :all: --require-hashes \
		-r requirements/fuzz.txt || echo "fuzz: no wheel of atheris here; the bytes will be random"
	.venv/bin/python -m tests.fuzz.deep

chaos: setup          ## kill, pause and cut off the server for long while people transfer (CHAOS_FLAGS=--help)
	.venv/bin/python -m tests.chaos $(CHAOS_FLAGS)

bench: setup          ## how fast it is, beside a floor measured in the same run (BENCH_FLAGS=--help)
	.venv/bin/python -m bench $(BENCH_FLAGS)

docs: setup           ## make the generated pages under docs/ anew
	.venv/bin/python -m tools.publish

format: setup         ## rewrite the sources in the agreed style
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock: setup           ## make the pins anew (LOCK_FLAGS=--upgrade for newer versions)
	tools/lock $(LOCK_FLAGS)
	@tools/setup

clean:                ## remove what setup and tests made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
