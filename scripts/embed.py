"""The stage embed alone. See --help."""

from pipeline.cli import script

script("embed")
