# make run    start the system with the plan and demo data      (PORT=8001 for another port)
# make test   everything that must hold before a commit
# make faults thirty departments at once, and real processes killed at work
# make lint   style, types and the import contract
# make format put the code into its usual form

PYTHON ?= python3
PORT ?= 8000
export PORT
bin := .venv/bin

.PHONY: run test faults lint format

run: python
	@$(PYTHON) scripts/bootstrap.py
	@exec $(bin)/python scripts/run.py

test: lint
	@exec $(bin)/python scripts/test.py

faults: python
	@$(PYTHON) scripts/bootstrap.py --dev
	@exec $(bin)/python scripts/test.py faults

lint: python
	@$(PYTHON) scripts/bootstrap.py --dev
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/lint-imports --no-logo
	$(bin)/mypy

format: python
	@$(PYTHON) scripts/bootstrap.py --dev
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

.PHONY: python
python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "找不到 $(PYTHON)。请安装 Python 3.11 或更高版本。 $(PYTHON) was not found; install Python 3.11 or newer." >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "需要 Python 3.11 或更高版本，当前为 $$($(PYTHON) -V 2>&1)。可用 make run PYTHON=python3.12 指定其他解释器。" >&2; \
	  echo "Python 3.11 or newer is needed; this is $$($(PYTHON) -V 2>&1). Try: make run PYTHON=python3.12" >&2; \
	  exit 1; }
