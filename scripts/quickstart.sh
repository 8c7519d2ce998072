#!/usr/bin/env bash
# Set up the environment, download the data, train the recipe quick and classify two reviews.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/environment.sh
prepare ""

python scripts/fetch_data.py reviews glove
python scripts/run.py quick
python scripts/infer.py --model quick \
    "This movie is Great. I really loved the part where the plot happened. Beautiful fantastic!" \
    "Two hours of my life that nobody gives back. Dull, badly acted and far too long."
