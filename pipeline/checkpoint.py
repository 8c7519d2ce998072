"""Checkpoints: everything that training needs to go on after an epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

from pipeline.engine import mx
from pipeline.files import new_folder, read_json, remove_folder, write_json


def save_checkpoint(folder: Path, network: Any, trainer: Any, made_from: Any, history: List[Dict[str, float]]) -> None:
    """Write ``folder/epoch-NNN`` and remove the checkpoint before it.

    The optimizer's states are written as arrays, because Gluon's own `save_states` pickles the optimizer, and
    loading a pickle can run code.

    Parameters
    ----------
    folder : Path
    network : Block
    trainer : mxnet.gluon.Trainer
    made_from : JSON value
        The inputs and settings.
    history : list of dict
        One entry for each epoch so far.
    """
    path = folder / f"epoch-{len(history):03d}"
    with new_folder(path) as temporary:
        network.save_parameters(str(temporary / "network.params"))
        arrays = {"none": mx.nd.zeros(1)}  # plain SGD has no states, and MXNet cannot save an empty dictionary
        for index, state in trainer._updaters[0].states.items():
            arrays.update({f"{index}:{part}": array for part, array in enumerate(state or ())})  # Adam's are a pair
        mx.nd.save(str(temporary / "optimizer.params"), arrays)
        updates = {str(index): count for index, count in trainer._optimizer._index_update_count.items()}
        write_json(temporary / "state.json", {"made_from": made_from, "history": history, "updates": updates})
    for older in set(folder.glob("epoch-*")) - {path}:
        remove_folder(older)


def load_checkpoint(folder: Path, network: Any, trainer: Any, made_from: Any) -> List[Dict[str, float]]:
    """Take up the last checkpoint in `folder`, if there is one made from the same inputs and settings.

    Returns
    -------
    list of dict
        The history up to it; empty if training starts anew.
    """
    found = sorted(folder.glob("epoch-*"))
    if not found:
        return []
    state = read_json(found[-1] / "state.json")
    if state["made_from"] != made_from:
        print(f"{found[-1]}: made from other inputs or settings; training starts anew")
        remove_folder(folder)
        return []
    network.load_parameters(str(found[-1] / "network.params"), ctx=trainer._contexts)
    arrays = mx.nd.load(str(found[-1] / "optimizer.params"))
    updates = {int(index): count for index, count in state["updates"].items()}
    optimizer = trainer._optimizer
    optimizer.num_update = max(updates.values(), default=0)
    for device, updater in zip(trainer._contexts, trainer._updaters):
        optimizer._all_index_update_counts[device.device_id] = dict(updates)
        for index in updates:
            parts = [name for name in (f"{index}:{part}" for part in range(len(arrays))) if name in arrays]
            updater.states[index] = tuple(arrays[name].copyto(device) for name in parts) or None
            updater.states_synced[index] = True
    print(f"{found[-1]}: training goes on after epoch {len(state['history'])}")
    history: List[Dict[str, float]] = state["history"]
    return history
