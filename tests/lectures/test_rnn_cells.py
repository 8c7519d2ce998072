from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Callable

import numpy as np
import pytest
import torch

from pipeline.errors import PipelineError
from pipeline.lectures.rnn_cells import ACTIVATIONS, LSTM, Gates, SimpleRNN, lstm_step, sigmoid
from pipeline.lectures.rnn_weights import GluonWeights, KerasWeights, gluon_to_keras, lstm, simple_rnn
from pipeline.mx.engine import mx

KERAS = json.loads((Path(__file__).with_name("keras_reference.json")).read_text(encoding="utf-8"))
ZEROS, ONES, NO_FORGETTING_GATE = Gates(0, 0, 0, 0), Gates(1, 1, 1, 1), Gates(input=1, forget=0, cell=1, output=1)


@pytest.mark.parametrize(
    ("input_kernel", "recurrent_kernel", "inputs", "output"),
    [
        (2, -1, [-1, 3, 7], [6]),
        (1, 0, [3, 3, 7], [7]),
        (1, 1, [3, 3, 7], [13]),
        (1, 2, [3, 3, 7], [25]),
        (1, 3, [3, 3, 7], [43]),
        (1, 4, [3, 3, 7], [67]),
        (1, 5, [3, 3, 7], [97]),
        (1, 3, [1, 1, 2], [14]),
        (1, 0.5, [3, 3, 7], [9.25]),
        ([1, 1], [[0, 0], [0, 0]], [1, 2, 3, 4], [4, 4]),
        ([1, 1], [[0, 1], [0, 1]], [3, 3, 7, 5], [5, 31]),
        ([1, 0], [[0, 0], [0, 0]], [3, 3, 7, 5], [5, 0]),
        ([1, 1], [[1, 1], [1, 1]], [3, 4], [10, 10]),
        ([1, 0], [[1, 0], [1, 0]], [1, 2, 3, 4], [10, 0]),
    ],
)
def test_simple_rnn_gives_the_lectures_rows_exactly(
    input_kernel: object, recurrent_kernel: object, inputs: list[float], output: list[float]
) -> None:
    cell = SimpleRNN(input_kernel, recurrent_kernel, activation="linear")
    assert cell.run(inputs).last.tolist() == output


@pytest.mark.parametrize(
    ("input_kernel", "recurrent_kernel", "outputs"),
    [(NO_FORGETTING_GATE, ZEROS, [0, 1, 8, 64, 512]), (ZEROS, NO_FORGETTING_GATE, [0, 0, 0, 0, 0])],
)
def test_lstm_gives_the_lectures_rows_exactly(
    input_kernel: Gates, recurrent_kernel: Gates, outputs: list[float]
) -> None:
    cell = LSTM(input_kernel, recurrent_kernel, activation="linear", recurrent_activation="linear")
    assert cell.run([0, 1, 2, 4, 8]).outputs.tolist() == [[y] for y in outputs]


@pytest.mark.parametrize(
    ("u", "inputs", "guess", "output"),
    [
        (0, [3, 3, 7], 7, 7),
        (1, [3, 3, 7], 13, 13),
        (2, [3, 3, 7], 19, 25),
        (3, [3, 3, 7], 25, 43),
        (4, [3, 3, 7], 31, 67),
        (5, [3, 3, 7], 37, 97),
        (3, [1, 1, 2], 8, 14),
    ],
)
def test_first_hypothesis_is_refuted_as_soon_as_u_is_neither_0_nor_1(
    u: int, inputs: list[int], guess: int, output: int
) -> None:
    *others, last = inputs
    assert last + u * sum(others) == guess
    assert SimpleRNN(1, u, activation="linear").run(inputs).last == output
    assert (guess == output) == (u in (0, 1))


def test_simple_rnn_shows_every_value_of_every_step() -> None:
    trace = SimpleRNN(2, -1, bias=0.5, activation="linear").run([-1, 3, 7])
    assert list(trace.values) == ["input_part", "recurrent_part", "sum", "output"]
    assert trace.inputs.tolist() == [[-1], [3], [7]]
    assert trace["w x"].tolist() == [[-2], [6], [14]]
    assert trace["u h"].tolist() == [[0], [1.5], [-8]]
    assert trace["sum"].tolist() == trace["y"].tolist() == [[-1.5], [8], [6.5]]


def test_lstm_shows_every_value_of_every_step() -> None:
    bias = Gates(input=0, forget=1, cell=0, output=-1)
    trace = LSTM(ONES, ZEROS, bias, activation="linear", recurrent_activation="linear").run([1, 2])
    assert {name: value.ravel().tolist() for name, value in trace.values.items()} == {
        "input_sum": [1, 2],
        "input_gate": [1, 2],
        "forget_sum": [2, 3],
        "forget_gate": [2, 3],
        "candidate_sum": [1, 2],
        "candidate": [1, 2],
        "output_sum": [0, 1],
        "output_gate": [0, 1],
        "cell_state": [1, 3 * 1 + 2 * 2],
        "hidden_state": [0, 7],
    }


def test_lstm_squashes_gates_with_sigmoid_and_candidate_with_tanh() -> None:
    trace = LSTM(Gates(1, 2, 3, 4), Gates(0.5, 0.5, 0.5, 0.5)).run([0.1, -0.7])
    for gate in ("input", "forget", "output"):
        np.testing.assert_allclose(trace[f"{gate}_gate"], 1 / (1 + np.exp(-trace[f"{gate}_sum"])), rtol=1e-14)
    np.testing.assert_array_equal(trace["candidate"], np.tanh(trace["candidate_sum"]))


@pytest.mark.parametrize("units", [1, 5])
def test_lectures_equations_equal_one_step(units: int) -> None:
    random = np.random.RandomState(3)
    W, U, b = (Gates(*random.normal(size=(4, *shape))) for shape in ((3, units), (units, units), (units,)))
    x, wm, ltm = random.normal(size=3), random.normal(size=units), random.normal(size=units)
    remember = sigmoid(x @ W.forget + wm @ U.forget + b.forget)
    save = sigmoid(x @ W.input + wm @ U.input + b.input)
    learn = np.tanh(x @ W.cell + wm @ U.cell + b.cell)
    focus = sigmoid(x @ W.output + wm @ U.output + b.output)
    new_ltm = remember * ltm + save * learn
    step = lstm_step(x, wm, ltm, W, U, b)
    np.testing.assert_allclose(step.cell_state, new_ltm, rtol=1e-14)
    np.testing.assert_allclose(step.hidden_state, focus * np.tanh(new_ltm), rtol=1e-14)


def random_weights(inputs: int, units: int, gates: int) -> GluonWeights:
    random = np.random.RandomState(10 * inputs + units)
    rows = gates * units
    shapes = [(rows, inputs), (rows, units), (rows,), (rows,)]
    # No larger than layers begin with: 50 units with weights up to 1 are chaotic, and float32's rounding grows.
    scale = units**-0.5
    return GluonWeights(*(random.uniform(-scale, scale, shape).astype(np.float32) for shape in shapes))


SIZES = [(1, 1), (1, 10), (3, 2), (28, 50)]  # inputs, units
STEPS, BATCH = 12, 3


@pytest.mark.parametrize(("inputs", "units"), SIZES)
@pytest.mark.parametrize("kind", ["LSTM", "RNN"])
def test_cells_equal_gluons_layers(kind: str, inputs: int, units: int) -> None:
    weights = random_weights(inputs, units, gates=4 if kind == "LSTM" else 1)
    options = {} if kind == "LSTM" else {"activation": "tanh"}
    layer = getattr(mx.gluon.rnn, kind)(units, input_size=inputs, layout="NTC", **options)
    layer.initialize()
    for name, array in weights._asdict().items():
        getattr(layer, f"l0_{name}").set_data(mx.nd.array(array))
    x = np.random.RandomState(1).normal(size=(BATCH, STEPS, inputs)).astype(np.float32)
    expected = layer(mx.nd.array(x)).asnumpy()  # (N, T, units)
    cell = (lstm if kind == "LSTM" else simple_rnn)(gluon_to_keras(weights))
    found = np.stack([cell.run(sequence).outputs for sequence in x])
    np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("inputs", "units"), SIZES)
@pytest.mark.parametrize("kind", ["LSTM", "RNN"])
def test_cells_equal_torchs_layers(kind: str, inputs: int, units: int) -> None:
    weights = random_weights(inputs, units, gates=4 if kind == "LSTM" else 1)
    layer = getattr(torch.nn, kind)(inputs, units, batch_first=True)
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    layer.load_state_dict({name: torch.from_numpy(array) for name, array in zip(names, weights)})
    x = np.random.RandomState(1).normal(size=(BATCH, STEPS, inputs)).astype(np.float32)
    with torch.no_grad():
        expected = layer(torch.from_numpy(x))[0].numpy()  # (N, T, units)
    cell = (lstm if kind == "LSTM" else simple_rnn)(gluon_to_keras(weights))
    found = np.stack([cell.run(sequence).outputs for sequence in x])
    np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("case", KERAS["cases"])
def test_cells_equal_keras(case: dict) -> None:
    make: Callable = lstm if case["layer"] == "LSTM" else simple_rnn
    cell = make(KerasWeights(*map(np.asarray, case["weights"])), **case["settings"])
    outputs = cell.run(case["inputs"]).outputs
    np.testing.assert_allclose(outputs, case["outputs"], atol=1e-5, rtol=0)
    if len(case["weights"]) == 2:  # the lecture's rows: small whole numbers and halves, without rounding
        assert outputs.tolist() == case["outputs"]


def test_gluons_own_lstm_cell_cannot_be_linear() -> None:
    """The trap that these cells go around; should it ever be mended, they could go."""
    cell = mx.gluon.rnn.LSTMCell(1, input_size=1, activation=lambda x, **_: x)
    cell.initialize()
    with pytest.raises((TypeError, mx.MXNetError)):
        cell(mx.nd.ones((1, 1)), cell.begin_state(1))


def test_sigmoid_neither_overflows_nor_warns() -> None:
    assert sigmoid(np.array([-1e4, 0, 1e4])).tolist() == [0, 0.5, 1]
    assert set(ACTIVATIONS) == {"linear", "tanh", "sigmoid"}


def test_flat_kernels_are_read_row_by_row() -> None:
    assert SimpleRNN([1, 2, 3, 4], [5, 6, 7, 8]).input_kernel.tolist() == [[1, 2], [3, 4]]
    assert SimpleRNN([1, 2, 3, 4], [5, 6, 7, 8]).recurrent_kernel.tolist() == [[5, 6], [7, 8]]


def test_cell_keeps_its_weights_when_the_callers_array_changes() -> None:
    kernel = np.eye(2)
    cell = SimpleRNN([1, 1], kernel)
    kernel[:] = 9
    assert cell.recurrent_kernel.tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SimpleRNN(1, [1, 2, 3]), r"recurrent_kernel: expected a square \(units, units\), found shape \(3,\)"),
        (lambda: SimpleRNN(1, [[1, 2, 3, 4]]), r"recurrent_kernel: .*found shape \(1, 4\)"),
        (lambda: SimpleRNN([[1], [2]], np.eye(2)), r"input_kernel: expected shape \(inputs, 2\).*found \(2, 1\)"),
        (lambda: SimpleRNN([1, 2, 3], np.eye(2)), r"input_kernel: expected shape \(inputs, 2\).*found \(3,\)"),
        (lambda: SimpleRNN(1, 1, bias=[1, 2]), r"bias: expected shape \(1,\).*found \(2,\)"),
        (lambda: SimpleRNN("one", 1), "input_kernel: expected numbers .*found 'one'"),
        (lambda: SimpleRNN([[1], [2, 3]], 1), "input_kernel: expected numbers in equally long rows"),
        (lambda: SimpleRNN(float("nan"), 1), "input_kernel: expected finite numbers, found nan"),
        (lambda: SimpleRNN([], 1), r"input_kernel: expected numbers in at most two axes, found shape \(0,\)"),
        (lambda: SimpleRNN(1, 1, activation="relu"), "activation: expected one of linear, tanh, sigmoid, found 'relu'"),
        (lambda: LSTM((1, 0, 1, 1), ZEROS), r"input_kernel: expected Gates\(input=.*found \(1, 0, 1, 1\)"),  # type: ignore[arg-type]
        (lambda: LSTM(Gates(1, [1, 2], 1, 1), ZEROS), r"input_kernel: expected the same shape .*'forget': \(2, 1\)"),
        (lambda: LSTM(ONES, Gates(1, np.eye(2), 1, 1)), r"recurrent_kernel: expected the same shape .*\(2, 2\)"),
        (lambda: LSTM(ONES, Gates(1, 1, 1, [1, 2])), r"recurrent_kernel\.output: expected a square"),
        (lambda: LSTM(ONES, ZEROS, recurrent_activation="hard"), "recurrent_activation: expected one of"),
        (lambda: SimpleRNN(1, 1).run([]), r"inputs: expected numbers .*found shape \(0,\)"),
        (lambda: SimpleRNN(1, 1).run([[1, 2]]), r"inputs: .* \(steps, 1\), found shape \(1, 2\)"),
        (lambda: SimpleRNN([[1], [1]], 1).run([1, 2]), r"inputs: .* \(steps, 2\), found shape \(2,\)"),
        (
            lambda: LSTM(ONES, ZEROS).run(np.ones((2, 3, 1))),
            r"inputs: expected numbers in at most two axes, found shape \(2, 3, 1\)",
        ),
        (lambda: SimpleRNN(1, 1).run([1])["ltm"], "no quantity 'ltm' in this trace; it has input_part"),
    ],
)
def test_wrong_numbers_are_refused_with_what_was_found_and_expected(make: Callable, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        make()


def test_table_has_a_row_for_each_quantity_and_a_column_for_each_step() -> None:
    table = SimpleRNN([1, 1], [0, 1, 0, 1], activation="linear").run([3, 3, 7, 5]).table()
    assert table == (
        "quantity        lecture  unit  step 1  step 2  step 3  step 4\n"
        "x                        1          3       3       7       5\n"
        "input_part      w x      1          3       3       7       5\n"
        "                         2          3       3       7       5\n"
        "recurrent_part  u h      1          0       0       0       0\n"
        "                         2          0       6      12      26\n"
        "sum                      1          3       3       7       5\n"
        "                         2          3       9      19      31\n"
        "output          y        1          3       3       7       5\n"
        "                         2          3       9      19      31\n"
    )


def test_table_names_the_lectures_words_and_shows_no_minus_zero() -> None:
    table = LSTM(Gates(1, 0, 1, 1), Gates(0, -1, 0, 0)).run([0]).table()
    for line in ("input_gate     save", "forget_gate    remember", "candidate      learn", "output_gate    focus"):
        assert line in table
    assert "cell_state     ltm" in table
    assert "hidden_state   wm" in table
    assert "-0" not in table


def test_table_breaks_long_runs_into_blocks() -> None:
    table = SimpleRNN(1, 1).run(np.arange(28)).table(width=80)
    assert max(map(len, table.splitlines())) <= 80
    assert [line for line in table.splitlines() if "step 28" in line]
    assert table.count("\nx ") == table.count("quantity") == 6
    assert "1e+06" not in SimpleRNN(1, 1, activation="linear").run([1000000]).table()


@pytest.mark.parametrize(("steps", "units"), [(1, 1), (5, 2), (28, 3)])
def test_plot_draws_a_panel_for_each_quantity(steps: int, units: int) -> None:
    cell = LSTM(Gates(*np.ones((4, 2, units))), Gates(*np.ones((4, units, units))))
    figure = cell.run(np.ones((steps, 2))).plot()
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0] == "x"
    assert titles[2:6] == ["input_sum", "input_gate (save)", "forget_sum", "forget_gate (remember)"]
    assert titles[10:] == ["cell_state (ltm)", "hidden_state (wm)"]
    stems = {axes.get_title(loc="left"): axes.lines[1:] for axes in figure.axes}  # the first line is zero's
    assert len(stems["x"]) == 2
    assert len(stems["input_sum"]) == len(stems["hidden_state (wm)"]) == units


def test_plot_saves_a_plot(tmp_path: Path) -> None:
    SimpleRNN(1, 1).run([1, 2, 3]).plot(tmp_path / "rnn.png")
    assert (tmp_path / "rnn.png").read_bytes().startswith(b"\x89PNG")


def test_plot_without_matplotlib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PipelineError, match=r'pip install "\.\[plots\]"'):
        SimpleRNN(1, 1).run([1]).plot()
