"""Download the reviews, GloVe and MNIST. See --help."""

from pipeline.cli import script

script("fetch_data")
