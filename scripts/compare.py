"""Trained networks beside linear models, on two domains. See --help."""

from pipeline.cli import script

script("compare")
