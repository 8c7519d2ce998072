"""Run the stage read. See --help."""

from pipeline.cli.main import script

script("read")
