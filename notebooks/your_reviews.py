# %% [markdown]
# # Your own reviews: from a CSV file to a served model
#
# You have a table of texts with labels, two or more: film reviews, customer feedback, e-mails. **Train a network on
# them, find out how good it is, look into its answers, save it, and serve it over HTTP.**
#
# Without a file of yours, the notebook takes 4,000 film reviews of `data/raw`, and a few minutes on two cores. With
# `FAST = True` it takes some 160 and half a minute, and then the accuracies mean nothing.

# %%
# %matplotlib inline
import atexit
import json
import subprocess
import sys
from urllib.request import Request, urlopen

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from pipeline import SentimentClassifier
from pipeline.lectures.runner import find_runner
from pipeline.plots import figures
from pipeline.read import read_reviews
from pipeline.recipe import Read, override
from pipeline.recipes import QUICK

# %% tags=["parameters"]
CSV = ""  # your file; "": an example is made
TEXT, LABEL = "text", "label"  # the names of its two columns
FAST = False  # True: little data
DATA = ""  # folder of the data; "": the nearest folder data above this notebook

# %% [markdown]
# ## The table
#
# Any CSV file with a column of texts and a column of labels. If yours has another separator or encoding, tell
# `read_csv`: `sep=";"`, `encoding="latin-1"`.

# %%
runner = find_runner(DATA, FAST)
folder = runner.data / "your_reviews"
folder.mkdir(exist_ok=True)
if not CSV:
    CSV = str(folder / "example.csv")
    some = pd.DataFrame(read_reviews(runner.data / "raw" / "aclImdb", Read()))
    some["label"] = some["label"].map({1: "positive", 0: "negative"})
    some.sample(min(4000, len(some)), random_state=0)[["text", "label"]].to_csv(CSV, index=False)
table = pd.read_csv(CSV)
table.head()

# %% [markdown]
# ## Look at it first
#
# Empty cells, duplicates, and how many there are of each label. A text that occurs twice may be in both parts of the
# split, where the network recognises it, so duplicates are dropped. The labels may be any strings or any numbers, of
# two classes or more.

# %%
print(table[[TEXT, LABEL]].isna().sum().to_dict(), "cells are empty")
print(int(table.duplicated(TEXT).sum()), "texts occur more than once")
table = table.dropna(subset=[TEXT, LABEL]).drop_duplicates(TEXT)
assert table[LABEL].nunique() >= 2, f"expected two labels or more, found {table[LABEL].unique()[:5]}"
table[LABEL].value_counts()

# %%
figures.review_lengths(table[TEXT].str.split().str.len().to_numpy(), QUICK.index.max_length)

# %% [markdown]
# ## Split
#
# A quarter is held out: the network is evaluated on those and never trained on them. `stratify` keeps the fractions of
# the labels. If several of your texts belong together (one film, one customer), keep them in the same part
# (`sklearn.model_selection.GroupShuffleSplit`): a random split overestimates the accuracy on new ones.

# %%
train, held_out = train_test_split(table, test_size=0.25, random_state=0, stratify=table[LABEL])
print(f"{len(train):,} to train on, {len(held_out):,} held out")

# %% [markdown]
# ## Train
#
# The recipe `quick` is a bidirectional LSTM on GloVe vectors, which it extends by vectors learned from your texts. Any
# of its settings can be changed, as here the number of epochs.

# %%
recipe = override(QUICK, ["train.epochs=4", *runner.settings])
mine = SentimentClassifier(recipe, vectors=runner.data / "raw" / "glove.6B.50d.txt", device=runner.device)
mine.fit(train[TEXT], train[LABEL])
figures.training_curves({"training texts": mine.history_})

# %% [markdown]
# ## How good is it?
#
# Compare it with something simple, or the number says little. Three baselines: always the more frequent label, logistic
# regression on words, and the network that comes with the package, which has never seen your texts. (Of the example it
# has: it was trained on film reviews, and these are some of them.)

# %%
baseline = make_pipeline(
    TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
)
baseline.fit(train[TEXT], train[LABEL])
positive = mine.classes_[1]
shipped = SentimentClassifier.load().predict(held_out[TEXT]) == "positive"
accuracies = {
    "the more frequent label": held_out[LABEL].value_counts(normalize=True).max(),
    "logistic regression": baseline.score(held_out[TEXT], held_out[LABEL]),
    "the package's network": np.mean(shipped == (held_out[LABEL] == positive)),
    "yours": mine.score(held_out[TEXT], held_out[LABEL]),
}
figures.signed_bars(accuracies, "accuracy on the held-out texts")

# %% [markdown]
# With a few thousand texts, logistic regression is hard to beat. A small network wins where word order matters, or with
# many more texts.

# %%
answers = mine.predict(held_out[TEXT])
confusion = confusion_matrix(held_out[LABEL], answers, labels=mine.classes_).tolist()
assert sum(map(sum, confusion)) == len(held_out)
figures.confusion_matrices({"held out": confusion})

# %% [markdown]
# ## Look into it
#
# Read the texts about which it is most wrong. They say more than a number: wrong labels, irony, two opinions in one
# text, a word that it overrates.

# %%
wrong = held_out.assign(answer=answers, probability=mine.predict_proba(held_out[TEXT]).max(axis=1))
wrong = wrong[wrong[LABEL] != wrong["answer"]].sort_values("probability", ascending=False)
wrong.head(3)

# %%
worst = wrong[TEXT].iloc[0] if len(wrong) else held_out[TEXT].iloc[0]
mine.explain(worst[:600])

# %% [markdown]
# ## Save and load
#
# A model is one folder, a *bundle*, which holds all that inference needs, the labels included. `MODEL_CARD.md` says
# what is known of it.

# %%
mine.save(folder / "bundle")
loaded = SentimentClassifier.load(folder / "bundle")
assert np.array_equal(loaded.predict_proba(held_out[TEXT][:20]), mine.predict_proba(held_out[TEXT][:20]))
assert loaded.classes_.tolist() == mine.classes_.tolist()
print(loaded.classes_.tolist(), sorted(path.name for path in (folder / "bundle").iterdir()))

# %% [markdown]
# In a terminal, all of this up to here is one command: `sentiment fit my.csv --output model`.
#
# ## Serve
#
# In a terminal:
#
# ```bash
# sentiment serve --model data/your_reviews/bundle
# ```
#
# and http://127.0.0.1:8000 is a page where you paste a text and see the answer. Here the notebook starts the server on
# a free port of this machine and asks it as a program would.

# %%
command = [sys.executable, "-m", "pipeline", "serve", "--model", str(folder / "bundle"), "--port", "0"]
server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
atexit.register(server.terminate)  # if the notebook ends before the cell that stops it
assert server.stderr is not None
for line in server.stderr:
    if "listening at" in line:
        break
address = line.split()[2]  # "listening at http://127.0.0.1:PORT (page), ..."
print(address)

# %%
body = json.dumps({"texts": ["A great film, I loved it.", "Dull and far too long."]}).encode()
request = Request(f"{address}/v1/sentiment", body, {"content-type": "application/json"})
with urlopen(request, timeout=60) as response:
    results = json.load(response)["results"]
assert len(results) == 2
pd.DataFrame(results)

# %%
server.terminate()
server.wait(timeout=60)
server.stderr.close()

# %% [markdown]
# ## Exercises
#
# 1. How much would more texts help? Train on a half and on a quarter of them and compare the accuracies.
# 2. Spell "great" wrong in a text ("graet"). Who copes better, the network or logistic regression, and why?
# 3. You can read 100 of the held-out texts yourself. Which ones do you leave to the network, if at most one answer in
#    twenty may be wrong?
#
# <details><summary>Solutions</summary>
#
# 1\. A learning curve. If it still rises, collect more texts before you change the network.
#
# ```python
# for fraction in (0.25, 0.5):
#     part = train.sample(frac=fraction, random_state=0)
#     less = SentimentClassifier(recipe, vectors=runner.data / "raw" / "glove.6B.50d.txt").fit(part[TEXT], part[LABEL])
#     print(len(part), round(less.score(held_out[TEXT], held_out[LABEL]), 4))
# ```
#
# 2\. Neither knows the word. To logistic regression it is not there; the network reads `<unk>` and goes on with the
# words around it. Whether that helps, see for yourself:
#
# ```python
# for text in ("A great film.", "A graet film."):
#     probabilities = {name: model.predict_proba([text])[0].round(3) for name, model in
#                      {"network": mine, "logistic regression": baseline}.items()}
#     print(text, probabilities)
# ```
#
# 3\. Sort by probability, and leave those with the largest to the network. `risk_coverage` gives the accuracy for each
# number of answers:
#
# ```python
# from pipeline.metrics import risk_coverage
#
# labels = (held_out[LABEL] == positive).to_numpy().astype(int)
# coverage, accuracy, thresholds = risk_coverage(labels, mine.predict_proba(held_out[TEXT]))
# good = np.flatnonzero(accuracy >= 0.95)
# if len(good):
#     print(f"{coverage[good[-1]]:.0%} of them, those with a probability of {thresholds[good[-1]]:.3f} or more")
# ```
#
# </details>
