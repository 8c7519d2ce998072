"""The stage evaluate alone. See --help."""

from pipeline.cli import script

script("evaluate")
