from __future__ import annotations

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pipeline.model.batches import batchify, by_length, in_order, pad
from pipeline.recipe import Index, Network, Recipe
from pipeline.text.ngrams import NGrams

quickly = settings(derandomize=True, deadline=None, max_examples=200)
SHORT, LONG = np.array([1, 2, 3], np.int32), np.array([4, 5, 6, 7, 8, 9], np.int32)
EMPTY = np.zeros(0, np.int32)
MASKED, READ = Network(), Network(masked=False)  # READ: the padding is read like words


@pytest.mark.parametrize(
    ("truncation_side", "padding_side", "rows"),
    [
        ("right", "right", [[1, 2, 3, 0], [4, 5, 6, 7], [0, 0, 0, 0]]),
        ("left", "right", [[1, 2, 3, 0], [6, 7, 8, 9], [0, 0, 0, 0]]),
        ("right", "left", [[0, 1, 2, 3], [4, 5, 6, 7], [0, 0, 0, 0]]),
        ("left", "left", [[0, 1, 2, 3], [6, 7, 8, 9], [0, 0, 0, 0]]),  # as Keras's pad_sequences
    ],
)
def test_pad_cuts_one_end_and_pads_the_other(truncation_side: str, padding_side: str, rows: list[list[int]]) -> None:
    network = Network(masked=False, padding_side=padding_side)
    ids, lengths = pad([SHORT, LONG, EMPTY], Index(max_length=4, truncation_side=truncation_side), network)
    assert ids.tolist() == rows
    assert lengths.tolist() == [3, 4, 0]
    assert (ids.dtype, lengths.dtype) == (np.int32, np.int32)


@pytest.mark.parametrize(
    ("padding_side", "truncation_side", "steps", "rows"),
    [  # from the documentation of Keras's pad_sequences, whose defaults are padding="pre" and truncating="pre"
        ("left", "left", 3, [[0, 0, 1], [0, 2, 3], [4, 5, 6]]),
        ("right", "left", 3, [[1, 0, 0], [2, 3, 0], [4, 5, 6]]),
        ("left", "left", 2, [[0, 1], [2, 3], [5, 6]]),
    ],
)
def test_pad_does_as_keras_documents(
    padding_side: str, truncation_side: str, steps: int, rows: list[list[int]]
) -> None:
    sequences = [np.array(ids, np.int32) for ids in ([1], [2, 3], [4, 5, 6])]
    index = Index(max_length=steps, truncation_side=truncation_side)
    ids, _ = pad(sequences, index, Network(masked=False, padding_side=padding_side))
    assert ids.tolist() == rows


@pytest.mark.parametrize(
    ("network", "sequences", "steps"),
    [
        (MASKED, [SHORT, EMPTY], 3),
        (MASKED, [SHORT, LONG], 5),
        (MASKED, [EMPTY, EMPTY], 1),
        (READ, [SHORT, EMPTY], 5),
        (READ, [SHORT, LONG], 5),
        (READ, [EMPTY], 5),
        (Network(pooling="flatten"), [SHORT], 5),
        (Network(recurrent_dropout=0.1), [SHORT], 5),
        (Network(input_dropout=0.1), [SHORT], 5),
    ],
)
def test_block_is_as_long_as_its_longest_sequence_unless_the_padding_is_read(
    network: Network, sequences: list[np.ndarray], steps: int
) -> None:
    ids, lengths = pad(sequences, Index(max_length=5), network)
    assert ids.shape == (len(sequences), steps)
    assert lengths.tolist() == [min(len(sequence), 5) for sequence in sequences]


def test_sequence_of_exactly_the_steps_is_neither_cut_nor_padded() -> None:
    ids, lengths = pad([LONG], Index(max_length=6), READ)
    assert (ids.tolist(), lengths.tolist()) == ([[4, 5, 6, 7, 8, 9]], [6])


def test_features_are_padded_step_by_step() -> None:
    images = [np.ones((2, 3), np.float32), np.full((5, 3), 2, np.float32)]
    padded, lengths = pad(images, Index(max_length=4), READ)
    assert (padded.shape, padded.dtype, lengths.tolist()) == ((2, 4, 3), np.float32, [2, 4])
    assert padded[:, :, 0].tolist() == [[1, 1, 0, 0], [2, 2, 2, 2]]


def test_pad_leaves_the_sequences_as_they_are() -> None:
    sequence = np.array([1, 2, 3], np.int32)
    ids, _ = pad([sequence], Index(max_length=3), MASKED)
    ids[:] = 9
    assert sequence.tolist() == [1, 2, 3]


def test_batchify_adds_the_ngrams_of_whole_sequences() -> None:
    recipe = Recipe("two", index=Index(max_length=2))
    ids, lengths = batchify([SHORT, EMPTY], recipe)
    assert (ids.tolist(), lengths.tolist()) == ([[1, 2], [0, 0]], [2, 0])
    ids, lengths, ngrams = batchify([SHORT, EMPTY], recipe, NGrams(np.array([2, 3, 23]), 10, 2))
    assert (ids.tolist(), lengths.tolist()) == ([[1, 2], [0, 0]], [2, 0])
    assert ngrams.tolist() == [[1, 2, 3], [0, 0, 0]]  # 3 is cut from the ids alone


@pytest.mark.parametrize(
    ("count", "drop_last", "batches"),
    [
        (7, False, [[0, 1, 2], [3, 4, 5], [6]]),
        (7, True, [[0, 1, 2], [3, 4, 5]]),
        (6, False, [[0, 1, 2], [3, 4, 5]]),
        (6, True, [[0, 1, 2], [3, 4, 5]]),
        (2, False, [[0, 1]]),
        (2, True, []),
        (0, False, []),
    ],
)
def test_in_order_takes_all_but_a_last_part_that_is_not_wanted(
    count: int, drop_last: bool, batches: list[list[int]]
) -> None:
    assert [batch.tolist() for batch in in_order(count, 3, drop_last)] == batches


def test_in_order_keeps_the_last_part_unless_told() -> None:
    assert [batch.tolist() for batch in in_order(3, 2)] == [[0, 1], [2]]


def test_in_order_takes_the_lectures_1458_batches() -> None:
    assert sum(1 for _ in in_order(17_500, 12, drop_last=True)) == 1458
    assert sum(len(batch) for batch in in_order(17_500, 12, drop_last=True)) == 17_496


def test_by_length_takes_the_longest_first_and_ties_in_order() -> None:
    assert list(by_length([2, 5, 3, 5, 2, 1], 10)) == [[1, 3], [2, 0, 4], [5]]


def test_by_length_keeps_the_order_of_many_ties() -> None:
    assert list(by_length([1, 2] * 100, 1000)) == [[*range(1, 200, 2), *range(0, 200, 2)]]


@pytest.mark.parametrize(
    ("lengths", "words", "batches"),
    [
        ([9, 2, 1], 4, [[0], [1, 2]]),  # longer than the limit: alone
        ([9, 9], 4, [[0], [1]]),
        ([0, 0, 0], 2, [[0, 1], [2]]),  # an empty one takes a step of padding
        ([2, 2], 4, [[0, 1]]),  # exactly full
        ([], 4, []),
    ],
)
def test_by_length_at_its_limits(lengths: list[int], words: int, batches: list[list[int]]) -> None:
    assert list(by_length(lengths, words)) == batches


@quickly
@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 100))
def test_by_length_takes_each_position_once_within_the_limit(lengths: list[int], words: int) -> None:
    batches = list(by_length(lengths, words))
    positions = [position for batch in batches for position in batch]
    assert sorted(positions) == list(range(len(lengths)))
    assert [lengths[position] for position in positions] == sorted(lengths, reverse=True)
    for batch, after in zip(batches, [*batches[1:], None]):
        longest = max(lengths[batch[0]], 1)
        assert len(batch) == 1 or len(batch) * longest <= words
        assert after is None or (len(batch) + 1) * longest > words  # no batch is closed early
    event("several batches" if len(batches) > 1 else "one batch at most")
