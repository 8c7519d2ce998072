"""Look at labelled texts before training: what is in them, and what would make a trained network worse."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Counter as CounterType
from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set

import numpy as np

from pipeline.corpus.labelled import Place
from pipeline.corpus.splits import fingerprint
from pipeline.corpus.training_table import LabelledTexts
from pipeline.embed import embed_vocabulary
from pipeline.recipe import Recipe
from pipeline.text.tokenizers import TOKENIZERS
from pipeline.text.vocabulary import Vocabulary

FEW = 50  # texts of a class: with fewer, its accuracy is hardly known
UNBALANCED = 3.0  # times as many texts as the rarest class
LONG = 0.05  # fraction of texts that may be cut without advice
FOREIGN = 0.5  # fraction of a text's words without a vector
UNKNOWN = 0.2  # fraction of all words without a vector that is more than names and misspellings
MISSING = ("null", "none", "na", "n/a", "#n/a", "<na>")  # labels that may stand for no label; "nan" does in any case
_NAMED = 5  # rows named in a finding


class Finding(NamedTuple):
    """What one check found."""

    text: str
    advice: str = ""  # empty if there is nothing to do


def check_texts(
    texts: LabelledTexts, recipe: Recipe, vectors: Optional[Path] = None, test: Optional[LabelledTexts] = None
) -> Iterator[Finding]:
    """Yield what is found in labelled texts, from the number of rows to words without a vector.

    Parameters
    ----------
    texts : LabelledTexts
        To train on.
    recipe : Recipe
        Its tokenizer and maximum length.
    vectors : Path, optional
        A file of word vectors, to find words that have none.
    test : LabelledTexts, optional
        To evaluate on.

    Notes
    -----
    After spaCy's ``debug data``. Texts are compared without case and repeated blanks. Rows have the numbers that they
    have in errors: from 1, without a header.
    """
    yield from _check_classes(texts)
    yield from _check_duplicates(texts, test)
    tokenize, lengths = TOKENIZERS[recipe.index.tokenizer], array("q")
    counts: CounterType[str] = Counter()
    for text in texts.texts:  # tokens of all texts together would need ten times the memory of the texts
        words = tokenize(text)
        lengths.append(len(words))
        counts.update(words)
    yield from _check_lengths(np.array(lengths), texts.places, recipe.index.max_length)
    if vectors:
        yield from _check_words(texts, counts, vectors, recipe)


def _check_classes(texts: LabelledTexts) -> Iterator[Finding]:
    counts = np.bincount(texts.labels, minlength=len(texts.classes))
    told = ", ".join(f"{str(name)[:40]} {count:,}" for name, count in zip(texts.classes[:20], counts.tolist()))
    yield Finding(f"{len(texts.texts):,} texts of {len(counts)} classes: {told}{', ...' * (len(counts) > 20)}")
    few = [str(texts.classes[i])[:40] for i in np.flatnonzero(counts < FEW)]
    if few:
        advice = "collect more, or join classes"
        if len(texts.texts) < 2 * len(counts):
            advice = f"{advice}; nearly every text has a class of its own: is --label-column the column of the labels?"
        yield Finding(f"fewer than {FEW} texts: {', '.join(few[:10])}{', ...' * (len(few) > 10)}", advice)
    missing = [name for name in map(str, texts.classes) if name.lower() in MISSING]
    if missing:
        yield Finding(
            f"classes that look like missing labels: {', '.join(missing)}",
            "if they mean that there is no label, drop their rows",
        )
    ratio = counts.max() / max(counts.min(), 1)
    if ratio > UNBALANCED:
        advice = "--set train.class_weight=balanced, and judge by the macro F1 rather than the accuracy"
        yield Finding(f"the most frequent class has {ratio:.1f} times as many texts as the rarest", advice)


def _check_duplicates(texts: LabelledTexts, test: Optional[LabelledTexts]) -> Iterator[Finding]:
    first_rows: Dict[int, int] = {}  # indices of texts, as below
    copies: Dict[int, List[int]] = defaultdict(list)  # of a text
    places = texts.places
    for row, text in enumerate(texts.texts):
        first = first_rows.setdefault(fingerprint(text), row)
        if first != row:
            copies[first].append(row)
    if copies:
        count, where = sum(map(len, copies.values())), _name_rows([places[rows[0]] for rows in copies.values()])
        advice = "drop them: a copy in both parts of a split makes the accuracy too high"
        yield Finding(f"copies of other texts: {count:,} ({where})", advice)
    others = {row: [one for one in rows if texts.labels[one] != texts.labels[row]] for row, rows in copies.items()}
    torn = [(row, rows[0]) for row, rows in others.items() if rows]
    if torn:
        pairs = ", ".join(f"{places[row]} and {places[last]}" for row, last in torn[:_NAMED])
        yield Finding(
            f"texts with two labels: {len(torn):,} (rows {pairs}{', ...' * (len(torn) > _NAMED)})", "correct the labels"
        )
    shared = [first_rows[key] for key in map(fingerprint, test.texts) if key in first_rows] if test else []
    if shared:
        where = _name_rows([places[row] for row in sorted(set(shared))])
        advice = "drop them from the texts to train on: they make the accuracy too high"
        yield Finding(f"texts of --test that are also trained on: {len(shared):,} ({where} of the table)", advice)
    if not (copies or shared):
        yield Finding("no text is there twice")


def _check_lengths(lengths: np.ndarray, places: Sequence[Place], longest: int) -> Iterator[Finding]:
    middle, high = np.quantile(lengths, [0.5, 1 - LONG], method="higher")
    cut = float((lengths > longest).mean())
    text = f"lengths in tokens: median {middle:.0f}, 95 % up to {high:.0f}, longest {lengths.max():,}"
    advice = f"--set index.max_length={int(high)}, if the memory allows it" if cut > LONG else ""
    yield Finding(f"{text}; {cut:.1%} are longer than index.max_length={longest} and are cut", advice)
    empty = [places[row] for row in np.flatnonzero(lengths == 0)]
    if empty:
        yield Finding(f"texts without a word: {len(empty):,} ({_name_rows(empty)})", "drop them")


def _check_words(texts: LabelledTexts, counts: Mapping[str, int], vectors: Path, recipe: Recipe) -> Iterator[Finding]:
    counts = {word: count for word, count in counts.items() if any(map(str.isalnum, word))}
    vocabulary = Vocabulary(list(counts), list(counts.values()), replace(recipe.index, vocab_size=0, oov="unk"))
    matrix, coverage = embed_vocabulary(vocabulary, vectors, recipe.embed, required=False)
    missing = {word for row, word in vocabulary.row_words() if not matrix[row].any()}
    fraction = sum(counts[word] for word in missing) / max(sum(counts.values()), 1)
    examples = ", ".join(sorted(missing, key=lambda word: (-counts[word], word))[:10]) or "none"
    advice = "if the texts are in another language, take vectors of that language: --vectors FILE"
    yield Finding(
        f"{fraction:.1%} of the words have no vector in {coverage.file}: {examples}", advice * (fraction > UNKNOWN)
    )
    tokens = map(TOKENIZERS[recipe.index.tokenizer], texts.texts)
    foreign = [row for row, words in zip(texts.places, tokens) if _count_missing(words, missing) > FOREIGN * len(words)]
    if foreign:
        advice = "if they are in another language, drop them or take vectors of that language"
        yield Finding(f"texts mostly of such words: {len(foreign):,} ({_name_rows(foreign)})", advice)


def _count_missing(words: Sequence[str], missing: Set[str]) -> int:
    return sum(word in missing for word in words)


def _name_rows(places: Sequence[Place]) -> str:
    """Return "rows 1, 2" or "files a/1.txt, b/2.txt"."""
    what = "files" if isinstance(places[0], str) else "rows"
    return f"{what} {', '.join(map(str, places[:_NAMED]))}{', ...' * (len(places) > _NAMED)}"
