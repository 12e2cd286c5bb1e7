"""Heat maps of the bundled model, without torch."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.evaluate.explain.explain import explain
from mien.evaluate.explain.explainer import Explainer, open_explainer
from mien.evaluate.explain.methods import METHODS, WITHOUT_TORCH
from mien.evaluate.explain.onnx_explainer import OnnxExplainer

CROPS = synthetic(n=3, seed=4).pixels[..., None]


@pytest.fixture(scope="module")
def small() -> Explainer:
    return open_explainer("small")


def test_cam_adds_up_to_the_logit(small: OnnxExplainer) -> None:
    columns = np.array([0, 3, 6])
    maps = small.maps(CROPS, columns, "cam")
    said = maps.mean(axis=(1, 2)) + small.head(CROPS).bias[columns]
    np.testing.assert_allclose(said, small.logits(CROPS)[np.arange(3), columns], atol=1e-3)


@pytest.mark.parametrize("method", WITHOUT_TORCH)
def test_every_method_that_needs_no_gradients_gives_a_map_of_each_face(small: OnnxExplainer, method: str) -> None:
    said = explain(small, CROPS, method=method)
    assert said.maps.shape == ((3, 48, 48) if method == "occlusion" else (3, 6, 6))
    assert np.isfinite(said.maps).all()
    assert (said.maps > 0).any(axis=(1, 2)).all()


def test_the_head_alone_is_drawn_anew_and_says_so(small: OnnxExplainer) -> None:
    first, what = small.randomised(1)
    assert "head's weights alone" in what
    assert not np.allclose(first.logits(CROPS), small.logits(CROPS), atol=0.1)
    np.testing.assert_allclose(first.logits(CROPS), small.randomised(1)[0].logits(CROPS))
    np.testing.assert_allclose(first.embeddings(CROPS), small.embeddings(CROPS))


def test_gradients_and_layers_are_refused_with_the_remedy(small: OnnxExplainer) -> None:
    for method in set(METHODS) - set(WITHOUT_TORCH):
        with pytest.raises(MienError, match=r"needs gradients.*give the run's folder"):
            small.maps(CROPS, np.zeros(3, np.int64), method)
    with pytest.raises(MienError, match="its last map alone"):
        small.maps(CROPS, np.zeros(3, np.int64), "grad-cam", "blocks.0")


def test_a_file_of_another_build_still_allows_occlusion(tiny_model) -> None:
    """The tiny model's embedding is not the mean of its map."""
    explainer = open_explainer(tiny_model())
    with pytest.raises(MienError, match="--method occlusion"):
        explain(explainer, CROPS)
    said = explain(explainer, CROPS, method="occlusion", check=True)
    assert said.forgotten.startswith("nothing: ")
    assert "deletion" in said.scores
