"""Set the weights of a small recurrent layer and see every value. See --help."""

from pipeline.cli.main import script

script("weights")
