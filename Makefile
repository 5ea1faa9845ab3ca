# make demo     a made-up city, matched, with its proof, in out/demo
# make install  everything that tests and benchmarks need, in .venv
# make test     lint, format, types and every test
# make bench    the benchmarks

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check

.PHONY: demo install test bench clean

demo: .venv/installed-all
	$(BIN)/matchmaker demo --output out/demo

install: .venv/installed-dev

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/python -m pytest -n 2 --dist loadscope -m "not alone"
	$(BIN)/python -m pytest -m alone

bench: install
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv build dist src/*.egg-info

.venv/created:
	$(PYTHON) -m venv .venv
	touch $@

.venv/installed-all: .venv/created pyproject.toml
	$(PIP) install -e '.[all]'
	touch $@

.venv/installed-dev: .venv/created pyproject.toml
	$(PIP) install -e '.[dev]'
	touch $@ .venv/installed-all
