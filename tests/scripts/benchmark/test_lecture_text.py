from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.text.tokenizers import alphanumeric
from scripts.benchmark import lecture_text


@pytest.mark.parametrize(
    "text", ["Who'd see it?<br />I would.", "Maß \u212a \u0130 \x85 7.5/10", "", "a<br /><br />b "]
)
def test_clean_str_agrees_with_alphanumeric(text: str) -> None:
    assert lecture_text.clean_str(text).split() == alphanumeric(text)


def test_create_word_index_orders_by_count_then_appearance() -> None:
    assert lecture_text.create_word_index(["b a c a", "d c b"]) == {"b": 1, "a": 2, "c": 3, "d": 4}


def test_pad_sequences_truncates_and_pads_on_the_right() -> None:
    padded = lecture_text.pad_sequences([np.array([1, 2, 3]), np.array([4])], maxlen=2)
    assert [row.tolist() for row in padded] == [[1, 2], [4, 0]]


def test_create_emb_has_zeros_for_padding_and_missing_words(tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text("cat 1 2\ndog 3 4\n", encoding="utf-8")
    index = lecture_text.load_glove_index(tmp_path / "glove.txt")
    assert lecture_text.create_emb(index, ["dog", "bird", "cat"], 2).tolist() == [[0, 0], [3, 4], [0, 0], [1, 2]]
