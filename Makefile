# make demo: a synthetic city, matched, with its proof, in out/demo
# make test: lint, format, types and every test
# make bench: the benchmarks, into benchmarks/RESULTS.md

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: demo test bench clean

demo: .venv/installed-all
	$(BIN)/matchmaker demo --output out/demo

test: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/python -m pytest

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv out build dist src/*.egg-info

.venv/created:
	$(PYTHON) -m venv .venv
	touch $@

.venv/installed-all: .venv/created pyproject.toml
	$(PIP) install -e '.[all]'
	touch $@

.venv/installed-dev: .venv/created pyproject.toml
	$(PIP) install -e '.[dev]'
	touch $@ .venv/installed-all
