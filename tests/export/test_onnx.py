"""Networks in ONNX, against the Gluon ones that they were made of."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from pipeline import SentimentClassifier, infer_sentiment
from pipeline.cli.main import main
from pipeline.errors import PipelineError
from pipeline.export import graph
from pipeline.export.onnx import export_bundle, export_quantized
from pipeline.io.output import sha256, write_json
from pipeline.model.bundle import load_bundle, save_bundle, write_metrics
from pipeline.model.onnx import OnnxNetwork
from pipeline.model.predictor import Predictor
from pipeline.recipe import Recipe, for_classes
from pipeline.recipes import RECIPES
from tests.conftest import save_random_bundle

TEXTS = [
    "a great film",
    "bad",
    "It was a good plot, it was fun, it was great, the film was bad: it was a bad, bad, bad film!",
    "unheard-of words alone",
]


def small(recipe: Recipe, **options: object) -> Recipe:
    network = replace(recipe.network, hidden_size=3, **options)  # type: ignore[arg-type]
    train = replace(recipe.train, bucket_by_length=recipe.train.bucket_by_length and not network.fixed_length)
    return replace(recipe, index=replace(recipe.index, vocab_size=0, max_length=9), network=network, train=train)


def export(recipe: Recipe, folder: Path) -> tuple[Path, Path]:
    save_random_bundle(folder / "bundle", recipe)
    export_bundle(folder / "bundle", folder / "onnx")
    return folder / "bundle", folder / "onnx"


def assert_like_gluon(recipe: Recipe, folder: Path) -> None:
    trained, exported = export(recipe, folder)
    expected = [list(answer.probabilities.values()) for answer in infer_sentiment(TEXTS, model=trained)]
    found = [list(answer.probabilities.values()) for answer in infer_sentiment(TEXTS, model=exported)]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.ptp(expected, axis=0).max() > 0.01
    for text, together in zip(TEXTS, found):
        alone = infer_sentiment(text, model=exported).probabilities
        assert list(alone.values()) == pytest.approx(together, abs=1e-6)


@pytest.mark.parametrize("name", RECIPES)
def test_export_of_a_recipe_gives_gluons_probabilities(name: str, tmp_path: Path) -> None:
    assert_like_gluon(small(RECIPES[name]), tmp_path)


@pytest.mark.parametrize("name", ["small", "best"])
def test_export_of_three_classes_gives_gluons_probabilities(name: str, tmp_path: Path) -> None:
    recipe = for_classes(small(RECIPES[name], ensemble_size=2), 3)
    assert_like_gluon(recipe, tmp_path)
    output = onnx.load(tmp_path / "onnx/network.onnx").graph.output[0].type.tensor_type.shape.dim[1]
    assert output.dim_value == recipe.num_logits == 9


@pytest.mark.parametrize("pooling", ["last", "flatten", "sum", "mean", "max", "max_mean"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
def test_export_of_a_masked_network_gives_gluons_probabilities(
    tiny: Recipe, pooling: str, bidirectional: bool, layers: int, tmp_path: Path
) -> None:
    assert_like_gluon(small(tiny, pooling=pooling, bidirectional=bidirectional, num_layers=layers), tmp_path)


@pytest.mark.parametrize("pooling", ["last", "flatten", "sum", "max"])
@pytest.mark.parametrize("padding", ["left", "right"])
@pytest.mark.parametrize("recurrent_dropout", [0.0, 0.5])
def test_export_of_an_unmasked_network_gives_gluons_probabilities(
    tiny: Recipe, pooling: str, padding: str, recurrent_dropout: float, tmp_path: Path
) -> None:
    options = {"pooling": pooling, "padding_side": padding, "recurrent_dropout": recurrent_dropout, "num_layers": 2}
    assert_like_gluon(small(tiny, bidirectional=False, masked=False, **options), tmp_path)


def test_exported_network_ignores_what_stands_in_the_padding(tiny: Recipe, tmp_path: Path) -> None:
    network = load_bundle(export(small(tiny), tmp_path)[1]).network
    lengths = np.array([3, 6], np.int32)
    zeros = network.compute_logits((np.array([[3, 1, 4, 0, 0, 0], [9, 2, 6, 5, 3, 5]], np.int32), lengths))
    garbage = network.compute_logits((np.array([[3, 1, 4, 7, 8, 9], [9, 2, 6, 5, 3, 5]], np.int32), lengths))
    alone = network.compute_logits((np.array([[3, 1, 4]], np.int32), lengths[:1]))
    np.testing.assert_allclose(garbage, zeros, atol=1e-6)
    np.testing.assert_allclose(zeros[:1], alone, atol=1e-6)


def test_export_of_an_embedding_in_half_precision_keeps_it_so(tiny: Recipe, tmp_path: Path) -> None:
    trained, exported = export(tiny, tmp_path)
    bundle = load_bundle(trained)
    save_bundle(tmp_path / "half", bundle.network, bundle.vocabulary, bundle.recipe, [], half=True)
    export_bundle(tmp_path / "half", tmp_path / "smaller")
    sizes = [(folder / "network.onnx").stat().st_size for folder in (exported, tmp_path / "smaller")]
    assert sizes[0] - sizes[1] == pytest.approx(12 * 4 * 2, abs=60)
    expected = [answer.positive for answer in infer_sentiment(TEXTS, model=tmp_path / "half")]
    found = [answer.positive for answer in infer_sentiment(TEXTS, model=tmp_path / "smaller")]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_export_copies_all_but_the_parameters_and_vouches_for_it(tiny: Recipe, tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    write_json(tmp_path / "bundle/metrics.json", {"metrics": {"held_out": {"accuracy": 0.5}}})
    export_bundle(tmp_path / "bundle", tmp_path / "onnx")
    names = ["bundle.json", "history.json", "metrics.json", "network.onnx", "recipe.json", "vocabulary.json"]
    assert sorted(path.name for path in (tmp_path / "onnx").iterdir()) == ["MODEL_CARD.md", *names]
    manifest = json.loads((tmp_path / "onnx/bundle.json").read_text())
    assert manifest["format"] == 3
    assert manifest["embedding"] == [12, 4]
    assert manifest["sha256"] == {name: sha256(tmp_path / "onnx" / name) for name in names[1:]}


def test_export_that_differs_from_gluon_is_not_kept(
    tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    monkeypatch.setattr(graph, "_reorder", lambda values: values)  # Gluon's order of gates
    with pytest.raises(PipelineError, match=r"bundle: in ONNX its probabilities are 0\.\d+ off, so it was not kept"):
        export_bundle(tmp_path / "bundle", tmp_path / "onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_export_with_values_that_are_no_numbers_is_not_kept(
    tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    monkeypatch.setattr(OnnxNetwork, "compute_logits", lambda self, batch: np.full((len(batch[0]), 2), np.nan))
    with pytest.raises(PipelineError, match="its probabilities are nan off"):
        export_bundle(tmp_path / "bundle", tmp_path / "onnx")


def test_export_refuses_what_was_exported(tiny: Recipe, tmp_path: Path) -> None:
    _, exported = export(tiny, tmp_path)
    with pytest.raises(PipelineError, match="onnx: exported already; name the bundle that was trained"):
        export_bundle(exported, tmp_path / "again")


def test_export_refuses_to_write_over_its_source(tiny: Recipe, tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    with pytest.raises(PipelineError, match="bundle: the trained bundle itself"):
        export_bundle(tmp_path / "bundle", tmp_path / "bundle")


def test_export_command_takes_a_trained_recipe_by_its_name(
    tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    save_random_bundle(tmp_path / "data/tiny/bundle", tiny)
    assert main(["export", "--model", "tiny", "--format", "onnx"]) == 0
    assert "data/onnx: the network in ONNX; its probabilities differ" in capsys.readouterr().out
    assert main(["infer", "--model", "data/onnx", "a great film"]) == 0
    exported = capsys.readouterr().out
    assert main(["infer", "--model", "data/tiny/bundle", "a great film"]) == 0
    assert exported == capsys.readouterr().out


def test_export_without_onnx_says_what_to_install(
    tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert main(["export", "--model", str(tmp_path / "bundle")]) == 2
    assert 'pip install ".[export]"' in capsys.readouterr().err
    assert not (tmp_path / "onnx").exists()


def test_exported_bundle_without_onnxruntime_says_what_to_install(
    tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, exported = export(tiny, tmp_path)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(PipelineError, match=r'onnxruntime does not load .*: pip install "\.\[onnx\]"'):
        load_bundle(exported)


def test_exported_bundle_answers_without_mxnet(tiny: Recipe, tmp_path: Path) -> None:
    trained, exported = export(tiny, tmp_path)
    code = f"""
import sys
for name in ("mxnet", "gluonnlp", "onnx", "sklearn"):
    sys.modules[name] = None
from pipeline import infer_sentiment
from pipeline.model.predictor import Predictor
texts = {TEXTS!r}
assert Predictor.load({str(exported)!r}).infer(texts) == infer_sentiment(texts, model={str(exported)!r})
print([answer.positive for answer in infer_sentiment(texts, model={str(exported)!r})])
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.stderr == ""
    expected = [answer.positive for answer in SentimentClassifier.load(trained).infer(TEXTS)]
    np.testing.assert_allclose(json.loads(done.stdout), expected, atol=1e-6)


def test_exported_bundle_is_unsure_where_it_knows_no_word(tiny: Recipe, tmp_path: Path) -> None:
    trained, exported = export(tiny, tmp_path)
    for path in (trained, exported):
        classifier = SentimentClassifier.load(path)
        assert [answer.label for answer in classifier.infer(["zebra", "!!!", "\u597d\u7535\u5f71"])] == ["unsure"] * 3
        assert classifier.predict_proba(["zebra"]).tolist() == [[0.5, 0.5]]
        assert classifier.predictor_.has_gradients == (path == trained)


def test_exported_bundle_on_a_gpu_is_refused(tiny: Recipe, tmp_path: Path) -> None:
    _, exported = export(tiny, tmp_path)
    with pytest.raises(PipelineError, match="a network in ONNX runs on the CPU, not on gpu:0"):
        load_bundle(exported, "gpu:0")


def test_exported_bundle_is_not_written_anew(tiny: Recipe, tmp_path: Path) -> None:
    _, exported = export(tiny, tmp_path)
    with pytest.raises(PipelineError, match="copy the folder that it came from"):
        SentimentClassifier.load(exported).save(tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", ["network.onnx", "vocabulary.json", "metrics.json"])
def test_exported_bundle_with_a_damaged_file_is_refused(tiny: Recipe, tmp_path: Path, name: str) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    write_metrics(tmp_path / "bundle", {})
    exported = tmp_path / "onnx"
    export_bundle(tmp_path / "bundle", exported)
    (exported / name).write_bytes(b"junk")
    with pytest.raises(PipelineError, match=f"{name}: damaged"):
        load_bundle(exported)
    (exported / name).unlink()
    with pytest.raises(PipelineError, match=f"{name} is missing"):
        load_bundle(exported)


def rewrite(bundle: Path, content: bytes) -> None:
    """Put another network into a bundle, with a manifest that vouches for it."""
    (bundle / "network.onnx").write_bytes(content)
    manifest = json.loads((bundle / "bundle.json").read_text())
    manifest["sha256"]["network.onnx"] = sha256(bundle / "network.onnx")
    (bundle / "bundle.json").write_text(json.dumps(manifest))


def test_exported_bundle_with_another_network_is_refused(tiny: Recipe, tmp_path: Path) -> None:
    _, exported = export(tiny, tmp_path / "two")
    _, other = export(replace(tiny, network=replace(tiny.network, num_outputs=1)), tmp_path / "one")
    _, unmasked = export(small(tiny, masked=False, bidirectional=False, pooling="last"), tmp_path / "unmasked")
    for content, message in (
        ((other / "network.onnx").read_bytes(), r"not this recipe's network .* gives \['reviews', 1\]"),
        ((unmasked / "network.onnx").read_bytes(), r"not this recipe's network \(it takes \['ids'\]"),
        (b"junk", "not a network that onnxruntime can read"),
    ):
        rewrite(exported, content)
        with pytest.raises(PipelineError, match=f"network.onnx: {message}"):
            load_bundle(exported)


def labelled(predictor: Predictor) -> list[int]:
    return predictor.predict_proba(TEXTS).argmax(axis=1).tolist()


def test_quantized_bundle_is_smaller_and_nearly_the_same(tiny: Recipe, tmp_path: Path) -> None:
    recipe = replace(tiny, network=replace(tiny.network, hidden_size=40))
    trained, exported = export(recipe, tmp_path)
    found = export_quantized(trained, tmp_path / "int8", TEXTS, labelled(Predictor.load(trained)))
    assert found == (1, 1)
    expected = Predictor.load(trained).predict_proba(TEXTS)
    probabilities = Predictor.load(tmp_path / "int8").predict_proba(TEXTS)
    assert 1e-6 < np.abs(probabilities - expected).max() < 0.02
    sizes = [(folder / "network.onnx").stat().st_size for folder in (exported, tmp_path / "int8")]
    assert sizes[1] < sizes[0] / 2
    operators = [node.op_type for node in onnx.load(tmp_path / "int8/network.onnx").graph.node]
    assert "DynamicQuantizeLSTM" in operators
    assert "LSTM" not in operators


@pytest.mark.parametrize("recipe", [*RECIPES.values(), for_classes(RECIPES["small"], 3)], ids=lambda found: found.name)
def test_every_recipe_can_be_quantized(recipe: Recipe, tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", small(recipe))
    expected = Predictor.load(tmp_path / "bundle").predict_proba(TEXTS)
    export_quantized(tmp_path / "bundle", tmp_path / "int8", TEXTS, labelled(Predictor.load(tmp_path / "bundle")))
    np.testing.assert_allclose(Predictor.load(tmp_path / "int8").predict_proba(TEXTS), expected, atol=0.05)


def test_quantized_bundle_tells_its_accuracy_and_has_no_metrics_of_other_weights(tiny: Recipe, tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    write_json(tmp_path / "bundle/metrics.json", {"held_out": {"accuracy": 0.5}})
    right = labelled(Predictor.load(tmp_path / "bundle"))
    export_quantized(tmp_path / "bundle", tmp_path / "int8", TEXTS, [right[0], *(1 - label for label in right[1:])])
    card = (tmp_path / "int8/MODEL_CARD.md").read_text()
    assert "int8 (accuracy 0.2500 before and 0.2500 after, on 4 texts)" in card
    assert not (tmp_path / "int8/metrics.json").exists()
    assert load_bundle(tmp_path / "int8").recipe == load_bundle(tmp_path / "bundle").recipe


def test_quantized_bundle_that_loses_accuracy_is_not_kept(
    tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    right = labelled(Predictor.load(tmp_path / "bundle"))
    monkeypatch.setattr(OnnxNetwork, "compute_logits", lambda self, batch: np.tile([[5.0, -5.0]], (len(batch[0]), 1)))
    lost = 1 - right.count(0) / 4
    assert lost > 0
    with pytest.raises(PipelineError) as raised:
        export_quantized(tmp_path / "bundle", tmp_path / "int8", TEXTS, right)
    told = f"cost more than 0.2 percentage points (accuracy 1.0000 before and {1 - lost:.4f} after, on 4 texts)"
    assert told in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_export_quantized_without_texts_writes_nothing(tiny: Recipe, tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    with pytest.raises(PipelineError, match="no labelled texts"):
        export_quantized(tmp_path / "bundle", tmp_path / "int8", [], [])
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
