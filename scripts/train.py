"""The stage train alone. See --help."""

from pipeline.cli import script

script("train")
