"""All stages of a recipe in order; those that are up to date are skipped. See --help."""

from pipeline.cli.main import script

script("run")
