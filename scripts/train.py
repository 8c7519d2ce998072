"""Run the stage train. See --help."""

from pipeline.cli.main import script

script("train")
