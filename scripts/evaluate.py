"""The stage evaluate alone. See --help."""

from pipeline.cli.main import script

script("evaluate")
