from __future__ import annotations

import json
from pathlib import Path
from typing import Dict

import pytest

from pipeline import SentimentClassifier
from pipeline.cli.main import main
from pipeline.errors import PipelineError
from pipeline.model import bundle as bundles
from pipeline.model.bundle import SHIPPED, check_target, load_bundle, load_recipe, save_bundle, write_metrics
from pipeline.model.onnx import OnnxNetwork
from pipeline.recipe import Recipe
from pipeline.recipes import SMALL
from scripts import ship_bundle
from tests.conftest import save_random_bundle

SAVED = ["MODEL_CARD.md", "bundle.json", "history.json", "network.safetensors", "recipe.json", "vocabulary.json"]


def contents(folder: Path) -> Dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def bundle(tmp_path: Path, tiny: Recipe) -> Path:
    save_random_bundle(tmp_path / "bundle", tiny)
    return tmp_path / "bundle"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m/thesis.txt", "mine", "m: already contains thesis.txt; choose a new or empty folder"),
        ("m", "mine", "m: is a file; expected a folder or an unused name"),
        ("m/bundle.json", '["of another program"]', "m: its bundle.json is not a bundle's, or damaged; move it away"),
        ("m/bundle.json", '{"sha256": 3}', "m: its bundle.json is not a bundle's, or damaged; move it away"),
        ("m/bundle.json", "{", "m: its bundle.json is not a bundle's, or damaged; move it away"),
        (
            "bundle/notes.txt",
            "mine",
            "bundle: notes.txt is not part of the bundle there and would be lost; move",
        ),
        ("bundle/deep/notes.txt", "mine", "bundle: deep is not part of the bundle there and would be lost; move it"),
    ],
)
@pytest.mark.parametrize("writer", ["save", "save_bundle", "export", "ship_bundle"])
def test_bundle_takes_the_place_of_nothing_else(
    bundle: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, message: str, writer: str
) -> None:
    path, top = bundle.parent / name, bundle.parent
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    target, before = top / name.partition("/")[0], contents(top)
    if writer.startswith("save"):
        trained = load_bundle(SHIPPED, "cpu")
        with pytest.raises(PipelineError) as refused:
            if writer == "save":
                SentimentClassifier.from_bundle(trained).save(target)
            else:
                save_bundle(target, trained.network, trained.vocabulary, trained.recipe, [])
        told = f"error: {refused.value}"
    else:
        option = [f"--model={SHIPPED}"] if writer == "export" else ["small", f"--data={top}"]
        if writer == "ship_bundle":
            save_random_bundle(top / "small/bundle", load_bundle(bundle, "cpu").recipe)
            before = contents(top)
            assert ship_bundle.main([*option, f"--output={target}"]) == 2
        else:
            assert main([writer, *option, f"--output={target}"]) == 2
        told = capsys.readouterr().err
    assert told.startswith(f"error: {top}/{message}")
    assert contents(top) == before


def test_bundle_takes_the_place_of_a_bundle_as_a_whole(bundle: Path, tiny: Recipe) -> None:
    write_metrics(bundle, {})  # as the stage evaluate does
    (bundle / ".sentiment-00.tmp").write_text("left by a run that was killed")
    check_target(bundle)
    save_random_bundle(bundle, tiny)
    assert sorted(path.name for path in bundle.iterdir()) == SAVED
    assert [path.name for path in bundle.parent.iterdir()] == ["bundle"]


def test_bundle_of_another_version_may_be_replaced(bundle: Path, tiny: Recipe) -> None:
    manifest = json.loads((bundle / "bundle.json").read_text())
    manifest["sha256"]["weights.bin"] = "0"
    (bundle / "bundle.json").write_text(json.dumps({**manifest, "format": 9}))
    (bundle / "weights.bin").touch()
    save_random_bundle(bundle, tiny)
    assert sorted(path.name for path in bundle.iterdir()) == SAVED


def test_bundle_is_saved_where_the_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: Recipe) -> None:
    monkeypatch.chdir(tmp_path)
    save_random_bundle(Path(), tiny)
    assert sorted(path.name for path in Path().iterdir()) == SAVED
    assert load_bundle(Path(), "cpu").recipe == tiny
    with pytest.raises(PipelineError, match=r"^\.: already contains MODEL_CARD\.md, and the current folder"):
        save_random_bundle(Path(), tiny)
    assert load_bundle(Path(), "cpu").recipe == tiny


def test_onnx_can_be_preferred_in_a_bundle_that_holds_both(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(load_bundle(SHIPPED, "cpu", prefer_onnx=True).network, OnnxNetwork)
    assert not isinstance(load_bundle(SHIPPED, "cpu").network, OnnxNetwork)
    assert not isinstance(load_bundle(bundle, "cpu", prefer_onnx=True).network, OnnxNetwork)  # it holds Gluon's alone
    monkeypatch.setattr(bundles, "find_spec", lambda name: name != "onnxruntime")  # it is not installed
    assert not isinstance(load_bundle(SHIPPED, "cpu", prefer_onnx=True).network, OnnxNetwork)


def test_shipped_bundle_is_of_the_recipe_small() -> None:
    assert load_recipe(SHIPPED) == SMALL
