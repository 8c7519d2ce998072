"""The stage read alone. See --help."""

from pipeline.cli.main import script

script("read")
