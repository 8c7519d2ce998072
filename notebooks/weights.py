# %% [markdown]
# # What the weights of a recurrent layer do
#
# Two of the lectures set the weights of small recurrent layers by hand and ask: *what does each weight control?* All
# activations are linear and there is no bias, so you can compute every output in your head. Guess first, then run the
# cell.
#
# By the end you can say which number each weight multiplies, why a simple recurrent layer forgets, what the gates of
# an LSTM do, and how many weights a layer has. The same on one page, for reference: `docs/weights.md`.

# %%
# %matplotlib inline
import numpy as np
from IPython.display import Markdown

from pipeline.lectures.comparison import compare
from pipeline.lectures.lecture8 import compare_equations
from pipeline.lectures.report import to_table
from pipeline.lectures.rnn_cells import LSTM, Gates, SimpleRNN, lstm_step
from pipeline.lectures.rnn_weights import KerasWeights, count_parameters, keras_to_gluon
from pipeline.lectures.weights import run_exercises
from pipeline.plots.figures import signed_bars

# %% [markdown]
# ## Part A: one unit
#
# The input weight is 2, the recurrent weight −1, and the inputs are −1, 3, 7. What is the last output?

# %%
rnn = SimpleRNN(input_kernel=2, recurrent_kernel=-1, activation="linear")
trace = rnn.run([-1, 3, 7])
print(trace.table())
assert trace.last.tolist() == [6]

# %% [markdown]
# Read the table column by column: a column is one step. `input_part` is the input times 2. `recurrent_part` is the
# *output of the step before* times −1. Their sum is the output.
#
# The same as a figure, with a panel for each row:

# %%
trace.plot()

# %% [markdown]
# ### Two hypotheses
#
# The lecture first guesses: the output is the last input plus *u* times the **sum of the others**. On 3, 3, 7 with
# w = 1 the guess is 7 + u (3 + 3). Here it is beside the layer:

# %%
inputs = [3, 3, 7]
print(" u   guess   layer")
for u in range(6):
    guess = inputs[-1] + u * sum(inputs[:-1])
    layer = SimpleRNN(1, u, activation="linear").run(inputs).last.item()
    print(f"{u:2}{guess:8}{layer:8g}{'' if guess == layer else '   <- differs'}")

# %% [markdown]
# The guess is right for u = 0 and u = 1 only. The lecture saw agreement in all six rows because it wrote
# 7 + 2 · (3 + 3) as 25. It dropped the guess at 1, 1, 2 with u = 3: 8 expected, 14 found.
#
# The layer takes one step at a time: **y_t = w · x_t + u · y_(t−1)**. So an input is multiplied by *u* once for each
# later step, and the first of three inputs by u². With u = 0.5 the older inputs fade away:

# %%
assert SimpleRNN(1, 3, activation="linear").run([1, 1, 2]).last.tolist() == [14]

half = SimpleRNN(1, 0.5, activation="linear")
print(half.run([3, 3, 7]).last, "= 7 + 0.5 * 3 + 0.25 * 3")
ones = {f"{age} steps ago": half.run([1] + age * [0]).last.item() for age in range(8)}
signed_bars(ones, "u = 0.5: what is left of an input of 1")

# %% [markdown]
# After 500 steps, the length of a review in the main lecture, 0.5⁵⁰⁰ is left: nothing. And with u = 2 it would be
# 2⁵⁰⁰, which is no better. A simple recurrent layer cannot remember the beginning of a review.

# %%
for factor in (0.5, 0.99, 1.01, 2.0):
    print(f"u = {factor}: {factor**500:.2g} of the first word is left after 500 steps")

# %% [markdown]
# ## Part B: two units, six weights
#
# Two input weights, one for each unit, and a square of four recurrent weights. In the square, **row k holds what unit k
# sends, and column j what unit j receives**. Here unit 2 receives from both units and unit 1 from none. Which of the
# two outputs is the larger one?

# %%
trace = SimpleRNN(input_kernel=[1, 1], recurrent_kernel=[[0, 1], [0, 1]], activation="linear").run([3, 3, 7, 5])
print(trace.table())
assert trace.last.tolist() == [5, 31]

# %% [markdown]
# Unit 1 has no memory: its output is the last input. Unit 2 adds up what *both* units said one step earlier, and the
# new input. To see what a single weight does, set it to 1 and all others to 0:

# %%
names = ["input to 1", "input to 2", "1 to 1", "1 to 2", "2 to 1", "2 to 2"]
for name, row in zip(names, np.eye(6)):
    last = SimpleRNN(row[:2], row[2:], activation="linear").run([1, 2, 3, 4]).last
    print(f"{name:12}{last}")

# %% [markdown]
# Four of the six do nothing alone: a unit that gets no input has nothing to pass on. That is the trap of changing one
# weight at a time. Keep the input weights at 1 and try again:

# %%
for name, row in zip(names[2:], np.eye(4)):
    last = SimpleRNN([1, 1], row, activation="linear").run([1, 2, 3, 4]).last
    print(f"{name:12}{last}")

# %% [markdown]
# ## Part C: an LSTM
#
# An LSTM has four sets of such weights. Three of them are *gates*, the fourth is the *candidate*:
#
# | main lecture | in books | what it decides |
# |---|---|---|
# | remember | forget gate, f | how much of the old cell state is kept |
# | save | input gate, i | how much of the candidate is added |
# | learn | candidate, g | what could be added |
# | focus | output gate, o | how much of the cell state is shown |
# | ltm | cell state, c | long-term memory |
# | wm | hidden state, h | working memory: the output |
#
# Keras, Gluon and PyTorch store them in the order input, forget, cell, output. The lecture sets the input weights to
# 1, 0, 1, 1 and the recurrent weights to 0. The inputs are 0, 1, 2, 4, 8. What comes out?

# %%
some, none = Gates(input=1, forget=0, cell=1, output=1), Gates(0, 0, 0, 0)
lstm = LSTM(input_kernel=some, recurrent_kernel=none, activation="linear", recurrent_activation="linear")
trace = lstm.run([0, 1, 2, 4, 8])
print(trace.table())
assert trace.outputs[:, 0].tolist() == [0, 1, 8, 64, 512]

# %% [markdown]
# The cube of each input: *save* is x, *learn* is x, so x · x is added to the memory; *focus* is x too, and x · x · x
# is shown. **Gates multiply.** *Remember* is 0, so nothing is kept from one step to the next. In the figure, follow
# the path from x through the gates to the cell state and the hidden state:

# %%
trace.plot()

# %% [markdown]
# Now the other way round, the same numbers in the recurrent weights. There is no input, so there is nothing to feed
# back:

# %%
silent = LSTM(input_kernel=none, recurrent_kernel=some, activation="linear", recurrent_activation="linear")
assert silent.run([0, 1, 2, 4, 8]).outputs[:, 0].tolist() == [0, 0, 0, 0, 0]

# %% [markdown]
# ### A tour through one step
#
# In a real LSTM the gates go through a sigmoid, so that they lie between 0 (closed) and 1 (open), and the candidate
# and the output through tanh, so that they lie between −1 and 1. Here is one step. The memory holds 0.8 and the layer
# last said 0.5. The word that is read now has the value 1, and the weights are such that this word closes the forget
# gate, as "but" might do:

# %%
W = Gates(*map(np.atleast_2d, (1.0, -4.0, -2.0, 1.0)))  # input, forget, cell, output: each (1 input, 1 unit)
U = Gates(*map(np.atleast_2d, (0.5, 0.5, 0.5, 0.5)))
b = Gates(*4 * [np.zeros(1)])
x, h, c = np.array([1.0]), np.array([0.5]), np.array([0.8])
step = lstm_step(x, h, c, W, U, b)

stations = {
    "x: the word": x,
    "wm: last output": h,
    "ltm: old memory": c,
    "remember (0 to 1)": step.forget_gate,
    "  kept: remember · ltm": step.forget_gate * c,
    "save (0 to 1)": step.input_gate,
    "learn (−1 to 1)": step.candidate,
    "  added: save · learn": step.input_gate * step.candidate,
    "ltm: new memory": step.cell_state,
    "focus (0 to 1)": step.output_gate,
    "wm: new output": step.hidden_state,
}
signed_bars({name: value.item() for name, value in stations.items()}, "one step of an LSTM, from top to bottom")

# %% [markdown]
# Nearly nothing of the old memory is kept, since *remember* is near 0. The candidate is negative and *save* is open,
# so the new memory is negative: one word has turned the opinion round.
#
# `lstm_step` is eight lines. Are they the same as the library's layer? With random weights, the largest difference
# between its outputs and those of Gluon's LSTM is rounding error:

# %%
difference = compare_equations()
print(f"{difference:.1e}")
assert difference < 1e-5

# %% [markdown]
# ## How many weights?
#
# Each gate has a weight from every input to every unit, one from every unit to every unit, and one bias for each unit
# (two in Gluon and PyTorch): `gates · (inputs · units + units² + biases · units)`. The number of steps is not in it.

# %%
for inputs_, units, gates, biases, name in (
    (1, 1, 1, 0, "SimpleRNN(1), no bias"),
    (1, 2, 1, 0, "SimpleRNN(2), no bias"),
    (1, 10, 4, 1, "LSTM(10) on 1 input, Keras"),
    (28, 50, 4, 1, "LSTM(50) on 28 inputs, Keras"),
    (28, 50, 4, 2, "LSTM(50) on 28 inputs, Gluon"),
):
    print(f"{name:32}{count_parameters(inputs_, units, gates, biases):8,}")
assert (count_parameters(1, 10), count_parameters(28, 50)) == (480, 15_800)

# %% [markdown]
# Gluon stores each matrix transposed, and the four gates below one another:

# %%
weights = KerasWeights(kernel=np.array([[1, 0, 1, 1]]), recurrent_kernel=np.zeros((1, 4)))
print(keras_to_gluon(weights))

# %% [markdown]
# ## The lectures' values and ours
#
# Every weight exercise of both notebooks. All must agree exactly.

# %%
comparisons = compare("weights", run_exercises())
assert len(comparisons) == 11
assert all(comparison.agrees for comparison in comparisons)
Markdown(to_table(comparisons))

# %% [markdown]
# ## Exercises
#
# 1. Choose the two weights of `SimpleRNN(1)` so that the output is the *mean* of four inputs.
# 2. Choose the six weights of `SimpleRNN(2)` so that unit 2 says what unit 1 said one step earlier: on 1, 2, 3, 4 the
#    last outputs are 4 and 3.
# 3. Give the linear LSTM a bias, so that its *cell state* is the running sum of x². Which gate needs the bias, and how
#    large?
#
# <details><summary>Solutions</summary>
#
# 1\. A running sum of inputs that are each multiplied by 1/4:
#
# ```python
# mean = SimpleRNN(0.25, 1, activation="linear")
# assert mean.run([3, 3, 7, 5]).last.tolist() == [4.5]
# ```
#
# 2\. Unit 1 gets the input and nothing else; unit 2 gets nothing but unit 1's last output, the weight from 1 to 2:
#
# ```python
# delay = SimpleRNN([1, 0], [[0, 1], [0, 0]], activation="linear")
# assert delay.run([1, 2, 3, 4]).last.tolist() == [4, 3]
# ```
#
# 3\. *Remember* must be 1 at every step, whatever the input: a bias of 1 for the forget gate alone.
#
# ```python
# keeps = LSTM(some, none, bias=Gates(input=0, forget=1, cell=0, output=0),
#              activation="linear", recurrent_activation="linear")
# assert keeps.run([1, 2, 3])["ltm"][:, 0].tolist() == [1, 5, 14]
# ```
#
# </details>
