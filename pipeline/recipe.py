"""A recipe: every choice that makes one trained network, one section for each stage."""

from __future__ import annotations

import dataclasses
import difflib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterable, Mapping, Tuple

from pipeline.errors import PipelineError


def choice(default: str, *others: str) -> Any:
    """Make a field whose value is one of a few words."""
    return field(default=default, metadata={"choices": (default, *others)})


_MOST, _MOST_WHOLE = sys.float_info.max, 2**31 - 1  # MXNet counts in 32 bits
_MOST_POSITIONS = 2**24  # in a batch: token positions are float32


def number(default: float, low: float, high: float = 0) -> Any:
    """Make a field whose value lies from `low` to `high`, both included; 0: as high as numbers go."""
    high = high or (_MOST_WHOLE if isinstance(default, int) else _MOST)
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True)
class Read:
    """Which reviews are for what. ``train/`` is split at random, by scikit-learn's splitters."""

    labels: str = choice("sentiment", "stars")  #: stars: the ratings of reviews, as ordered classes
    split: str = choice("random", "film")  #: film: no film has reviews in two splits, where the films are known
    held_out: float = number(0.3, 0, 0.9)  #: fraction of train/ (of its films) that is only reported on
    validation: float = number(0.0, 0, 0.9)  #: fraction of the rest, to choose by
    seed: int = number(42, 0, 2**32 - 1)  # numpy's old generator takes no more
    sentences: str = ""  #: a folder or table of labelled short texts below data/raw to train on as well; "": none
    generated: int = number(0, 0, 10_000_000)  #: sentences to train on as well: see pipeline.corpus.sentences
    order: str = choice("name", "random")  #: of the files before the split; random: as some file system lists them


@dataclass(frozen=True)
class Index:
    """How a text becomes token ids. Id 0 is the padding."""

    tokenizer: str = choice("ptb", "alphanumeric", "keras")  #: see pipeline.text.tokenizers
    vocab_size: int = number(20_000, 0)  #: special tokens included; 0: no limit
    min_freq: int = number(1, 1)  #: rarer tokens are not in the vocabulary
    vocab_from: str = choice("train", "all")  #: texts whose tokens are counted; "all": held-out reviews too
    tie_break: str = choice("alphabetical", "first_seen")  #: order of tokens of equal frequency
    count_first: str = ""  #: prefix of the review to count first; "" disables it
    oov: str = choice("unk", "last_id")  #: tokens that are not in the vocabulary become <unk>, or the last token's id
    bos: bool = False  #: begin each review with <start>
    max_length: int = number(400, 1, 1_000_000)  #: tokens of a review that the network reads
    truncation_side: str = choice("right", "left")  #: the end that longer reviews lose


@dataclass(frozen=True)
class Embed:
    """Where the word vectors come from."""

    vectors: str = "glove.6B.50d.txt"  #: a file of word vectors below data/raw, or its absolute path; "": random
    member: str = ""  #: the file to read from a .zip that holds several
    dim: int = number(50, 1, 65_536)  #: of random vectors; a file has its own
    ppmi_dim: int = number(0, 0, 1000)  #: dimensions to append, learned from the reviews: see pipeline.text.ppmi
    trainable: bool = True  #: False: the vectors are frozen
    normalize: bool = False  #: to mean 0 and variance 1 over the tokens of the training reviews, dimension by dimension


@dataclass(frozen=True)
class Network:
    """Embedding, LSTM, pooling over time, dense layer."""

    num_outputs: int = number(2, 1, 1000)  #: logits: of each class, for a softmax; 1: of "positive", for a sigmoid
    hidden_size: int = number(64, 1, 65_536)
    num_layers: int = number(1, 1, 8)
    bidirectional: bool = False
    masked: bool = True  #: padding is masked; False: the LSTM reads it like tokens
    padding_side: str = choice("right", "left")
    pooling: str = choice("last", "flatten", "sum", "mean", "max", "max_mean")  #: flatten: all hidden states
    embedding_dropout: float = number(0.0, 0, 0.95)
    input_dropout: float = number(0.0, 0, 0.95)  #: of the LSTM's inputs, with one mask for all steps
    recurrent_dropout: float = number(0.0, 0, 0.95)  #: of the hidden state, with one mask for all steps
    dropout: float = number(0.0, 0, 0.95)  #: before the dense layer
    # more than 7 embeddings of the same ids are more than MXNet's Gluon can differentiate
    ensemble_size: int = number(1, 1, 7)  #: LSTMs, initialised and trained independently; their logits are summed

    @property
    def variational_dropout(self) -> bool:
        """Whether the LSTM drops inputs or hidden states, with one mask for all steps: it is unrolled for that."""
        return self.input_dropout > 0 or self.recurrent_dropout > 0

    @property
    def fixed_length(self) -> bool:
        """Whether every review is padded to the same number of steps."""
        return not self.masked or self.pooling == "flatten" or self.variational_dropout


@dataclass(frozen=True)
class NgramModel:
    """Logistic regression on n-grams, initialised with NB log-count ratios (Wang and Manning, 2012).

    It is trained beside the LSTM, with a loss of its own; wide and deep learning (Cheng et al., 2016) has one loss for
    the sum.
    """

    max_n: int = number(0, 0, 4)  #: tokens in the longest n-gram; 0: no n-gram model
    min_df: int = number(2, 1)  #: n-grams in fewer training reviews are left out
    dropout: float = number(0.0, 0, 0.95)  #: of n-grams
    generated: bool = True  #: trained on generated sentences too


@dataclass(frozen=True)
class Train:
    """The loop."""

    epochs: int = number(3, 1)
    batch_size: int = number(32, 1)
    optimizer: str = choice("adam", "sgd")
    learning_rate: float = number(0.001, 1e-12)
    lr_schedule: str = choice("constant", "cosine")  #: cosine: down to 0 over all epochs
    clip_norm: float = number(0.0, 0)  #: largest norm of the gradient; 0: no clipping
    initializer: str = choice("xavier", "keras")
    shuffle: bool = True
    bucket_by_length: bool = True  #: batches of reviews of similar length; masked networks only
    drop_last: bool = False  #: leave out the last batch if it is not full
    random_crop_prob: float = number(0.0, 0, 1)  #: of replacing a review by a random crop of it; improves short inputs
    adversarial_norm: float = number(0.0, 0)  #: of perturbed embeddings to train on (Miyato et al., 2017); 0: none
    num_streams: int = number(1, 1, 64)  #: parts of a batch that a CPU computes at the same time
    mixed_precision: bool = False  #: matrix products in float16; on GPUs only
    class_weight: str = choice("equal", "balanced")  #: in the loss; balanced: inverse to the class frequencies
    calibrate: bool = False  #: after training, fit the ensemble's weights on validation reviews and sentences
    eval_split: str = choice("validation", "held_out")  #: measured after each epoch
    early_stopping: int = number(0, 0)  #: epochs without a lower validation loss after which training stops; 0: never
    seed: int = number(0, 0)


@dataclass(frozen=True)
class Evaluate:
    """How the trained network is measured."""

    drop_last: bool = False  #: leave out the last batch, of train.batch_size, if it is not full


@dataclass(frozen=True)
class Recipe:
    """Everything that is chosen, one section a stage.

    Raises
    ------
    PipelineError
        If a value is of the wrong type, out of its range or at odds with another.
    """

    name: str
    about: str = ""
    read: Read = field(default_factory=Read)
    index: Index = field(default_factory=Index)
    embed: Embed = field(default_factory=Embed)
    network: Network = field(default_factory=Network)
    ngram_model: NgramModel = field(default_factory=NgramModel)
    train: Train = field(default_factory=Train)
    evaluate: Evaluate = field(default_factory=Evaluate)

    @property
    def is_ensemble(self) -> bool:
        """Whether the prediction is a weighted sum of logits: of several models, or of one that is calibrated."""
        return self.network.ensemble_size > 1 or self.ngram_model.max_n > 0 or self.train.calibrate

    @property
    def uses_validation(self) -> bool:
        """Whether anything is chosen by the validation reviews."""
        return self.train.calibrate or self.train.early_stopping > 0

    @property
    def num_logits(self) -> int:
        """Columns of the network's output: ``network.num_outputs`` for each model, model after model."""
        return (self.network.ensemble_size + (self.ngram_model.max_n > 0)) * self.network.num_outputs

    @property
    def is_ordered(self) -> bool:
        """Whether the classes are numbers in an order, of which the prediction is the median."""
        return self.read.labels == "stars"

    @property
    def num_classes(self) -> int:
        """Classes that the network tells apart: columns of its probabilities."""
        return max(self.network.num_outputs, 2)

    def __post_init__(self) -> None:
        for section in sections(self):
            for option in dataclasses.fields(getattr(self, section)):
                _check(f"{section}.{option.name}", getattr(getattr(self, section), option.name), option)
        network, train = self.network, self.train
        if self.is_ordered and (self.read.sentences or self.read.generated):
            raise PipelineError(
                'read.labels="stars": sentences have no stars; set read.sentences to nothing and read.generated to 0'
            )
        if self.is_ensemble and not network.masked:
            raise PipelineError("network.ensemble_size, ngram_model.max_n, train.calibrate: need network.masked=true")
        if train.adversarial_norm and not network.masked:
            raise PipelineError("train.adversarial_norm: needs network.masked=true")
        for name in ("calibrate", "early_stopping"):
            if getattr(train, name) and not self.read.validation:
                raise PipelineError(
                    f"train.{name}: needs validation reviews; set read.validation, to 0.05 for instance"
                )
        if train.early_stopping and train.eval_split != "validation":
            raise PipelineError('train.early_stopping: chooses an epoch; set train.eval_split to "validation"')
        if train.bucket_by_length and network.fixed_length:
            raise PipelineError("train.bucket_by_length: this network pads every review to max_length; set it to false")
        if not network.masked and network.pooling in ("mean", "max_mean"):
            raise PipelineError(f'network.pooling: "{network.pooling}" averages over tokens, so it needs masked=true')
        if network.masked and network.padding_side == "left":
            raise PipelineError('network.padding_side: a masked network ignores the padding; leave it "right"')
        if not network.masked and network.bidirectional:
            raise PipelineError("network.bidirectional: needs masked=true, or one direction begins in the padding")
        if network.bidirectional and network.variational_dropout:
            raise PipelineError(
                "network.bidirectional: input_dropout and recurrent_dropout are for one direction; set it to false"
            )
        if network.bidirectional and train.batch_size * self.index.max_length > _MOST_POSITIONS:
            raise PipelineError(f"train.batch_size times index.max_length: expected {_MOST_POSITIONS} or less")
        if train.bucket_by_length and not train.shuffle:
            raise PipelineError("train.bucket_by_length: changes the order of reviews, which shuffle=false forbids")
        if train.bucket_by_length and train.drop_last:
            raise PipelineError("train.drop_last: batches by length (bucket_by_length) have no single last batch")


def for_classes(recipe: Recipe, count: int) -> Recipe:
    """Return the recipe with an output for each class; the single output of a recipe tells two classes apart."""
    if count == recipe.num_classes:
        return recipe
    return dataclasses.replace(recipe, network=dataclasses.replace(recipe.network, num_outputs=count))


def name_vectors(path: Path, raw: Path = Path("data/raw")) -> str:
    """Return the value of ``embed.vectors`` for a file: its path below `raw`, or else its absolute path."""
    absolute = Path(os.path.abspath(path))
    try:
        return absolute.relative_to(os.path.abspath(raw)).as_posix()
    except ValueError:
        return absolute.as_posix()


def sections(recipe: Recipe) -> Tuple[str, ...]:
    """Return the names of a recipe's sections, in the order of the stages."""
    return tuple(part.name for part in dataclasses.fields(recipe) if part.name not in ("name", "about"))


def _check(name: str, value: Any, option: Any) -> None:
    kind = type(option.default)
    fits = isinstance(value, (int, float)) if kind is float else type(value) is kind
    if not fits or (kind is float and isinstance(value, bool)):
        raise PipelineError(f"{name}: expected {_KINDS[kind]}, found {value!r}")
    choices, low, high = (option.metadata.get(key) for key in ("choices", "low", "high"))
    if choices and value not in choices:
        raise PipelineError(f"{name}: expected one of {', '.join(map(repr, choices))}, found {value!r}")
    if low is not None and not low <= value <= high:
        unlimited = high == _MOST or (high == _MOST_WHOLE and value < low)
        raise PipelineError(f"{name}: expected {f'{low} or more' if unlimited else f'{low} to {high}'}, found {value}")


_KINDS: Dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def override(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """Return the recipe with some fields changed.

    Parameters
    ----------
    recipe : Recipe
    settings : iterable of str
        Each ``section.field=value``, as in ``train.epochs=3``.

    Raises
    ------
    PipelineError
        If a field is unknown (the message names the nearest one) or a value does not fit.
    """
    changes: Dict[str, Dict[str, Any]] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        section, field_name = _find(recipe, name.strip())
        if not equals:
            raise PipelineError(f"{setting}: expected section.field=value, as in train.epochs=3")
        changes.setdefault(section, {})[field_name] = _parse(text, _field_types(recipe, section)[field_name])
    parts = {section: dataclasses.replace(getattr(recipe, section), **new) for section, new in changes.items()}
    return dataclasses.replace(recipe, **parts)


def _field_types(recipe: Recipe, section: str) -> Dict[str, type]:
    """Return the type of each field of a section: a field of float may hold an int."""
    return {option.name: type(option.default) for option in dataclasses.fields(getattr(recipe, section))}


def _find(recipe: Recipe, name: str) -> Tuple[str, str]:
    known = [f"{s}.{option.name}" for s in sections(recipe) for option in dataclasses.fields(getattr(recipe, s))]
    if name not in known:
        raise PipelineError(f"{name}: no such field{_nearest(name, known)}")
    section, _, field_name = name.partition(".")
    return section, field_name


def _nearest(name: str, known: Iterable[str]) -> str:
    field_name = name.rpartition(".")[2]
    by_field = {full.rpartition(".")[2]: full for full in known}
    near = (
        difflib.get_close_matches(name, [full for full in known if full.endswith(f".{field_name}")], 1, 0)
        or difflib.get_close_matches(name, list(known), 1)
        or difflib.get_close_matches(field_name, list(by_field), 1)
    )
    return f"; did you mean {by_field.get(near[0], near[0])}?" if near else ""


def _parse(text: str, kind: type) -> Any:
    """Read a value as its field's type; what cannot be read is left for the recipe's own check to refuse."""
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        return kind(text)
    except ValueError:
        return text


def to_dict(recipe: Recipe) -> Dict[str, Any]:
    """Return the recipe as nested dictionaries, ready for JSON."""
    return dataclasses.asdict(recipe)


def from_dict(values: Mapping[str, Any]) -> Recipe:
    """Rebuild a recipe from `to_dict`'s result; checks everything again.

    A section or field that an older version did not know yet takes its default, which is what that version did.

    Raises
    ------
    PipelineError
        If a section or field is unknown or does not fit.
    """
    if not isinstance(values, dict) or not all(isinstance(values.get(key), str) for key in ("name", "about")):
        raise PipelineError("recipe: expected an object with a name, a text about it and one section for each stage")
    blank = Recipe(name=values["name"], about=values["about"])
    parts: Dict[str, Any] = {"name": blank.name, "about": blank.about}
    unknown = set(values) - set(parts) - set(sections(blank))
    if unknown:
        raise PipelineError(f"recipe: no such section: {', '.join(sorted(map(str, unknown)))}")
    for section in sections(blank):
        kind, found = type(getattr(blank, section)), values.get(section, {})
        expected = {option.name for option in dataclasses.fields(kind)}
        if not isinstance(found, dict):
            raise PipelineError(f"recipe, section {section}: expected an object")
        if not set(found) <= expected:
            odd = ", ".join(sorted(map(str, set(found) - expected)))
            raise PipelineError(f"recipe, section {section}: no such field: {odd}; is it of a newer version?")
        parts[section] = kind(**found)
    return Recipe(**parts)
