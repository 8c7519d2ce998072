"""Stage 2, index: reviews become a vocabulary and token ids."""

from __future__ import annotations

import tempfile
from array import array
from collections import defaultdict
from functools import partial
from itertools import count, repeat
from pathlib import Path
from typing import BinaryIO, Dict, Iterable, List, NamedTuple, Optional, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS, Piece, Review, in_pieces
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
        Made from the split ``train`` alone unless ``options.vocab_from`` is "all".
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
    id_of: Dict[str, int] = defaultdict(count().__next__)  # a new token gets the next id
    counts = array("q")
    count_first = np.zeros(0, np.int32)
    columns = []  # of each piece
    with tqdm(desc="index", unit="review", leave=False) as bar:
        for piece in map_pieces(partial(_tokenize_piece, options), in_pieces(reviews)):
            ids = np.fromiter(map(id_of.__getitem__, piece.tokens), np.int32, len(piece.tokens))
            counts.extend(repeat(0, len(id_of) - len(counts)))
            np.frombuffer(counts, np.int64)[ids] += piece.counts  # the ids of one piece's tokens are distinct
            file.write(ids[piece.ids].data)
            if not len(count_first):
                count_first = ids[piece.count_first]
            columns.append((piece.lengths, piece.labels, piece.splits, piece.positions))
            bar.update(len(piece.labels))
    if not id_of:
        number = sum(len(lengths) for lengths, *_ in columns)
        raise PipelineError(f"{number} reviews without a single word; expected text in at least one")
    lengths, *others = zip(*columns)
    return _Corpus(list(id_of), np.array(counts), count_first, list(lengths), *map(np.concatenate, others))


class _TokenizedPiece(NamedTuple):
    """Some reviews; their ids are positions in the piece's own list of tokens."""

    tokens: List[str]  # distinct, in order of first appearance
    counts: np.ndarray  # int64, (tokens,), in the counted reviews
    count_first: np.ndarray  # int32, ids of the review to count first, if it is among them
    ids: np.ndarray  # int32, (all tokens,)
    lengths: np.ndarray  # int64, (reviews,)
    labels: np.ndarray  # int16, (reviews,)
    splits: np.ndarray  # int8, (reviews,), positions in SPLITS
    positions: np.ndarray  # int64, (reviews,)


def _tokenize_piece(options: Index, piece: Piece) -> _TokenizedPiece:
    """Tokenize the reviews of one piece; runs in any process."""
    tokenize = TOKENIZERS[options.tokenizer]
    id_of: Dict[str, int] = defaultdict(count().__next__)
    ids = [np.zeros(0, np.int32)]
    counted, count_first = ids[:], ids[0]
    rows = []
    for review in list(piece()):  # all are read first: reading and tokenizing by turns takes longer
        tokens = tokenize(review.text)
        ids.append(np.fromiter(map(id_of.__getitem__, tokens), np.int32, len(tokens)))
        rows.append((len(tokens), review.label, SPLITS.index(review.split), review.position))
        if options.vocab_from in ("all", review.split):
            counted.append(ids[-1])
        if options.count_first and not len(count_first) and review.text.startswith(options.count_first):
            count_first = ids[-1]
    lengths, labels, splits, positions = np.array(rows, np.int64).reshape(-1, 4).T
    return _TokenizedPiece(
        tokens=list(id_of),
        counts=np.bincount(np.concatenate(counted), minlength=len(id_of)),
        count_first=count_first,
        ids=np.concatenate(ids),
        lengths=lengths,
        labels=labels.astype(np.int16),
        splits=splits.astype(np.int8),
        positions=positions,
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
