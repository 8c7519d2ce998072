# %% [markdown]
# # Stacked LSTMs, and a network that was never trained
#
# The lecture puts two LSTMs on top of one another, reads 500 words of each review, trains for one epoch, and prints a
# loss of **0.6931445** and an accuracy of **0.50072**. It learned nothing. **Why?** The loss itself gives it away.
#
# With all reviews, the two trainings take up to half an hour on one core, once. With `FAST = True` everything runs on
# some 160 reviews within a minute, and then the accuracies after training mean nothing.

# %%
# %matplotlib inline
import math

import numpy as np
from IPython.display import Markdown

from pipeline.corpus.encoded import Encoded
from pipeline.lectures.report import to_table
from pipeline.lectures.reproduce import reproduce
from pipeline.lectures.results import forward_weights, read_metrics
from pipeline.lectures.rnn_weights import count_parameters, gluon_to_keras, lstm
from pipeline.lectures.runner import find_runner
from pipeline.lectures.stacked import measure_untrained
from pipeline.model.batches import pad
from pipeline.model.bundle import load_bundle
from pipeline.plots import figures
from pipeline.recipes import STACKED, STACKED_MASKED

# %% tags=["parameters"]
FAST = False  # True: little data
DATA = ""  # folder of the data; "": the nearest folder data above this notebook

# %%
runner = find_runner(DATA, FAST)
folder = runner.run(STACKED)
bundle, encoded = load_bundle(folder / "bundle", runner.device), Encoded.load(folder / "encoded.npz")
recipe, network = bundle.recipe, bundle.network

# %% [markdown]
# ## The network
#
# Embedding(all words, 100) → LSTM(32) → LSTM(32) → Dense(1). The second LSTM does not read words but the hidden states
# of the first, one for each step: `return_sequences=True` in Keras. That is why it has 32 inputs and not 100.

# %%
for name, parameter in network.collect_params().items():
    print(f"{name:46}{parameter.shape!s:14}{int(np.prod(parameter.shape)):11,}")
sizes = [int(np.prod(layer.forward_lstm.l0_i2h_weight.shape)) for layer in network.layers]
assert sizes == [4 * 32 * 100, 4 * 32 * 32]
print(f"two LSTMs: {count_parameters(100, 32) + count_parameters(32, 32):,} parameters; the words have the rest")

# %% [markdown]
# ## The padding
#
# Every review is brought to 500 words: longer ones lose their beginning, shorter ones get zeros in front. How many?

# %%
figures.review_lengths(encoded.lengths, recipe.index.max_length)

# %%
padded, lengths = pad([encoded[row] for row in encoded.rows("train")[:8]], recipe.index, recipe.network)
for line, length in zip(padded, lengths):
    print(f"{length:4} words after {500 - length:3} zeros:", *line[500 - length : 500 - length + 6], "…")
assert padded.shape == (8, 500)

# %% [markdown]
# ## Was it trained at all?
#
# A network that answers 0.5 to everything has a loss of −ln 0.5 = ln 2 at every review, whatever the label.

# %%
print(f"ln 2           {math.log(2):.7f}")
print("lecture prints 0.6931445")
untrained = measure_untrained(runner)
print(f"ours untrained {untrained['loss']:.7f}, accuracy {untrained['accuracy']:.5f}")
assert abs(untrained["loss"] - math.log(2)) < (0.002 if FAST else 0.0005)

# %% [markdown]
# That is a network *before* its first step. The execution counts of the lecture's cells say how it came about: the
# model was fitted in cell 7 and defined once more in cell 8, with new random weights. What was measured had never seen
# a review. In a notebook, cells can be run in any order: **restart the kernel and run all cells before you believe a
# value.** And know the value of a network that knows nothing.
#
# ## After one epoch
#
# The same network, trained as it was meant to be; and once more with the padding masked, so that the LSTMs begin at the
# first word.

# %%
runner.run(STACKED_MASKED)
metrics = {"untrained": untrained, **read_metrics(runner.data, ["stacked", "stacked_masked"])}
for name, values in metrics.items():
    print(f"{name:16}loss {values['loss']:.4f}  accuracy {values['accuracy']:.4f}")
figures.confusion_matrices({name: values["confusion"] for name, values in metrics.items()})

# %% [markdown]
# ## What the padding does
#
# The first LSTM reads the zeros too: id 0 has a vector like any word. Here is its hidden state along 300 zeros,
# computed by the equations with the trained weights:

# %%
vectors = network.embedding.weight.data().asnumpy()
trace = lstm(gluon_to_keras(forward_weights(network.layers[0]))).run(np.repeat(vectors[:1], 300, axis=0))
moves = np.abs(np.diff(trace["hidden_state"], axis=0)).max(axis=1)
for step in (1, 2, 5, 10, 30, 100, 299):
    print(f"step {step:3}: the hidden state changes by {moves[step - 1]:.1e} at most")

# %% [markdown]
# It settles. When the first word comes, the LSTM is in the same state for every review, a constant that it can get used
# to: padding in *front* does little harm. Behind the review, the network would have to carry what it read through
# hundreds of such steps (exercise 2).
#
# ## The lecture's values and ours

# %%
comparisons = reproduce("stacked", runner)
Markdown(to_table(comparisons))

# %%
assert FAST or all(comparison.agrees is not False for comparison in comparisons)

# %% [markdown]
# ## Exercises
#
# 1. What is the loss of a network that knows nothing if there are ten classes, as for digits? And what is the best
#    constant answer if 80 % of the reviews are positive?
# 2. Put the padding *behind* the reviews (`network.padding_side=right`). What do you expect, and what comes out?
# 3. Is the second LSTM worth it? Compare with `network.num_layers=1`: parameters and accuracy.
#
# <details><summary>Solutions</summary>
#
# 1\. ln 10 = 2.303. The best constant is the fraction itself, 0.8, with a loss of 0.500: less than ln 2, though it has
# learned nothing about a single review. So compare with *that*, not with ln 2.
#
# ```python
# print(math.log(10), -0.8 * math.log(0.8) - 0.2 * math.log(0.2))
# ```
#
# 2\. It learns less in one epoch, or nothing: the state fades over hundreds of zeros. (Here both are trained; with all
# reviews this takes some minutes.)
#
# ```python
# from pipeline.recipe import override
#
# right = runner.run(override(STACKED, ["network.padding_side=right"]), "stacked_right")
# print(read_metrics(runner.data, ["stacked", "stacked_right"])["stacked_right"]["accuracy"])
# ```
#
# 3\. It has 8,320 parameters of several million. One run of each cannot show a difference of a few tenths of a per
# cent; try several seeds (`train.seed=1`).
#
# ```python
# one = runner.run(override(STACKED, ["network.num_layers=1"]), "stacked_one_layer")
# print(read_metrics(runner.data, ["stacked_one_layer"])["stacked_one_layer"]["accuracy"], "with one layer")
# print(count_parameters(32, 32), "parameters fewer")
# ```
#
# </details>
