from __future__ import annotations

import numpy as np
import pytest

from pipeline.mx.engine import make_generator
from pipeline.training.sampling import crop


def test_crop_of_probability_0_draws_nothing() -> None:
    generator = make_generator(0)
    assert crop(np.arange(50), 0.0, generator).tolist() == list(range(50))
    assert generator.uniform() == make_generator(0).uniform()


def test_crop_takes_stretches_of_every_length() -> None:
    generator = make_generator(0)
    found = [crop(np.arange(100), 0.5, generator) for _ in range(2000)]
    whole = sum(len(stretch) == 100 for stretch in found)
    assert 900 < whole < 1100
    assert all((np.diff(stretch) == 1).all() for stretch in found)
    assert min(map(len, found)) == 5
    assert 300 < sum(len(stretch) < 22 for stretch in found) < 700  # half of the cropped ones, on a logarithmic scale


def test_crop_leaves_short_reviews_alone() -> None:
    assert crop(np.arange(5), 1.0, make_generator(0)).tolist() == [0, 1, 2, 3, 4]
    assert crop(np.arange(0), 1.0, make_generator(0)).tolist() == []


@pytest.mark.parametrize(("length", "cropped"), [(60, False), (61, True)])
def test_crop_leaves_sentences_whole(length: int, cropped: bool) -> None:
    sequence, generator = np.arange(length), make_generator(0)
    assert any(len(crop(sequence, 1.0, generator)) < length for _ in range(50)) is cropped
