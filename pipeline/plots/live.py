"""The loss curve in a notebook, redrawn while a network trains."""

from __future__ import annotations

import sys
import time
from io import BytesIO
from typing import Any, Dict, List, Optional

from pipeline.errors import PipelineError
from pipeline.plots.figures import loss_curve


class LossPlot:
    """Draw the loss in a notebook's cell while a network trains.

    `on_step` and `on_epoch` are for `pipeline.train.train_network` and `SentimentClassifier.fit`.

    Parameters
    ----------
    interval : float
        Seconds between two drawings; each epoch is drawn in any case.

    Raises
    ------
    PipelineError
        If this is not a notebook.
    """

    def __init__(self, interval: float = 1.0) -> None:
        if "IPython" not in sys.modules or sys.modules["IPython"].get_ipython() is None:
            history = "pipeline.plots.figures.training_curves draws the history after training"
            raise PipelineError(f"LossPlot: draws in a notebook, and this is not one; {history}")
        self.steps: List[Dict[str, float]] = []
        self.epochs: List[Dict[str, float]] = []
        self._interval = interval
        self._shown = -float("inf")
        self._display: Optional[Any] = None

    def on_step(self, metrics: Dict[str, float]) -> None:
        """Add the loss of some steps."""
        self.steps.append(metrics)
        if time.monotonic() - self._shown >= self._interval:
            self._show()

    def on_epoch(self, metrics: Dict[str, float]) -> None:
        """Add the loss on validation or held-out reviews, if there are any, at the last step."""
        self.epochs.append({"step": self.steps[-1]["step"] if self.steps else 0, **metrics})
        self._show()

    def _show(self) -> None:
        from IPython.display import Image, display

        content = BytesIO()
        loss_curve(self.steps, self.epochs).savefig(content, format="png")
        image = Image(content.getvalue())
        if self._display is None:
            self._display = display(image, display_id=True)
        else:
            self._display.update(image)
        self._shown = time.monotonic()
