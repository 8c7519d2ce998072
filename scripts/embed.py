"""The stage embed alone. See --help."""

from pipeline.cli.main import script

script("embed")
