"""The stage index alone. See --help."""

from pipeline.cli import script

script("index")
