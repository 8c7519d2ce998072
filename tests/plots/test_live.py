from __future__ import annotations

import pytest

from pipeline.errors import PipelineError
from pipeline.plots.live import LossPlot


def test_loss_plot_outside_a_notebook_is_refused() -> None:  # in one: tests/integration/test_jupyter.py
    with pytest.raises(PipelineError, match=r"^LossPlot: draws in a notebook, and this is not one; pipeline\.plots"):
        LossPlot()
