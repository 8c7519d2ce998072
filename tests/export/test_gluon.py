"""Parameters exported for Gluon, loaded by Gluon."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.cli.main import main
from pipeline.errors import PipelineError
from pipeline.export.gluon import export_parameters
from pipeline.export.onnx import export_bundle
from pipeline.model.batches import batchify
from pipeline.model.bundle import SHIPPED, load_bundle
from pipeline.model.ensemble import build_network
from pipeline.model.network import to_device
from pipeline.mx.engine import mx
from pipeline.recipe import Network, NgramModel, Recipe
from tests.conftest import save_random_bundle

SEQUENCES = [np.array(ids, np.int32) for ids in ([1, 2, 3, 4], [5], [6, 2, 2, 7])]


def assert_loaded_by_gluon(bundle_path: Path, path: Path) -> None:
    """Build the network anew, have Gluon load the file, and compare the logits with those of the bundle."""
    bundle = load_bundle(bundle_path, "cpu")
    network = build_network(bundle.recipe, bundle.network.embedding.weight.shape, bundle.network.ngrams)
    network.load_parameters(str(path), ctx=mx.cpu())
    inputs = to_device(batchify(SEQUENCES, bundle.recipe, bundle.network.ngrams), bundle.recipe, mx.cpu())
    logits = network(*inputs).asnumpy()
    assert logits.shape == (3, bundle.recipe.num_logits)
    assert np.ptp(logits) > 0.01
    np.testing.assert_array_equal(logits, bundle.network(*inputs).asnumpy())


ENSEMBLE = Network(num_outputs=1, hidden_size=3, bidirectional=True, pooling="max", ensemble_size=2)


@pytest.mark.parametrize("kind", ["single", "ensemble"])
def test_gluon_loads_the_parameters(tiny: Recipe, tmp_path: Path, kind: str) -> None:
    recipe = replace(tiny, network=ENSEMBLE, ngram_model=NgramModel(max_n=2)) if kind == "ensemble" else tiny
    save_random_bundle(tmp_path / "bundle", recipe)
    count = export_parameters(tmp_path / "bundle", tmp_path / "new/network.params")
    network = load_bundle(tmp_path / "bundle", "cpu").network
    assert count == sum(int(np.prod(parameter.shape)) for parameter in network.collect_params().values())
    assert_loaded_by_gluon(tmp_path / "bundle", tmp_path / "new/network.params")


def test_command_exports_the_parameters_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", "--format", "params"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("data/network.params: ")
    assert err == "model: small (comes with the package)\n"
    assert_loaded_by_gluon(SHIPPED, tmp_path / "data/network.params")


def test_export_refuses_a_network_in_onnx_and_a_folder(tiny: Recipe, tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    export_bundle(tmp_path / "bundle", tmp_path / "onnx")
    with pytest.raises(PipelineError, match="holds a network in ONNX only"):
        export_parameters(tmp_path / "onnx", tmp_path / "network.params")
    with pytest.raises(PipelineError, match="is a folder; expected a file name"):
        export_parameters(tmp_path / "bundle", tmp_path)


def test_export_refuses_what_mxnet_did_not_write(tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    save = mx.gluon.Block.save_parameters

    def save_half(network: mx.gluon.Block, filename: str) -> None:
        save(network, filename)
        content = Path(filename).read_bytes()
        Path(filename).write_bytes(content[: len(content) // 2])

    monkeypatch.setattr(mx.gluon.Block, "save_parameters", save_half)
    with pytest.raises(PipelineError, match=r"network\.params: MXNet did not write the whole file"):
        export_parameters(tmp_path / "bundle", tmp_path / "network.params")
    assert not (tmp_path / "network.params").exists()
