# %% [markdown]
# # From a text to an answer, and why
#
# A trained network comes with the package. This notebook asks it for answers, asks how sure it is, and asks **which
# words** the answer comes from. Nothing is trained here, and nothing but the package is needed.
#
# The main lecture ends with a function `infer_sentiment` that prints one of two sentences. Ours keeps its name and its
# sentences, and returns more. For reference: `docs/inference.md` and `docs/explain.md`.

# %%
# %matplotlib inline
import numpy as np
from IPython.display import Markdown

from pipeline import SentimentClassifier, explain, infer_sentiment
from pipeline.lectures.comparison import ComputedValue, compare
from pipeline.lectures.lecture8 import EXAMPLE
from pipeline.lectures.report import to_table
from pipeline.model.bundle import find_bundle, load_metrics
from pipeline.plots.figures import confusion_matrices, signed_bars

# %% [markdown]
# ## One text
#
# The lecture's own example first:

# %%
print(EXAMPLE)
answer = infer_sentiment(EXAMPLE)
print(answer)
Markdown(to_table(compare("lecture8", {"sentence": ComputedValue(str(answer))})))

# %% [markdown]
# The answer has a label, its probability, and what the network made of the text:

# %%
assert str(answer) == "Glad you liked it!"
print("label      ", answer.label)
print("probability", round(answer.probability, 4))
print("words      ", answer.words)
print("unknown    ", answer.unknown, "(fraction of the words that are not in the vocabulary)")
print("cut        ", answer.cut, "(whether the text is longer than the network reads)")

# %% [markdown]
# ## Many texts
#
# A list is answered in batches, and each text as if it were alone. The bars show the probability of "positive", minus
# one half: to the right positive, to the left negative.

# %%
texts = [
    "A great film, I loved it.",
    "It is a film.",
    "Dull and far too long.",
    "Not bad, not bad at all.",
    "I wanted to like it.",
    "The actors do what they can, but the story goes nowhere.",
]
answers = infer_sentiment(texts)
signed_bars({text: one.positive - 0.5 for text, one in zip(texts, answers)}, "probability of positive, minus 0.5")

# %% [markdown]
# ## When it does not know
#
# A text without a known word has the label `unsure`. A network has to answer 0.5 there; one that says "negative" with
# 0.9 has not read anything.

# %%
unknown = infer_sentiment("好电影")
print(unknown, unknown.probability)
assert (unknown.label, unknown.probability) == ("unsure", 0.5)

# %% [markdown]
# With a threshold, answers below it are `unsure` too. Whoever acts on the answers chooses how many to leave out:

# %%
for threshold in (None, 0.8, 0.99):
    labels = [one.label for one in infer_sentiment(texts, threshold=threshold)]
    print(f"threshold {threshold}: {labels.count('unsure')} of {len(texts)} unsure")

# %% [markdown]
# ## How often is it right?
#
# The bundle knows how it did on reviews that it was not trained on. They are of *other films*: a network that has
# learned the name of a bad film is not rewarded for it.

# %%
metrics = load_metrics(find_bundle())["held_out"]
print(f"accuracy {metrics['accuracy']:.4f} on {metrics['reviews']:,} held-out reviews, loss {metrics['loss']:.4f}")
confusion_matrices({"held-out reviews": metrics["confusion"]})

# %% [markdown]
# Rows are the true classes, columns the answers. On the diagonal it is right. Accuracy is the sum of the diagonal,
# divided by all:

# %%
counts = np.array(metrics["confusion"])
assert np.trace(counts) / counts.sum() == metrics["accuracy"]
print("of the negative reviews", round(counts[0, 0] / counts[0].sum(), 4), "are found")
print("of the positive reviews", round(counts[1, 1] / counts[1].sum(), 4), "are found")

# %% [markdown]
# ## Why?
#
# `explain` attributes the answer to the words. Blue speaks for positive, orange for negative, and the darker, the more.
# The curve below is the probability after each word.

# %%
explanation = explain("The first hour is dull. But the ending is wonderful, and I didn't regret it.")
explanation

# %% [markdown]
# The attributions are *integrated gradients*: all word vectors are scaled together from zero to their values, and the
# gradient of the score is added up along the way. Two properties make them worth reading.
#
# **They add up.** The score is the logarithm of the odds of "positive". The score of zeros (the baseline), plus all
# attributions, plus a small numerical error, is the score of the text:

# %%
total = explanation.baseline_logit + explanation.attributions.sum() + explanation.residual
print(f"{explanation.baseline_logit:+.3f} (baseline)")
print(f"{explanation.attributions.sum():+.3f} (words)")
print(f"{explanation.residual:+.3f} (numerical error)")
print(f"{explanation.logit:+.3f} (score), a probability of {1 / (1 + np.exp(-explanation.logit)):.4f}")
assert abs(total - explanation.logit) < 1e-6

# %% [markdown]
# **They have a unit.** +0.7 doubles the odds, since exp(0.7) is 2. The words in their order:

# %%
named = {f"{number}  {word}": x for number, (word, x) in enumerate(zip(explanation.words, explanation.attributions), 1)}
signed_bars(named, "contribution of each word to the score")

# %% [markdown]
# ## Word by word
#
# `prefix_probabilities` is another question: what would the answer be if the text ended here? It changes when a word
# is *read*; the attribution is what the word does in the *whole* text. The word that turns the answer round:

# %%
positive = explanation.prefix_probabilities
turn = int(np.argmax(np.diff(positive))) + 1
print(f'"{explanation.words[turn]}": from {positive[turn - 1]:.2f} to {positive[turn]:.2f}')
assert len(positive) == len(explanation.words)

# %% [markdown]
# ## In scikit-learn
#
# The same network as a classifier, for pandas columns, pipelines and cross-validation. The next notebook to read is
# `your_reviews`, which trains one on your own texts.

# %%
classifier = SentimentClassifier.load()
print(classifier.classes_)
classifier.predict_proba(texts).round(3)

# %% [markdown]
# ## Exercises
#
# 1. Write five opinions that the network gets wrong. Which of them would you call unfair, and what do the wrong ones
#    have in common?
# 2. Take one text and remove its most important word. Does the score change by as much as the attribution said?
# 3. Find the smallest threshold at which none of your texts of exercise 1 has a wrong answer. How many of the texts of
#    this notebook are then `unsure`?
#
# <details><summary>Solutions</summary>
#
# 1\. There is no single answer. Promising places: irony, opinions of somebody else ("my mother loved it"), comparisons
# ("better than a visit to the dentist"), and opinions that need knowledge ("it is on a level with *Plan 9*"). What to
# look at first:
#
# ```python
# mine = ["My mother loved it. I left after an hour.", "Better than a visit to the dentist, but not by much."]
# for text in mine:
#     print(infer_sentiment(text).label, text)
# explain(mine[0])
# ```
#
# 2\. Seldom. The attribution shares out the score of *this* text; without the word it is another text, in which the
# remaining words interact differently. An n-gram such as "not bad" makes that plain:
#
# ```python
# whole, part = explain("Not bad, not bad at all."), explain("Bad, bad at all.")
# print("score", round(whole.logit, 2), "without the two words", round(part.logit, 2))
# print("their attributions", [round(x, 2) for w, x in zip(whole.words, whole.attributions) if w == "not"])
# ```
#
# 3\. The largest probability of a wrong answer, and a little more. If it is near 1, no threshold helps: the network is
# wrong and sure of it.
#
# ```python
# truth = ["negative", "negative"]
# wrong = [one.probability for one, label in zip(infer_sentiment(mine), truth) if one.label != label]
# threshold = min(1.0, max(wrong, default=0.5) + 1e-4)
# print(threshold, [one.label for one in infer_sentiment(texts, threshold=threshold)].count("unsure"))
# ```
#
# </details>
