"""Run the stage embed. See --help."""

from pipeline.cli.main import script

script("embed")
