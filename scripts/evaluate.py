"""Run the stage evaluate. See --help."""

from pipeline.cli.main import script

script("evaluate")
