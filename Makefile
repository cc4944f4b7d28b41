# Every target can be repeated and installs what it needs. Arguments: make test ARGS="tests/ledger -q"
PYTHON ?= python3
ARGS ?=

.PHONY: help setup run test test-postgres check audit prove bench lock clean

help:
	@echo "make run            set up and start everything, with demo data (ARGS=\"--port 8001\")"
	@echo "make test           the whole test suite (ARGS=\"tests/ledger -q\")"
	@echo "make test-postgres  the same suite on a real PostgreSQL"
	@echo "make check          types, style, floors, migrations, deployment settings"
	@echo "make prove          nothing lost, nothing twice: the reliability proof"
	@echo "make bench          measurements"
	@echo "make audit          known vulnerabilities in what is locked (asks the network)"
	@echo "make lock           lock the packages of requirements*.in anew (ARGS=--upgrade)"
	@echo "make setup          install everything, start nothing"
	@echo "make clean          remove what was installed and cached; data in var/ stays"

setup run test test-postgres check audit prove bench lock:
	@$(PYTHON) bootstrap.py $@ $(ARGS)

clean:
	rm -rf .venv .bootstrap.lock .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
