from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from pipeline.corpus.sentences import generator, words
from pipeline.corpus.sentences.generator import DOMAINS, KINDS, generate_sentences

SENTENCES = list(generate_sentences(4000, np.random.default_rng(0)))


def test_same_generator_gives_the_same_sentences() -> None:
    one, other, third = (list(generate_sentences(50, np.random.default_rng(seed))) for seed in (3, 3, 4))
    assert one == other
    assert one != third


def test_labels_alternate_and_kinds_have_their_fractions() -> None:
    assert [sentence.label for sentence in SENTENCES[:4]] == [0, 1, 0, 1]
    assert sum(fraction for fraction, _ in KINDS.values()) == pytest.approx(1)
    counts = Counter(sentence.kind for sentence in SENTENCES)
    for kind, (fraction, _) in KINDS.items():
        assert counts[kind] / len(SENTENCES) == pytest.approx(fraction, abs=0.025)


def test_every_slot_is_filled() -> None:
    assert not [sentence.text for sentence in SENTENCES if set("{}") & set(sentence.text)]
    assert all(sentence.text == sentence.text.strip() != "" for sentence in SENTENCES)


def test_sentences_are_varied() -> None:
    assert len({sentence.text for sentence in SENTENCES}) > 0.9 * len(SENTENCES)


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_every_pattern_can_be_filled(kind: str, label: int) -> None:
    writer = generator._Writer(np.random.default_rng(1))
    both, *polar = KINDS[kind][1]
    for domain in set(DOMAINS):
        writer._domain = domain
        for pattern in [*both, *polar[1 - label]]:
            assert "{" not in writer._fill(pattern, label)


def test_words_of_one_polarity_are_not_of_the_other() -> None:
    for domain in set(DOMAINS):
        for both in (domain.adjectives, domain.clauses, domain.events):
            assert not set(both.positive) & set(both.negative)


def test_a_slot_with_a_minus_has_the_other_polarity() -> None:
    writer = generator._Writer(np.random.default_rng(1))
    virtues, flaws = words.VIRTUE
    for _ in range(50):
        assert writer._fill("{-virtue}", 0) in virtues
        assert writer._fill("{-virtue}", 1) in flaws
        assert writer._fill("{virtue}", 0) in flaws
