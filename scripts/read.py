"""The stage read alone. See --help."""

from pipeline.cli import script

script("read")
