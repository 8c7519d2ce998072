"""The stage index alone. See --help."""

from pipeline.cli.main import script

script("index")
