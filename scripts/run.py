"""Run all stages of a recipe that are not up to date. See --help."""

from pipeline.cli.main import script

script("run")
