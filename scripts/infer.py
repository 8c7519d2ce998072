"""Classify reviews as positive or negative. See --help."""

from pipeline.cli.main import script

script("infer")
