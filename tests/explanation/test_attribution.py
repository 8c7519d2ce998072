"""Integrated gradients, on functions whose attributions are known and on networks of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import numpy as np
import pytest
import torch
from scipy.special import softmax

from pipeline import SentimentClassifier
from pipeline.errors import PipelineError
from pipeline.explanation.attribution import integrate_gradients, log_odds
from pipeline.explanation.explanation import Explanation
from pipeline.model.bundle import save_bundle
from pipeline.mx.engine import mx
from pipeline.recipe import override
from tests.conftest import TINY, save_random_bundle

TEXT = "A GREAT film, it's<br />not bad: the plot &amp; the plot was fun!"
FIXED = ["train.bucket_by_length=false"]
ONE_WAY = ["network.bidirectional=false"]
UNMASKED = [*FIXED, *ONE_WAY, "network.masked=false"]
DROPPING = [*FIXED, *ONE_WAY, "network.recurrent_dropout=0.5"]
RECIPES = {
    "max and mean, both ways": ["network.embedding_dropout=0.5"],
    "two layers": ["network.num_layers=2", "network.pooling=last"],
    "one output": ["network.num_outputs=1", "network.pooling=mean"],
    "every step, masked": [*FIXED, *ONE_WAY, "network.pooling=flatten"],
    "flatten": [*UNMASKED, "network.pooling=flatten", "index.tokenizer=alphanumeric", "index.oov=last_id"],
    "padding in front": [*UNMASKED, "network.padding_side=left", "network.pooling=last", "network.num_outputs=1"],
    "sum": [*UNMASKED, "network.pooling=sum"],
    "start": ["index.bos=true", "index.tokenizer=keras", "index.truncation_side=left"],
    "start, padding in front": [*UNMASKED, "network.padding_side=left", "network.pooling=last", "index.bos=true"],
    "dropping": [*DROPPING, "network.pooling=last"],
    "several": ["network.ensemble_size=3", "network.num_outputs=1", "network.num_layers=2"],
    "calibrated": ["train.calibrate=true", "read.validation=0.1", "network.num_outputs=1", "network.pooling=last"],
    "n-grams": ["ngram_model.max_n=3", "network.num_outputs=1", "network.ensemble_size=2", "index.bos=true"],
    "n-grams, softmax": ["ngram_model.max_n=2", "network.ensemble_size=2", "train.bucket_by_length=true"],
    "n-grams, last words": [
        "ngram_model.max_n=2",
        "network.num_outputs=1",
        "index.truncation_side=left",
        "index.bos=true",
    ],
}


def load(folder: Path, *settings: str) -> SentimentClassifier:
    recipe = override(TINY, ["index.max_length=20", "network.pooling=max", *settings])
    save_random_bundle(folder / "bundle", recipe)
    return SentimentClassifier.load(folder / "bundle", "cpu")


@pytest.fixture(scope="module", params=RECIPES)
def classifier(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SentimentClassifier:
    settings = RECIPES[request.param]
    default = [] if any("pooling" in setting for setting in settings) else ["network.pooling=max_mean"]
    return load(tmp_path_factory.mktemp("bundle"), *settings, *default)


def computed_residual(explanation: Explanation) -> float:
    return (
        explanation.logit
        - explanation.baseline_logit
        - explanation.attributions.sum()
        - sum(explanation.other_attributions.values())
    )


def test_attributions_of_a_linear_function_are_its_terms() -> None:
    weights, vectors = mx.nd.array([[1, 2], [0, -3], [0.5, 4]]), mx.nd.array([[[1, 1], [7, 2], [-2, 0.25]]])
    found = integrate_gradients(lambda x: (x * weights).sum(axis=(1, 2)) + 5, [vectors])
    np.testing.assert_allclose(found.attributions, [[3, -6, 0]], atol=1e-6)
    assert (found.output, found.baseline_output) == (2, 5)
    assert abs(found.residual) < 1e-6


def test_attributions_of_a_product_are_equal() -> None:
    found = integrate_gradients(lambda x: x[:, 0, 0] * x[:, 1, 0] * x[:, 2, 0], [mx.nd.array([[[2], [3], [0.5]]])])
    # At scale s each gradient times input is 3 s².
    np.testing.assert_allclose(found.attributions, [[1, 1, 1]], atol=1e-6)


def test_attributions_of_several_inputs_are_of_each() -> None:
    def multiply(x: Any, y: Any) -> Any:
        return x[:, 0, 0] * y[:, 1, 0] + 3 * y[:, 0, 1]

    found = integrate_gradients(multiply, [mx.nd.array([[[2]]]), mx.nd.array([[[9, 1], [4, 7]]])])
    assert [part.tolist() for part in found.attributions] == [[pytest.approx(4)], [pytest.approx(3), pytest.approx(4)]]
    assert (found.output, found.baseline_output) == (11, 0)


def test_points_are_doubled_until_the_attributions_sum_to_the_difference() -> None:
    asked = []

    def steep(x: Any) -> Any:
        asked.append(len(x))
        return mx.nd.sigmoid(300 * (x[:, 0, 0] - 0.61))

    found = integrate_gradients(steep, [mx.nd.array([[[1]]])])
    assert abs(found.residual) <= 0.01 * (found.output - found.baseline_output)
    assert asked[0] == 2
    assert asked[1:] == [32 * 2**i for i in range(len(asked) - 1)]
    assert len(asked) > 2


def test_points_have_a_limit_and_the_residual_is_returned() -> None:
    found = integrate_gradients(lambda x: x[:, 0, 0] > 0.61, [mx.nd.array([[[1]]])])  # a step has no gradient
    assert found.attributions[0].tolist() == [0]
    assert (found.output, found.baseline_output, found.residual) == (1, 0, 1)


@pytest.mark.parametrize("text", [TEXT, "bad", "fun " * 30, "film zebra 🎬 GREAT " * 4])
def test_attributions_of_every_network_sum_to_the_difference_of_logits(
    classifier: SentimentClassifier, text: str
) -> None:
    explanation = classifier.explain(text)
    difference = explanation.logit - explanation.baseline_logit  # n-grams may cancel some of the LSTMs' part
    assert abs(computed_residual(explanation)) <= max(0.015 * abs(difference), 1e-3)
    assert computed_residual(explanation) == pytest.approx(explanation.residual, abs=1e-9)
    assert np.abs(explanation.attributions).max() > 1e-3
    options = classifier.bundle.recipe
    assert set(explanation.other_attributions) <= {"<pad>", "<start>", "<cut>"}
    assert ("<pad>" in explanation.other_attributions) == (not options.network.masked)


@pytest.mark.parametrize("text", [TEXT, "bad", "fun bad " * 15, "... zebra! bad"])
def test_prefix_probabilities_are_the_answers_to_every_prefix(classifier: SentimentClassifier, text: str) -> None:
    explanation = classifier.explain(text)
    prefixes = [" ".join(explanation.words[: end + 1]) for end in range(len(explanation.words))]
    answers = [answer.positive for answer in classifier.infer(prefixes)]
    np.testing.assert_allclose(explanation.prefix_probabilities, answers, atol=1e-6)
    assert explanation.target_probability == pytest.approx(classifier.infer([text])[0].positive, abs=1e-6)
    assert explanation.label == classifier.infer([text])[0].label


def test_logit_is_that_of_the_answer(classifier: SentimentClassifier) -> None:
    explanation = classifier.explain(TEXT)
    assert 1 / (1 + np.exp(-explanation.logit)) == pytest.approx(explanation.target_probability, abs=1e-5)
    assert explanation.probability == pytest.approx(
        max(explanation.target_probability, 1 - explanation.target_probability), abs=1e-15
    )


def test_every_word_has_an_attribution(classifier: SentimentClassifier) -> None:
    explanation = classifier.explain(TEXT)
    count = len(explanation.words)
    lengths = {
        len(explanation.offsets),
        len(explanation.known),
        len(explanation.attributions),
        len(explanation.prefix_probabilities),
    }
    assert lengths == {count}
    vocabulary = classifier.bundle.vocabulary
    assert explanation.num_unread == len(vocabulary.split(TEXT)) - count


def test_left_padding_leaves_the_words_their_own_attributions(tmp_path: Path) -> None:
    padding = load(tmp_path, *RECIPES["padding in front"]).explain("great bad")
    assert abs(padding.other_attributions["<pad>"]) > 1e-3
    assert padding.words == ("great", "bad")


def test_long_texts_are_truncated_as_the_recipe_says(tmp_path: Path) -> None:
    text = "great " * 25 + "bad " * 4
    first = load(tmp_path / "first").explain(text)
    assert (first.words, first.num_unread) == (("great",) * 20, 9)
    assert first.offsets[-1] == (19 * 6, 19 * 6 + 5)
    last = load(tmp_path / "last", "index.truncation_side=left", "index.bos=true").explain(text)
    assert (last.words, last.num_unread, last.other_attributions) == (("great",) * 16 + ("bad",) * 4, 9, {"<start>": 0})
    marked = load(tmp_path / "marked", "index.bos=true").explain(text)
    assert (len(marked.words), list(marked.other_attributions)) == (19, ["<start>"])


def test_words_that_are_dropped_are_not_read(tmp_path: Path) -> None:
    classifier = load(tmp_path, *RECIPES["flatten"])
    explanation = classifier.explain("A zebra, great!")
    assert (explanation.words, explanation.offsets, explanation.num_unread) == (("a", "great"), ((0, 1), (9, 14)), 1)
    with pytest.raises(PipelineError, match=r"text: no words in it that the network knows \(found 'zebra'\)"):
        classifier.explain("zebra")


@pytest.mark.parametrize(("text", "message"), [("", "no words in it"), (" \n", "no words"), (3, r"found 3 \(int\)")])
def test_explain_refuses_what_has_no_words(tmp_path: Path, text: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(tmp_path).explain(text)


def test_unknown_words_are_marked(tmp_path: Path) -> None:
    explanation = load(tmp_path).explain("great zebra")
    assert (explanation.words, explanation.known) == (("great", "zebra"), (True, False))


def test_attributions_equal_those_of_torchs_gradients(tmp_path: Path) -> None:
    """The same network and the same sum over the path, in double precision, in PyTorch."""
    classifier = load(tmp_path, "network.pooling=mean")
    explanation = classifier.explain(TEXT)
    network = classifier.bundle.network
    ids = classifier.bundle.vocabulary.encode(explanation.words)
    peer = torch.nn.LSTM(4, 5, bidirectional=True, batch_first=True).double()
    block, state = network.layers[0], {}
    for suffix, lstm in (("", block.forward_lstm), ("_reverse", block.backward_lstm)):
        for ours, theirs in (("i2h", "ih"), ("h2h", "hh")):
            for kind in ("weight", "bias"):
                state[f"{kind}_{theirs}_l0{suffix}"] = torch.from_numpy(
                    getattr(lstm, f"l0_{ours}_{kind}").data().asnumpy()
                )
    peer.load_state_dict(state)
    weight, bias = (torch.from_numpy(p.data().asnumpy()).double() for p in (network.dense.weight, network.dense.bias))
    vectors = torch.from_numpy(network.embedding.weight.data().asnumpy()).double()[ids]  # (T, C)
    scales = (torch.arange(500, dtype=torch.float64) + 0.5) / 500
    path = (scales[:, None, None] * vectors).requires_grad_()  # (M, T, C)
    logits = peer(path)[0].mean(dim=1) @ weight.T + bias  # (M, 2)
    (gradients,) = torch.autograd.grad((logits[:, 1] - logits[:, 0]).sum(), path)
    attributions = (gradients.mean(dim=0) * vectors).sum(dim=1)  # (T,)
    np.testing.assert_allclose(explanation.attributions, attributions.numpy(), atol=2e-3)


def test_explain_leaves_the_network_as_it_was(tmp_path: Path) -> None:
    classifier = load(tmp_path)
    before = classifier.infer([TEXT])
    first = classifier.explain(TEXT)
    assert classifier.infer([TEXT]) == before
    assert classifier.explain(TEXT).attributions.tolist() == first.attributions.tolist()


def test_network_from_vectors_equals_network_from_ids(tmp_path: Path) -> None:
    network = load(tmp_path).bundle.network
    ids, lengths = mx.nd.array([[3, 1, 4], [2, 2, 0]], dtype="int32"), mx.nd.array([3, 2])
    found = network.forward_from_embeddings(network.embedding(ids), lengths).asnumpy()
    np.testing.assert_allclose(found, network(ids, lengths).asnumpy(), atol=1e-6)


def test_explain_refuses_a_bundle_in_onnx(tmp_path: Path) -> None:
    classifier = load(tmp_path)
    without = SentimentClassifier.from_bundle(classifier.bundle._replace(device=None, network=object()))
    with pytest.raises(PipelineError, match="explain needs MXNet and a bundle as training leaves it; this one runs in"):
        without.explain("great")


def test_words_that_tie_for_the_maximum_share_its_gradient(tmp_path: Path) -> None:
    explanation = load(tmp_path, "network.bidirectional=false").explain("fun " * 20)
    assert abs(explanation.residual) < 0.02


def test_truncated_words_count_by_their_ngrams(tmp_path: Path) -> None:
    classifier = load(tmp_path, "ngram_model.max_n=2", "network.num_outputs=1")
    long, short = classifier.explain("great " * 25 + "bad"), classifier.explain("great " * 20)
    assert (long.words, long.num_unread, set(long.other_attributions)) == (short.words, 6, {"<cut>"})
    assert long.logit - short.logit == pytest.approx(
        sum(long.attributions - short.attributions) + long.other_attributions["<cut>"], abs=0.05
    )
    assert long.other_attributions["<cut>"] != 0
    assert long.prefix_probabilities.tolist() == pytest.approx(short.prefix_probabilities.tolist(), abs=1e-6)
    assert abs(long.target_probability - long.prefix_probabilities[-1]) > 1e-3
    assert long.target_probability == pytest.approx(classifier.infer(["great " * 25 + "bad"])[0].positive, abs=1e-6)


def test_log_odds_are_those_of_the_softmax() -> None:
    logits = np.array([[1.0, -2.0, 0.5], [0.0, 100.0, -100.0]])
    probabilities = softmax(logits, axis=1)
    for target in range(3):
        found = log_odds(mx.nd.array(logits), target).asnumpy()
        assert 1 / (1 + np.exp(-found[0])) == pytest.approx(probabilities[0, target], abs=1e-6)
    assert log_odds(mx.nd.array(logits), 1).asnumpy()[1] == pytest.approx(100)
    assert log_odds(mx.nd.array([[1.0, 3.0]]), 1).asscalar() == 2


@pytest.mark.parametrize("settings", [[], ["ngram_model.max_n=2"], ["ngram_model.max_n=2", "network.ensemble_size=2"]])
def test_explanation_of_three_classes_is_of_the_likeliest(tmp_path: Path, settings: List[str]) -> None:
    classifier = load(tmp_path, "network.num_outputs=3", *settings)
    path = tmp_path / "three"
    network, vocabulary, recipe, *_ = classifier.bundle
    save_bundle(path, network, vocabulary, recipe, [], classes=("cold", "mild", "warm"))
    explanation = SentimentClassifier.load(path).explain("a great film")
    (answer,) = SentimentClassifier.load(path).infer(["a great film"])
    assert (explanation.label, explanation.target) == (answer.label, answer.label)
    assert explanation.target_probability == pytest.approx(answer.probability, abs=1e-6)
    assert 1 / (1 + np.exp(-explanation.logit)) == pytest.approx(answer.probability, abs=1e-5)
    total = explanation.baseline_logit + explanation.attributions.sum() + explanation.residual
    assert total == pytest.approx(explanation.logit, abs=1e-5)
    assert abs(explanation.residual) <= max(0.01 * abs(explanation.logit - explanation.baseline_logit), 1e-3)
    assert f"for not {answer.label}  " in str(explanation)
    assert f"Probability of {answer.label}, word by word" in explanation.to_html()


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("settings", [[], ["ngram_model.max_n=2"]])
def test_explanation_of_negative_is_that_of_positive_turned_around(
    tmp_path: Path, outputs: int, settings: List[str]
) -> None:
    classifier = load(tmp_path, f"network.num_outputs={outputs}", *settings)
    positive, negative = (classifier.explain("a great film", target) for target in ("positive", "neg"))
    assert (negative.label, negative.target, negative.other) == (positive.label, "negative", "positive")
    assert (positive.target, positive.other) == ("positive", "negative")
    np.testing.assert_allclose(negative.attributions, -positive.attributions, atol=1e-5)
    np.testing.assert_allclose(negative.prefix_probabilities, 1 - positive.prefix_probabilities, atol=1e-6)
    assert negative.logit == pytest.approx(-positive.logit, abs=1e-5)
    assert negative.baseline_logit == pytest.approx(-positive.baseline_logit, abs=1e-5)
    assert negative.target_probability == pytest.approx(1 - positive.target_probability, abs=1e-6)
    assert "for positive  " in str(negative)
    assert str(classifier.explain("a great film")) == str(positive)


def test_any_class_can_be_explained(tmp_path: Path) -> None:
    network, vocabulary, recipe, *_ = load(tmp_path, "network.num_outputs=3").bundle
    save_bundle(tmp_path / "three", network, vocabulary, recipe, [], classes=("negative", "neutral", "Positive"))
    classifier = SentimentClassifier.load(tmp_path / "three")
    probabilities = classifier.predict_proba(["a great film"])[0]
    for name, probability in zip(("negative", "neutral", "Positive"), probabilities):
        found = classifier.explain("a great film", target=name.upper())
        assert (found.target, found.other) == (name, f"not {name}")
        assert found.target_probability == pytest.approx(probability, abs=1e-6)
        assert 1 / (1 + np.exp(-found.logit)) == pytest.approx(probability, abs=1e-5)
    with pytest.raises(ValueError, match=r"^target: expected one of negative, neutral, Positive, found 'pos'$"):
        classifier.explain("a great film", target="pos")
    with pytest.raises(ValueError, match=r"^target: expected a string, found 1"):
        classifier.explain("a great film", target=1)  # type: ignore[arg-type]


def test_ngrams_of_three_classes_are_attributed_by_integrated_gradients(tmp_path: Path) -> None:
    """Without the LSTM, the path is that of the n-grams' logits alone: compared with a sum over many points."""
    classifier = load(tmp_path, "network.num_outputs=3", "ngram_model.max_n=2", "index.max_length=4")
    network = classifier.bundle.network
    network.weights.set_data(mx.nd.array([0, 1.5]))
    network.length_weights.set_data(mx.nd.array([0, -0.5]))
    text = "a great film it was not bad"  # three words more than the LSTM reads
    explanation = classifier.explain(text)
    words, bias = network.attribute_ngrams(classifier.bundle.vocabulary.encode(text.split()))  # (7, 3), (3,)
    target, total = int(explanation.target), words.sum(axis=0)
    gradients = []
    for scale in (np.arange(2000) + 0.5) / 2000:
        others = np.delete(scale * total + bias, target)
        gradients.append(np.insert(-softmax(others), target, 1))
    expected = words @ np.mean(gradients, axis=0)
    np.testing.assert_allclose(explanation.attributions, expected[:4], atol=1e-4)
    assert explanation.other_attributions["<cut>"] == pytest.approx(expected[4:].sum(), abs=1e-4)
