"""Say whether reviews are positive. See --help."""

from pipeline.cli import script

script("infer")
