"""Make the bundle that comes with the package. See --help."""

from pipeline.cli import script

script("ship_bundle")
