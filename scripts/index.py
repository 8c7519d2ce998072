"""Run the stage index. See --help."""

from pipeline.cli.main import script

script("index")
