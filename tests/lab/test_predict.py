from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.contracts.model import HEAD  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.predict import load_net, open_run, weights_of  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402

OPTIONS = {"widths": [8, 8, 8], "depths": [1, 1, 1], "stem": 4}
SPEC = ModelSpec("a", "small", (HEAD,), 48, 48, architecture_options=OPTIONS)


def test_final_weights_are_preferred(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no weights in it"):
        weights_of(tmp_path)
    for name in ("last", "best", "final"):
        (tmp_path / f"{name}.safetensors").touch()
        assert weights_of(tmp_path).stem == name


def test_logits_do_not_depend_on_the_batch(tmp_path: Path) -> None:
    save_weights(create("small", [HEAD], **OPTIONS), SPEC, tmp_path / "final.safetensors")
    model = open_run(tmp_path, device="cpu")
    crops = np.random.default_rng(0).integers(0, 256, (9, 48, 48, 1), dtype=np.uint8)
    out = model.logits(crops)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, model.logits(crops, batch=2), atol=1e-5)
    assert model.logits(crops[:0]).shape == (0, 7)


def test_weights_of_another_net_are_refused_by_key(tmp_path: Path) -> None:
    net = create("small", [HEAD], widths=[8, 8, 16], depths=[1, 1, 1], stem=4)
    save_weights(net, SPEC, tmp_path / "w.safetensors")
    with pytest.raises(MienError, match=r"blocks\.2\.first\.0\.weight is \(16, 8, 3, 3\), small needs \(8, 8, 3, 3\)"):
        load_net(tmp_path / "w.safetensors")
    save_weights(torch.nn.Linear(1, 1), SPEC, tmp_path / "w.safetensors")
    with pytest.raises(MienError, match="has unknown weights bias"):
        load_net(tmp_path / "w.safetensors")


def test_embeddings_are_what_the_head_reads(tmp_path: Path) -> None:
    save_weights(create("small", [HEAD], **OPTIONS), SPEC, tmp_path / "final.safetensors")
    model = open_run(tmp_path, device="cpu")
    crops = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1), dtype=np.uint8)
    found = model.embeddings(crops, batch=2)
    assert found.shape == (5, 8)
    with torch.no_grad():
        said = model.net.classify(torch.from_numpy(found)).numpy()
    np.testing.assert_allclose(said, model.logits(crops), atol=1e-5)
    assert model.embeddings(crops[:0]).shape == (0, 8)


def test_a_generator_is_no_classifier(tmp_path: Path) -> None:
    spec = ModelSpec("g", "ganmut_linear", (), 16, 16, architecture_options={"conv_dim": 4, "blocks": 1})
    save_weights(torch.nn.Linear(1, 1), spec, tmp_path / "g.safetensors")
    with pytest.raises(MienError, match=r"g\.safetensors: a generator, which names no emotions"):
        load_net(tmp_path / "g.safetensors")
