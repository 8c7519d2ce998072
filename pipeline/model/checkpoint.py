"""Checkpoints: everything that training needs to go on after an epoch."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Dict, List, Mapping, NamedTuple, Optional

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.output import list_names, new_folder, read_json, remove_folder, write_json
from pipeline.model.parameters import check_parameters, get_parameters, load_arrays, save_arrays, set_parameters
from pipeline.model.protocols import GluonNetwork
from pipeline.mx.engine import mx
from pipeline.mx.types import Trainer

_NETWORK, _OPTIMIZER, _BEST, _STATE = "network.safetensors", "optimizer.safetensors", "best.safetensors", "state.json"
_FILES = {_NETWORK, _OPTIMIZER, _BEST, _STATE}


class Progress(NamedTuple):
    """What `load_checkpoint` returns besides the parameters that it sets."""

    history: List[Dict[str, float]]  # of the epochs so far
    best: Optional[Mapping[str, np.ndarray]]  # parameters of an earlier epoch that `save_checkpoint` was given


def save_checkpoint(
    folder: Path,
    network: GluonNetwork,
    trainer: Trainer,
    made_from: object,
    history: List[Dict[str, float]],
    best: Optional[Mapping[str, np.ndarray]] = None,
) -> None:
    """Write ``folder/epoch-NNN`` and remove the checkpoint before it.

    The optimizer's states are written as arrays, because Gluon's own `save_states` pickles the optimizer, and
    loading a pickle can run code.

    Parameters
    ----------
    folder : Path
    network : GluonNetwork
    trainer : mxnet.gluon.Trainer
    made_from : JSON value
        The inputs and settings.
    history : list of dict
        One entry for each epoch so far.
    best : mapping of str to ndarray, optional
        Parameters of the best epoch, with early stopping.
    """
    path = folder / f"epoch-{len(history):03d}"
    with new_folder(path) as temporary:
        save_arrays(temporary / _NETWORK, get_parameters(network))
        if best is not None:
            save_arrays(temporary / _BEST, best)
        arrays = {}
        for index, state in trainer._updaters[0].states.items():  # plain SGD has none, Adam's are a pair
            arrays.update({f"{index}:{part}": array.asnumpy() for part, array in enumerate(state or ())})
        save_arrays(temporary / _OPTIMIZER, arrays)
        updates = {str(index): count for index, count in trainer._optimizer._index_update_count.items()}
        write_json(temporary / _STATE, {"made_from": made_from, "history": history, "updates": updates})
    for older in find_checkpoints(folder):
        if older != path:
            remove_folder(older)


def find_checkpoints(folder: Path) -> List[Path]:
    """Return the checkpoints in a folder, oldest first; what holds other files than a checkpoint's is none."""
    return [path for path in sorted(folder.glob("epoch-*")) if path.is_dir() and set(list_names(path)) <= _FILES]


def remove_checkpoints(folder: Path) -> None:
    """Remove the checkpoints in a folder, and the folder unless it holds anything else."""
    for path in find_checkpoints(folder):
        remove_folder(path)
    with contextlib.suppress(OSError):
        folder.rmdir()


def load_checkpoint(folder: Path, network: GluonNetwork, trainer: Trainer, made_from: object) -> Progress:
    """Take up the last checkpoint in `folder`, if there is one made from the same inputs and settings.

    Returns
    -------
    Progress
        Up to the checkpoint; its history is empty if training starts anew.

    Raises
    ------
    PipelineError
        If the checkpoint is damaged.
    """
    found = find_checkpoints(folder)
    if not found:
        return Progress([], None)
    state = read_json(found[-1] / _STATE)
    if not isinstance(state, dict) or not {"made_from", "history", "updates"} <= set(state):
        raise PipelineError(f"{found[-1] / _STATE}: damaged; remove {folder}, and training starts anew")
    if state["made_from"] != made_from:
        print(f"{found[-1]}: made from other inputs or settings; training starts anew")
        remove_checkpoints(folder)
        return Progress([], None)
    parameters = load_arrays(found[-1] / _NETWORK)
    check_parameters(network, parameters, found[-1] / _NETWORK)
    set_parameters(network, parameters)
    best = load_arrays(found[-1] / _BEST) if (found[-1] / _BEST).exists() else None
    if best is not None:
        check_parameters(network, best, found[-1] / _BEST)
    arrays = load_arrays(found[-1] / _OPTIMIZER)
    updates = {int(index): count for index, count in state["updates"].items()}
    optimizer = trainer._optimizer
    optimizer.num_update = max(updates.values(), default=0)
    for device, updater in zip(trainer._contexts, trainer._updaters):
        optimizer._all_index_update_counts[device.device_id] = dict(updates)
        for index in updates:
            parts = [name for name in (f"{index}:{part}" for part in range(len(arrays))) if name in arrays]
            updater.states[index] = tuple(mx.nd.array(arrays[name], device) for name in parts) or None
            updater.states_synced[index] = True
    print(f"{found[-1]}: training goes on after epoch {len(state['history'])}")
    return Progress(state["history"], best)
