"""Event files for TensorBoard, of the metrics that training reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional

from pipeline.errors import PipelineError

_STEP = ("loss", "accuracy", "learning_rate", "gradient_norm", "examples_per_second")
_EVENT_FILES = "events.out.tfevents.*"


class TensorBoardLog:
    """Write what training reports to a folder that TensorBoard reads.

    `on_step` and `on_epoch` are for `pipeline.train.train_network`. The folder is made, and the event files of an
    earlier training in it are removed, at the first step. Resumed training adds a file, and TensorBoard drops the
    steps that are repeated.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    PipelineError
        If tensorboardX is missing.
    """

    def __init__(self, folder: Path) -> None:
        try:
            import tensorboardX  # noqa: F401  # takes a while to load
        except ImportError:
            raise PipelineError(
                '--log tensorboard needs tensorboardX; install it with: pip install ".[tensorboard]"'
            ) from None
        self.folder = folder
        self._writer: Optional[Any] = None
        self._step = 0

    def on_step(self, metrics: Dict[str, float]) -> None:
        """Write the metrics of some steps of training."""
        self._step = int(metrics["step"])
        if self._writer is None:
            self._writer = self._open(resumed=metrics["epoch"] > 1)
        for name in _STEP:
            self._writer.add_scalar(f"train/{name}", metrics[name], self._step)

    def on_epoch(self, metrics: Dict[str, float]) -> None:
        """Write an epoch's entry of the history, at the epoch's last step."""
        assert self._writer is not None, "the last step of an epoch is reported"
        for name, value in metrics.items():
            split, _, kind = name.rpartition("_")
            if kind in ("loss", "accuracy"):
                self._writer.add_scalar(f"{split or 'epoch'}/{kind}", value, self._step)

    def close(self) -> None:
        """Write what is buffered, and close the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _open(self, resumed: bool) -> Any:
        from tensorboardX import SummaryWriter

        for path in self.folder.glob(_EVENT_FILES) if not resumed else ():
            path.unlink()
        # The suffix keeps apart what is resumed in the same second: the file's name has the time in seconds.
        return SummaryWriter(str(self.folder), purge_step=self._step, flush_secs=10, filename_suffix=f".{self._step}")
