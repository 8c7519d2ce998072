"""The network as an ONNX graph, built node by node from its parameters.

Not by MXNet's own exporter, which refuses some of these layers and silently gets others wrong.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any, List, Mapping

import numpy as np

import pipeline
from pipeline.errors import PipelineError
from pipeline.model.batches import input_names
from pipeline.recipe import Recipe
from pipeline.text.ngrams import INITIAL_WEIGHT, SCALE, SHORT

OPSET, IR = 17, 8  # of 2022: onnxruntime 1.16, the oldest that is supported, reads it


def build_model(recipe: Recipe, parameters: Mapping[str, np.ndarray], half: bool = True) -> Any:
    """Return a network as an ONNX model.

    Parameters
    ----------
    recipe : Recipe
    parameters : mapping of str to ndarray of float32
        Under the names of a bundle's ``network.safetensors``: ``embedding.weight``, ``dense.bias`` and so on.
    half : bool
        Keep an embedding in half precision if it came from there.

    Returns
    -------
    onnx.ModelProto
        Its inputs are ``ids``, int32 of shape (N, T), ``lengths``, int32 of shape (N,), if the network is masked, and
        ``ngrams``, int32 of shape (N, L), if it has an n-gram model. Its output is ``logits``, float32 of shape
        (N, ``recipe.num_logits``). N is dynamic, and T too unless the recipe pads every review to one length.

    Raises
    ------
    PipelineError
        If onnx is missing.
    """
    return _Graph(recipe, parameters, half).build()


def quantize_model(model: Any, path: Path) -> None:
    """Write a model of `build_model` with int8 weights in the LSTMs, the embeddings and the n-gram model.

    All have 7 bits: an LSTM's weights with a scale for each output channel, the other arrays with one scale each. What
    an LSTM reads is quantised to uint8 when it runs (``DynamicQuantizeLSTM`` of onnxruntime), with one scale for the
    whole batch. Everything else stays in single precision.

    Parameters
    ----------
    model : onnx.ModelProto
        In single precision throughout, so built with ``half=False``. It is changed.
    path : Path
        The ONNX file to write.

    Raises
    ------
    PipelineError
        If onnxruntime is missing.
    """
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise PipelineError(f'onnxruntime does not load ({error}): pip install ".[export]"') from None
    # onnxruntime's optimiser need not run before; without this note of it a warning is logged.
    model.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
    quantize_dynamic(
        model,
        path,
        op_types_to_quantize=["LSTM", "Gather"],
        per_channel=True,
        reduce_range=True,  # processors without VNNI add products of 8 bits in 16, which overflow
        weight_type=QuantType.QInt8,
    )


class _Graph:
    """The graph as far as it is built. Each method returns the name of the tensor that it made."""

    def __init__(self, recipe: Recipe, parameters: Mapping[str, np.ndarray], keep_half: bool) -> None:
        self.onnx = _import_onnx()
        self.recipe, self.parameters, self.keep_half = recipe, parameters, keep_half
        self.nodes: List[Any] = []
        self.constants: List[Any] = []
        self.prefix = ""

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    def constant(self, values: Any, name: str = "") -> str:
        name = name or f"constant_{len(self.constants)}"
        self.constants.append(self.onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def parameter(self, name: str) -> str:
        return self.constant(self.parameters[name], name)

    def build(self) -> Any:
        logits = self.ensemble() if self.recipe.is_ensemble else self.network("")
        self.nodes.append(self.onnx.helper.make_node("Identity", [logits], ["logits"], "logits"))
        return self.model()

    def ensemble(self) -> str:
        """Add all models of an `Ensemble`, (N, M * K), model after model."""
        parts = [self.network(f"lstms.{number}.") for number in range(self.recipe.network.ensemble_size)]
        if self.recipe.ngram_model.max_n:
            parts.append(self.ngram_model())
        lengths = self.node("Cast", self.column("lengths"), to=self.onnx.TensorProto.FLOAT)  # (N, 1)
        short = self.node(
            "Div", self.constant(np.float32(SHORT)), self.node("Add", lengths, self.constant(np.float32(SHORT)))
        )
        length_weights, weights = (
            self.constant(np.repeat(self.parameters[name], self.recipe.network.num_outputs), name)  # (M * K,)
            for name in ("length_weights", "weights")
        )
        weights = self.node("Add", self.node("Mul", short, length_weights), weights)  # (N, M * K)
        return self.node("Mul", self.node("Concat", *parts, axis=1), weights)

    def ngram_model(self) -> str:
        """Add the n-gram model, (N, K); the products of its ratios and weights are constants."""
        ratios, weights = (self.parameters[f"ngram_model.{name}.weight"] for name in ("ratio", "weight"))
        values = self.constant(ratios * (weights + INITIAL_WEIGHT) * SCALE, "ngram_model.values")  # (G + 1, K)
        total = self.node("ReduceSum", self.node("Gather", values, "ngrams"), self.constant([1]), keepdims=0)
        return self.node("Add", total, self.parameter("ngram_model.bias"))

    def network(self, prefix: str) -> str:
        """Add a `SentimentNetwork`, (N, outputs), whose parameters' names begin so."""
        self.prefix = prefix
        states = self.node("Transpose", self.embed(), perm=[1, 0, 2])  # (T, N, C)
        for layer in range(self.recipe.network.num_layers):
            states = self.lstm(states, layer)  # (T, N, U)
        pooled = self.pool(self.node("Transpose", states, perm=[1, 0, 2]))  # of (N, T, U)
        weight, bias = (self.parameter(f"{prefix}dense.{name}") for name in ("weight", "bias"))
        return self.node("Gemm", pooled, weight, bias, transB=1)

    def embed(self) -> str:
        """Add the words' vectors, (N, T, C); kept in half precision if they came from there."""
        name = f"{self.prefix}embedding.weight"
        half = self.parameters[name].astype(np.float16)
        if not self.keep_half or not (half == self.parameters[name]).all():
            return self.node("Gather", self.parameter(name), "ids")
        vectors = self.node("Gather", self.constant(half, name), "ids")
        return self.node("Cast", vectors, to=self.onnx.TensorProto.FLOAT)

    def lstm(self, states: str, layer: int) -> str:
        """Add one layer, in one direction or both; (T, N, C) to (T, N, U) or (T, N, 2U)."""
        kinds = ("forward_lstm._unfused.0.", "backward_lstm._unfused.0.", "cell.base_cell.")
        prefixes = [f"{self.prefix}layers.{layer}.{kind}" for kind in kinds]
        prefixes = [prefix for prefix in prefixes if f"{prefix}i2h_weight" in self.parameters]
        weights = [
            self.constant(
                [_reorder(self.parameters[prefix + name]) for prefix in prefixes], f"{self.prefix}layers.{layer}.{name}"
            )
            for name in ("i2h_weight", "h2h_weight")
        ]  # (directions, 4U, C) and (directions, 4U, U)
        biases = [
            np.concatenate([_reorder(self.parameters[prefix + name]) for name in ("i2h_bias", "h2h_bias")])
            for prefix in prefixes
        ]
        hidden = self.node(
            "LSTM",
            states,
            *weights,
            self.constant(biases, f"{self.prefix}layers.{layer}.bias"),  # (directions, 8U)
            *(["lengths"] if self.recipe.network.masked else []),
            hidden_size=self.recipe.network.hidden_size,
            direction="bidirectional" if len(prefixes) == 2 else "forward",
        )  # (T, directions, N, U)
        hidden = self.node("Transpose", hidden, perm=[0, 2, 1, 3])  # (T, N, directions, U)
        return self.node("Reshape", hidden, self.constant([0, 0, -1]))  # (T, N, directions * U)

    def pool(self, states: str) -> str:
        """Add what makes one vector a review, (N, U) and the like, of the hidden states (N, T, U)."""
        pooling = self.recipe.network.pooling
        if pooling == "flatten":
            return self.node("Flatten", self.mask(states, 0), axis=1)  # (N, T * U)
        if pooling == "last":
            return self.last(states)
        parts = []
        if pooling in ("max", "max_mean"):  # -1 lies below every hidden state
            parts.append(self.node("ReduceMax", self.mask(states, -1), axes=[1], keepdims=0))  # (N, U)
        if pooling in ("sum", "mean", "max_mean"):
            parts.append(self.node("ReduceSum", self.mask(states, 0), self.constant([1]), keepdims=0))  # (N, U)
        if pooling in ("mean", "max_mean"):
            lengths = self.node("Cast", self.column("lengths"), to=self.onnx.TensorProto.FLOAT)  # (N, 1)
            parts[-1] = self.node("Div", parts[-1], lengths)
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, axis=1)

    def last(self, states: str) -> str:
        """Add the choice of each review's last step, (N, U), of (N, T, U)."""
        if not self.recipe.network.masked:
            return self.node("Gather", states, self.constant(np.int64(-1)), axis=1)
        lengths = self.node("Cast", self.column("lengths"), to=self.onnx.TensorProto.INT64)  # (N, 1)
        return self.node("GatherND", states, self.node("Sub", lengths, self.constant([1])), batch_dims=1)

    def mask(self, states: str, value: float) -> str:
        """Add the replacement of what stands in the padding, if the network passes over it; (N, T, U)."""
        if not self.recipe.network.masked:
            return states
        shape = self.node("Shape", "ids", start=1, end=2)  # (1,)
        count = self.node("Cast", self.node("Squeeze", shape), to=self.onnx.TensorProto.INT32)  # ()
        places = self.node("Range", self.constant(np.int32(0)), count, self.constant(np.int32(1)))  # (T,)
        words = self.node("Less", places, self.column("lengths"))  # (N, T)
        return self.node("Where", self.column(words), states, self.constant(np.float32(value)))

    def column(self, name: str) -> str:
        return self.node("Unsqueeze", name, self.constant([-1]))

    def model(self) -> Any:
        helper, types = self.onnx.helper, self.onnx.TensorProto
        length = self.recipe.index.max_length if self.recipe.network.fixed_length else "steps"
        shapes = {"ids": ["reviews", length], "lengths": ["reviews"], "ngrams": ["reviews", "ngrams"]}
        graph = helper.make_graph(
            self.nodes,
            self.recipe.name,
            [helper.make_tensor_value_info(name, types.INT32, shapes[name]) for name in input_names(self.recipe)],
            [helper.make_tensor_value_info("logits", types.FLOAT, ["reviews", self.recipe.num_logits])],
            self.constants,
        )
        model = helper.make_model(
            graph,
            ir_version=IR,
            opset_imports=[helper.make_opsetid("", OPSET)],
            producer_name="sentiment-pipeline",
            producer_version=pipeline.__version__,
        )
        self.onnx.checker.check_model(model, full_check=True)
        return model


def _reorder(values: np.ndarray) -> np.ndarray:
    """Put the gates, input, forget, cell and output in Gluon, in ONNX's order: input, output, forget, cell."""
    i, f, c, o = np.split(values, 4)
    return np.concatenate([i, o, f, c])


def _import_onnx() -> ModuleType:
    try:
        import onnx
    except ImportError as error:
        raise PipelineError(f'onnx does not load ({error}): pip install ".[export]"') from None
    return onnx
