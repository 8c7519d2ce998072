"""Run the lectures anew, their figures beside ours. See --help."""

from pipeline.cli.main import script

script("reproduce")
