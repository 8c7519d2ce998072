"""``python -m pipeline COMMAND``."""

import sys

from pipeline.cli.main import main

sys.exit(main())
