"""Run the lectures anew, their figures beside ours. See --help."""

from pipeline.cli import script

script("reproduce")
