"""Run the stage train in several processes on this machine. See --help."""

from pipeline.cli.main import script

script("train_distributed")
