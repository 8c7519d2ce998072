"""Stage 2, index: reviews become a vocabulary and token ids."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Dict, Iterable, List, NamedTuple, Optional, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS, TRAINING_SPLITS, Piece, Review, in_pieces
from pipeline.errors import PipelineError
from pipeline.io.processes import map_pieces
from pipeline.io.progress import tqdm
from pipeline.recipe import Index
from pipeline.text.tokenizers import TOKENIZERS
from pipeline.text.vocabulary import START, Vocabulary


def index_reviews(
    reviews: Iterable[Review], options: Index, scratch: Optional[Path] = None
) -> Tuple[Vocabulary, Encoded]:
    """Build the vocabulary and encode every review as token ids, in one pass over the texts.

    Parameters
    ----------
    reviews : iterable of Review
        Read once, on all cores if they are `Reviews`; no text is kept.
    options : Index
    scratch : Path, optional
        A folder with room for 8 bytes per token (default: the system's for temporary files).

    Returns
    -------
    Vocabulary
        Made from the splits ``train`` and ``generated`` unless ``options.vocab_from`` is "all".
    Encoded
        The ids are mapped from a file without a name, which goes with them.

    Raises
    ------
    PipelineError
        If there is no token at all, or none as frequent as ``options.min_freq``.

    Notes
    -----
    Memory is needed for the distinct tokens, some 30 bytes per review, and the pieces at work.
    """
    with tempfile.TemporaryFile(dir=scratch) as file:
        corpus = _tokenize(reviews, options, file)
        vocabulary = _build_vocabulary(corpus, options)
        return vocabulary, _encode(corpus, vocabulary, file, scratch)


class _Corpus(NamedTuple):
    """What is known of the corpus after the pass over its texts. Its ids, positions in `tokens`, are in a file."""

    tokens: List[str]  # distinct, in order of first appearance
    counts: np.ndarray  # int64, (tokens,), in the counted reviews
    count_first: np.ndarray  # int32, ids of the review to count first
    lengths: List[np.ndarray]  # int64, (reviews,), of each piece
    labels: np.ndarray  # int16, (all reviews,)
    splits: np.ndarray  # int8, (all reviews,)
    positions: np.ndarray  # int64, (all reviews,)


def _tokenize(reviews: Iterable[Review], options: Index, file: BinaryIO) -> _Corpus:
    """Tokenize the reviews piece by piece, count the tokens, and write all ids to the file."""
    id_of = _Ids()
    ids_of: Dict[int, np.ndarray] = defaultdict(lambda: np.zeros(0, np.int32))  # ours, for each process by its own
    counts = np.zeros(0, np.int64)
    count_first = np.zeros(0, np.int32)
    columns = []  # of each piece
    counted_splits = list(map(SPLITS.index, TRAINING_SPLITS if options.vocab_from == "train" else SPLITS))
    with tqdm(desc="index", unit="review", leave=False) as bar:
        for piece in map_pieces(_Tokenizer(options), in_pieces(reviews)):
            new = np.fromiter(map(id_of.__getitem__, piece.new_tokens), np.int32, len(piece.new_tokens))
            ids_of[piece.process] = np.concatenate([ids_of[piece.process], new])
            ids = ids_of[piece.process][piece.ids]
            file.write(ids.data)
            counted = np.isin(piece.splits, counted_splits)  # (reviews,)
            counts_here = np.bincount(ids[np.repeat(counted, piece.lengths)], minlength=len(id_of))
            counts_here[: len(counts)] += counts
            counts = counts_here
            if piece.count_first >= 0 and not len(count_first):
                end = piece.lengths[: piece.count_first + 1].sum()
                count_first = ids[end - piece.lengths[piece.count_first] : end]
            columns.append((piece.lengths, piece.labels, piece.splits, piece.positions))
            bar.update(len(piece.labels))
    if not id_of:
        number = sum(len(lengths) for lengths, *_ in columns)
        raise PipelineError(f"{number} reviews without a single word; expected text in at least one")
    lengths, *others = zip(*columns)
    return _Corpus(list(id_of), counts, count_first, list(lengths), *map(np.concatenate, others))


class _Ids(Dict[str, int]):
    """The id of each token; a new token gets the next."""

    def __missing__(self, token: str) -> int:
        self[token] = id_ = len(self)
        return id_


class _TokenizedPiece(NamedTuple):
    """Some reviews, with the ids of the process that tokenized them."""

    process: int
    new_tokens: List[str]  # those that its earlier pieces did not have; their ids follow on those of the others
    ids: np.ndarray  # int32, (all tokens,)
    lengths: np.ndarray  # int64, (reviews,)
    labels: np.ndarray  # int16, (reviews,)
    splits: np.ndarray  # int8, (reviews,), positions in SPLITS
    positions: np.ndarray  # int64, (reviews,)
    count_first: int  # the review to count first; -1 if it is not among them


class _Tokenizer:
    """Tokenizes one piece after another. Each process has one, and sends a token once: it then needs an id only."""

    def __init__(self, options: Index) -> None:
        self._options = options
        self._id_of = _Ids()

    def __call__(self, piece: Piece) -> _TokenizedPiece:
        tokenize, prefix = TOKENIZERS[self._options.tokenizer], self._options.count_first
        known, count_first = len(self._id_of), -1
        ids, rows = [np.zeros(0, np.int32)], []
        for number, review in enumerate(list(piece())):  # reading and tokenizing by turns takes longer
            tokens = tokenize(review.text)
            ids.append(np.fromiter(map(self._id_of.__getitem__, tokens), np.int32, len(tokens)))
            rows.append((len(tokens), review.label, SPLITS.index(review.split), review.position))
            if prefix and count_first < 0 and review.text.startswith(prefix):
                count_first = number
        lengths, labels, splits, positions = np.array(rows, np.int64).reshape(-1, 4).T
        return _TokenizedPiece(
            process=os.getpid(),
            new_tokens=list(islice(self._id_of, known, None)),
            ids=np.concatenate(ids),
            lengths=lengths,
            labels=labels.astype(np.int16),
            splits=splits.astype(np.int8),
            positions=positions,
            count_first=count_first,
        )


def _build_vocabulary(corpus: _Corpus, options: Index) -> Vocabulary:
    """Sort the tokens by descending count; the recipe says how ties are broken."""
    tokens, counts = corpus.tokens, corpus.counts
    if options.tie_break == "alphabetical":
        order = np.array(sorted(range(len(tokens)), key=tokens.__getitem__))
    else:
        first = np.array(list(dict.fromkeys(corpus.count_first.tolist())), np.int64)
        order = np.concatenate([first, np.setdiff1d(np.arange(len(tokens)), first)])
    order = order[np.argsort(-counts[order], kind="stable")]
    order = order[counts[order] >= options.min_freq]
    if not len(order):
        raise PipelineError(f"index.min_freq={options.min_freq}: no word of the counted reviews is that frequent")
    kept = counts[order].tolist()
    return Vocabulary([tokens[i] for i in order], kept, options, int(counts.sum()) - sum(kept))


def _encode(corpus: _Corpus, vocabulary: Vocabulary, file: BinaryIO, scratch: Optional[Path]) -> Encoded:
    """Turn the corpus's ids in the file into the vocabulary's, piece by piece, and map the result into memory."""
    id_of = vocabulary.ids_of(corpus.tokens)  # (tokens,)
    start = np.array([vocabulary.special.index(START)] if vocabulary.options.bos else [], np.int32)
    all_lengths = [np.zeros(1, np.int64)]
    file.seek(0)
    with tempfile.TemporaryFile(dir=scratch) as encoded:
        for lengths in corpus.lengths:
            ids = id_of[np.fromfile(file, np.int32, lengths.sum())]
            kept = ids >= 0
            if not kept.all():
                lengths = np.bincount(np.repeat(np.arange(len(lengths)), lengths)[kept], minlength=len(lengths))
                ids = ids[kept]
            if len(start):
                ids = np.insert(ids, np.cumsum(lengths) - lengths, start)
            encoded.write(ids.data)
            all_lengths.append(lengths + len(start))
        encoded.flush()
        all_ids = np.asarray(np.memmap(encoded, np.int32, "r"))
    offsets = np.cumsum(np.concatenate(all_lengths))  # (all reviews + 1,), the first is 0
    return Encoded(all_ids, offsets, corpus.labels, corpus.splits, corpus.positions)
