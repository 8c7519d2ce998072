"""Say whether reviews are positive. See --help."""

from pipeline.cli.main import script

script("infer")
