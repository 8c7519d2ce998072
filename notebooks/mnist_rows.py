# %% [markdown]
# # Digits, row by row
#
# An LSTM reads sequences, and an image is one if you read it row by row: 28 steps of 28 numbers. Nothing in the network
# knows that neighbouring pixels belong together. **How well can it tell digits apart, how many parameters does it have,
# and do they depend on the number of steps?**
#
# With all digits, the trainings take up to half an hour on one core. With `FAST = True` they run on 700 digits within a
# minute, and then the accuracies mean nothing.

# %%
# %matplotlib inline
import numpy as np
from IPython.display import Markdown

from pipeline.lectures.comparison import compare
from pipeline.lectures.lecture8 import compare_equations
from pipeline.lectures.mnist_rows import accuracy_values, image_values, layer_values, read_digits, train_seeds
from pipeline.lectures.report import to_table
from pipeline.lectures.rnn_cells import Gates, lstm_step, sigmoid
from pipeline.lectures.rnn_weights import count_parameters
from pipeline.lectures.runner import find_runner
from pipeline.metrics import measure
from pipeline.model.ensemble import build_network
from pipeline.model.predict import predict
from pipeline.mx.engine import find_devices
from pipeline.plots import figures
from pipeline.plots.drawing import new_figure
from pipeline.recipe import override
from pipeline.recipes import MNIST_ROWS
from pipeline.train import train_network

# %% tags=["parameters"]
FAST = False  # True: little data
DATA = ""  # folder of the data; "": the nearest folder data above this notebook

# %%
runner = find_runner(DATA, FAST)
recipe = override(MNIST_ROWS, runner.settings)
digits = read_digits(runner.data / "raw" / "mnist.npz")
test = digits.rows("test")

# %% [markdown]
# ## The images
#
# 60,000 images to train on, of which the last 12,000 are for validation, and 10,000 to test on. Every pixel is a number
# from 0 (black) to 1.

# %%
figure = new_figure(7.5, 1.2)
for axes, row in zip(figure.subplots(1, 8), test):
    axes.imshow(digits[row], cmap="gray")
    axes.set_title(digits.labels[row])
    axes.axis("off")
figure

# %% [markdown]
# The network gets them so: at every step one row. Step 14 of the first image, and the image as 28 lines of text:

# %%
image = digits[test[0]]
print(image[13].round(1))
print("\n".join("".join(" .:*#"[int(4 * pixel)] for pixel in line) for line in image))
assert image.shape == (28, 28)

# %%
counted = image_values(digits)
comparisons = compare("mnist_rows", counted)
assert counted["steps"].value == "28 x 28 from 0 to 1"
assert FAST or all(comparison.agrees for comparison in comparisons)
Markdown(to_table(comparisons))

# %% [markdown]
# ## The network
#
# An LSTM of 50 units reads the rows; a dense layer makes ten numbers of its last hidden state. For n units and m inputs
# an LSTM has four gates, each with n · m weights of the input, n² of the hidden state, and n biases: 4 (n m + n² + n).
# Gluon has a second bias for each unit.

# %%
network = build_network(recipe, (0, 28))  # no embedding: the inputs are numbers already
sizes = {name: int(np.prod(parameter.shape)) for name, parameter in network.collect_params().items()}
for name, size in sizes.items():
    print(f"{name:46}{size:8,}")
lstm_size = sum(size for name, size in sizes.items() if "lstm" in name)
print(f"LSTM: {lstm_size:,}; with one bias, as Keras counts, {count_parameters(28, 50):,}")
assert lstm_size == count_parameters(28, 50, biases=2) == 16_000

# %% [markdown]
# The number of steps is not in the formula: every step uses the same weights. What *does* depend on the steps is the
# output, if it is asked for at every step (`return_sequences=True` in Keras; Gluon always gives all, and the network
# takes the last).

# %%
layer = layer_values()
comparisons = compare("mnist_rows", layer)
assert all(comparison.agrees for comparison in comparisons)
Markdown(to_table(comparisons))

# %% [markdown]
# ## One step of an LSTM, corrected
#
# The lecture sketches one step in code. Four of its lines are the same line: output gate, candidate and hidden state
# repeat the input gate's, and all with its weights. Here it is, with what it should be:
#
# | | the lecture's code | should be |
# |---|---|---|
# | ft | σ(Wf x + Uf h + bf) | the same |
# | it | σ(Wi x + Ui h + bi), where the parameters are called W1 and U1 | the same, with Wi and Ui as parameters |
# | ot | σ(Wi x + Ui h + bi) | σ(**Wo** x + **Uo** h + **bo**) |
# | candidate | σ(Wi x + Ui h + bi) | **tanh**(**Wc** x + **Uc** h + **bc**) |
# | Ct | not there | **ft · C + it · candidate** |
# | ht | σ(Wi x + Ui h + bi) | **ot · tanh(Ct)** |
#
# What does that change? The same random weights and the same input, with both:

# %%
random = np.random.Generator(np.random.PCG64(0))
W, U = (Gates(*random.normal(size=(4, rows, 3))) for rows in (28, 3))
b, x, h, c = Gates(*np.zeros((4, 3))), image[13], np.full(3, 0.5), np.full(3, 0.8)
step = lstm_step(x, h, c, W, U, b)
wrong = sigmoid(x @ W.input + h @ U.input + b.input)
print("candidate    right", step.candidate.round(2), " wrong", wrong.round(2))
print("cell state   right", step.cell_state.round(2), " wrong: none, nothing is remembered")
print("hidden state right", step.hidden_state.round(2), " wrong", wrong.round(2))

# %% [markdown]
# A sigmoid is never negative, so nothing could be taken back; and without the cell state the old memory 0.8 plays no
# part. The right step (`lstm_step`, eight lines) gives what Gluon's layer gives:

# %%
difference = compare_equations(units=50, inputs=28, steps=28)
print(f"largest difference: {difference:.1e}")
assert difference < 1e-5

# %% [markdown]
# ## Training
#
# Adam, batches of 128, 3 epochs. Once in this notebook, to look at the network:

# %%
device = find_devices(runner.device)[0]
network, history = train_network(digits, np.zeros((0, 28), np.float32), recipe, [device])
answers = predict(network, recipe, [digits[row] for row in test], device)  # (images, 10)
measured = measure(digits.labels[test], answers)
print(f"test accuracy {measured['accuracy']:.4f}")
figures.training_curves({"seed 0": history})

# %% [markdown]
# Which digits does it mix up? Rows are the true digits, columns the answers.

# %%
figures.confusion_matrices({"test images": measured["confusion"]})

# %% [markdown]
# ### What it knows after each row
#
# The first rows of an image, the rest black: how probable is each digit? Read from left to right, as the network reads
# from top to bottom.

# %%
rows = np.arange(28)
prefixes = [np.where(rows[:, None] <= last, image, 0).astype(np.float32) for last in rows]
after = predict(network, recipe, prefixes, device)  # (28, 10)
figure = new_figure(7.5, 2.6)
axes = figure.subplots()
axes.imshow(after.T, cmap="Blues", vmin=0, vmax=1, aspect="auto")
axes.set(xlabel="rows read", ylabel="digit", yticks=range(10), title=f"an image of {digits.labels[test[0]]}")
figure

# %% [markdown]
# ### The spread
#
# One run prints one accuracy. Several seeds print a range, and a difference that is smaller than the range means
# nothing. So we train with several seeds, and with two learning rates: the lecture's, and one that was chosen on the
# *validation* images.

# %%
runs = train_seeds(runner)
figure = new_figure(7.5, 1.4)
axes = figure.subplots()
for height, results in enumerate(runs.values()):
    accuracies = [metrics["accuracy"] for _, metrics in results]
    axes.plot(accuracies, [height] * len(accuracies), "o", alpha=0.6)
axes.set(yticks=range(len(runs)), yticklabels=[f"rate {rate:g}" for rate in runs], ylim=(-0.5, len(runs) - 0.5))
axes.set_xlabel("test accuracy, a point for each seed")
figure

# %%
comparisons = compare("mnist_rows", accuracy_values(runs))
Markdown(to_table(comparisons))

# %%
assert FAST or all(comparison.agrees is not False for comparison in comparisons)

# %% [markdown]
# ## Exercises
#
# 1. How many parameters has an LSTM of 50 units that reads the image pixel by pixel, 784 steps of one number? Is that
#    easier or harder than row by row?
# 2. Read the images from bottom to top. Does the trained network still know them? Would a network that is trained so be
#    worse?
# 3. Which test image is it most wrong about: the one whose true digit has the smallest probability? Look at it. Would
#    you have known?
#
# <details><summary>Solutions</summary>
#
# 1\. Fewer: the input has one number in place of 28. But it is much harder. What the first rows said has to be carried
# through hundreds of steps.
#
# ```python
# print(count_parameters(1, 50), "in place of", count_parameters(28, 50))
# assert count_parameters(1, 50) == 4 * (50 * 1 + 50**2 + 50) == 10_400
# ```
#
# 2\. No: it has learned what comes first. A network that is trained on the reversed rows does about as well, since
# nothing is special about the top.
#
# ```python
# turned = predict(network, recipe, [digits[row][::-1] for row in test], device)
# print(measure(digits.labels[test], turned)["accuracy"], "in place of", measured["accuracy"])
# ```
#
# 3\. Choose the image by the probability of its true digit:
#
# ```python
# true = answers[np.arange(len(test)), digits.labels[test]]
# worst = int(np.argmin(true))
# figure = new_figure(2, 2)
# figure.subplots().imshow(digits[test[worst]], cmap="gray")
# print(f"a {digits.labels[test[worst]]}, taken for a {answers[worst].argmax()}")
# figure
# ```
#
# </details>
