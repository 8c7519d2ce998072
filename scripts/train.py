"""The stage train alone. See --help."""

from pipeline.cli.main import script

script("train")
