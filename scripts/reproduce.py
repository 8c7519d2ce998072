"""Reproduce the lectures' results. See --help."""

from pipeline.cli.main import script

script("reproduce")
