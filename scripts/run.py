"""All stages of a recipe in order; those that are up to date are skipped. See --help."""

from pipeline.cli import script

script("run")
