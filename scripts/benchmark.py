"""Measure the speed, side by side with what else there is. See --help."""

from pipeline.cli import script

script("benchmark")
