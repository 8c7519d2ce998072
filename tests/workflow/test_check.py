"""What the command check finds in labelled texts."""

from __future__ import annotations

from pathlib import Path
from typing import List, Sequence

import pytest

from pipeline.corpus.classes import SENTIMENT, Classes
from pipeline.corpus.training_table import LabelledTexts, read_labelled_texts
from pipeline.recipe import Recipe, override
from pipeline.workflow.check import check_texts


def labelled(texts: Sequence[str], labels: Sequence[int], classes: Classes = SENTIMENT) -> LabelledTexts:
    return LabelledTexts(list(texts), list(labels), classes, [], list(range(1, len(texts) + 1)))


def find(texts: LabelledTexts, recipe: Recipe, word: str, **options: object) -> List[str]:
    """Return the findings with a word in them, each with its advice."""
    found = check_texts(texts, recipe, **options)  # type: ignore[arg-type]
    return [f"{text} -> {advice}" if advice else text for text, advice in found if word in text]


MANY = [f"film number {i}" for i in range(200)]


def test_clean_texts_have_no_advice(tiny: Recipe) -> None:
    texts = labelled(MANY, [0, 1] * 100)
    assert [advice for _, advice in check_texts(texts, tiny)] == ["", "", ""]
    assert find(texts, tiny, "classes") == ["200 texts of 2 classes: negative 100, positive 100"]


def test_unbalanced_and_rare_classes(tiny: Recipe) -> None:
    texts = labelled(MANY, [0] * 155 + [1] * 45, ("often", "rare"))
    assert find(texts, tiny, "fewer than") == ["fewer than 50 texts: rare -> collect more, or join classes"]
    (told,) = find(texts, tiny, "times as many")
    assert told.startswith("the most frequent class has 3.4 times as many texts as the rarest -> --set train.class_wei")
    assert not find(labelled(MANY, [0] * 150 + [1] * 50), tiny, "times as many")  # 3.0 is not above the limit


def test_classes_that_look_like_missing_labels(tiny: Recipe) -> None:
    (told,) = find(labelled(MANY, [0, 1, 2, 3] * 50, ("N/A", "Nora", "bad", "null")), tiny, "missing")
    assert (
        told
        == "classes that look like missing labels: N/A, null -> if they mean that there is no label, drop their rows"
    )


def test_copies_and_texts_with_two_labels(tiny: Recipe) -> None:
    texts = labelled(["A film.", "other", "a  FILM. ", "a film.", "third", "other"], [1, 0, 0, 1, 1, 0])
    (copies,) = find(texts, tiny, "copies")
    assert copies.startswith("copies of other texts: 3 (rows 3, 6) -> drop them")
    assert find(texts, tiny, "two labels") == ["texts with two labels: 1 (rows 1 and 3) -> correct the labels"]
    assert not find(texts, tiny, "no text is there twice")


@pytest.mark.parametrize(("labels", "rows"), [([0, 1, 0], "1 and 2"), ([0, 0, 1], "1 and 3"), ([0, 1, 1], "1 and 2")])
def test_rows_of_a_text_with_two_labels_have_different_ones(tiny: Recipe, labels: List[int], rows: str) -> None:
    (told,) = find(labelled(["a film"] * 3, labels), tiny, "two labels")
    assert told == f"texts with two labels: 1 (rows {rows}) -> correct the labels"


def test_texts_that_are_evaluated_on_and_trained_on(tiny: Recipe) -> None:
    test = labelled(["new", "FILM number 7"], [0, 1])
    (told,) = find(labelled(MANY, [0, 1] * 100), tiny, "also trained on", test=test)
    assert told.startswith("texts of --test that are also trained on: 1 (rows 8 of the table) -> ")


def test_lengths_against_the_maximum(tiny: Recipe) -> None:
    texts = labelled([*(["one two three four"] * 9), "a b c d e f g h i j", "..."], [0, 1] * 5 + [1])
    (told,) = find(texts, override(tiny, ["index.max_length=8"]), "tokens")
    assert told == (
        "lengths in tokens: median 4, 95 % up to 10, longest 10; 9.1% are longer than index.max_length=8 and are cut "
        "-> --set index.max_length=10, if the memory allows it"
    )


def test_words_without_a_vector_show_another_language(tiny: Recipe) -> None:
    Path("vectors.txt").write_text("film 0.1 0.2\nnumber 0.3 0.1\n" + "".join(f"{i} 1 {i}\n" for i in range(200)))
    texts = labelled([*MANY, "ein guter film , sehr gut"], [0, 1] * 100 + [1])
    found = find(texts, tiny, "words", vectors=Path("vectors.txt"))
    assert found[0] == "0.7% of the words have no vector in vectors.txt: ein, gut, guter, sehr"
    assert found[1].startswith("texts mostly of such words: 1 (rows 201) -> if they are in another language")


@pytest.mark.parametrize("text", ["", " ", "..."])
def test_texts_without_a_word_are_named(tiny: Recipe, text: str) -> None:
    found = find(
        labelled([*MANY, text], [0, 1] * 100 + [0]), override(tiny, ["index.tokenizer=alphanumeric"]), "without"
    )
    assert found == ["texts without a word: 1 (rows 201) -> drop them"]


@pytest.mark.parametrize("word", ["Übung", "电影"])
def test_texts_all_in_another_language_are_told(tiny: Recipe, word: str) -> None:
    Path("vectors.txt").write_text("film 0.1 0.2\n", encoding="utf-8")
    texts = labelled([f"{word} {word}{i}" for i in range(9)], [0, 1] * 4 + [0])
    found = find(texts, tiny, "words", vectors=Path("vectors.txt"))
    assert found[0].startswith("100.0% of the words have no vector in vectors.txt: ")
    assert found[0].endswith(" -> if the texts are in another language, take vectors of that language: --vectors FILE")
    assert found[1].startswith("texts mostly of such words: 9 (rows 1, 2, 3, 4, 5, ...) -> ")


def test_rows_are_those_of_the_file(tiny: Recipe) -> None:
    lines = ["text,label", "one film,pos", ",neg", "a film,neg", "A  film,pos", "last,neg"]
    Path("gaps.csv").write_text("\n".join(lines), encoding="utf-8")
    Path("test.csv").write_text("text,label\n,pos\nnew,pos\nLast,neg\n", encoding="utf-8")
    texts, test = (read_labelled_texts(Path(name), "text", "label") for name in ("gaps.csv", "test.csv"))
    assert texts.places == [1, 3, 4, 5]
    found = [finding.text for finding in check_texts(texts, tiny, test=test)]
    assert "copies of other texts: 1 (rows 4)" in found
    assert "texts with two labels: 1 (rows 3 and 4)" in found
    assert "texts of --test that are also trained on: 1 (rows 5 of the table)" in found


def test_labels_that_are_all_different_make_it_ask_for_the_column(tiny: Recipe) -> None:
    (told,) = find(labelled(MANY, range(200), tuple(f"{i:050}" for i in range(200))), tiny, "fewer than")
    assert told.endswith("nearly every text has a class of its own: is --label-column the column of the labels?")
    assert told.startswith(f"fewer than 50 texts: {0:040}, ")
