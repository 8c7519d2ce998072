#!/usr/bin/env bash
# Build the documentation's site in data/site, to be read and searched offline. Needs Python 3.11 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/environment.sh
prepare docs

# Everything is built anew, since notebooks that were run and docstrings may have changed. Warnings are errors.
rm -rf data/site
python -m sphinx --jobs auto --quiet --fail-on-warning --keep-going --conf-dir docs --doctree-dir data/site/.doctrees \
    . data/site
rm -rf data/site/.doctrees
echo "$PWD/data/site/index.html"
