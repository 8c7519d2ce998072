"""Print all values of a small recurrent layer with given weights. See --help."""

from pipeline.cli.main import script

script("weights")
