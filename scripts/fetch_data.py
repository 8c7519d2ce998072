"""Download the reviews, GloVe and MNIST. See --help."""

from pipeline.cli.main import script

script("fetch_data")
