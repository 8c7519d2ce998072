"""A trained network compiled for single reviews: what does not depend on the review is computed once."""

from __future__ import annotations

import json
from typing import Any, Dict, Sequence

from pipeline.model.protocols import GluonNetwork
from pipeline.mx.engine import mx


def pack_single_example(network: GluonNetwork, inputs: Sequence[str]) -> Any:
    """Return a block that computes a network's logits of one review, with a copy of its present parameters.

    In Gluon's graph of an LSTM, every call concatenates the parameters into one vector and creates the initial
    states, and MXNet's operator reorders each new vector. For a short sentence all that takes as long as the LSTM.

    Parameters
    ----------
    network : SentimentNetwork or Ensemble
        The parameters of its other layers are shared, not copied.
    inputs : sequence of str
        Names of the network's inputs.

    Returns
    -------
    mxnet.gluon.SymbolBlock
    """
    variables = [mx.sym.var(name, dtype="float32" if name == "lengths" else "int32") for name in inputs]
    logits, parameters = network(*variables), network.collect_params()
    graph, constants = json.loads(logits.tojson()), _find_constants(logits, parameters)
    for number, node in enumerate(graph["nodes"]):
        if node["name"] in constants:
            node.update(op="null", inputs=[], attrs={})  # an argument of the graph
            graph["arg_nodes"].append(number)
    block = mx.gluon.SymbolBlock(mx.sym.load_json(json.dumps(graph)), variables, parameters)
    for name, value in constants.items():
        parameter = block.params.get(name)
        parameter.shape = value.shape
        parameter.initialize(ctx=value.context)
        parameter.set_data(value)
    return block


def _find_constants(logits: Any, parameters: Any) -> Dict[str, Any]:
    """Return the packed parameters and initial states of all LSTMs by the names of the operators that make them."""
    internals, nodes, constants = logits.get_internals(), json.loads(logits.tojson())["nodes"], {}
    for node in nodes:
        if node["op"] == "RNN":
            _, vector, *states = (nodes[place]["name"] for place, *_ in node["inputs"])
            parts = internals[f"{vector}_output"].list_arguments()
            constants[vector] = mx.nd.concat(*(parameters[part].data().reshape(-1) for part in parts), dim=0)
            shape = (1, 1, int(node["attrs"]["state_size"]))
            constants.update({state: mx.nd.zeros(shape, constants[vector].context) for state in states})
    return constants
