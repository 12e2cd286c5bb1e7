"""A head's weights from answers alone."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.runtime.catalog import find
from mien.runtime.heat_map import POOLINGS, pooled
from mien.runtime.linear_head import noise, recover_head
from mien.runtime.session import OnnxModel, Outputs


class Answering:
    """Stands in for a model: `pooled` -> what its head says."""

    path = "fake.onnx"

    def __init__(self, head, channels: int = 12, pool=lambda m: m.mean(axis=(2, 3))) -> None:
        from mien.model_spec import Head, ModelSpec

        self.spec = ModelSpec("f", "f", (Head("emotion", "emotion", ("anger", "fear"), "x"),), 16, 16)
        self.kernels = np.random.default_rng(1).normal(size=(16, channels)).astype(np.float32)
        self.head, self.pool = head, pool

    def run(self, crops) -> Outputs:
        cells = crops[..., 0].astype(np.float32).reshape(-1, 4, 4, 4, 4).transpose(0, 1, 3, 2, 4).reshape(-1, 16, 16)
        feature_map = np.maximum((cells / 255 - 0.5) @ self.kernels, 0).transpose(0, 2, 1).reshape(len(crops), -1, 4, 4)
        embedding = self.pool(feature_map)
        return Outputs(self.head(embedding), embedding, feature_map)


WEIGHTS = np.random.default_rng(2).normal(size=(2, 12)).astype(np.float32)
FACES = noise(3, 16, 16, 1, seed=99)


def test_weights_and_bias_are_found_again() -> None:
    found = recover_head(Answering(lambda e: e @ WEIGHTS.T + np.float32([1, -2])), FACES)
    np.testing.assert_allclose(found.weights, WEIGHTS, atol=1e-3)
    np.testing.assert_allclose(found.bias, [1, -2], atol=1e-3)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_however_the_map_is_pooled(pooling: str) -> None:
    weights = np.random.default_rng(3).normal(size=(2, 24 if pooling == "concat" else 12)).astype(np.float32)
    found = recover_head(Answering(lambda e: e @ weights.T + 1, pool=lambda m: pooled(m, pooling)), FACES)
    assert found.pooling == pooling
    np.testing.assert_allclose(found.weights, weights, atol=2e-3)
    np.testing.assert_allclose(found.bias, [1, 1], atol=2e-3)


def test_the_bundled_models_are_read_to_the_last_digits() -> None:
    model = OnnxModel(find("small"), threads=1)
    crops = synthetic(n=4, seed=5).pixels[..., None]
    head = recover_head(model, crops)
    said = model.run(crops)
    np.testing.assert_allclose(said.embedding @ head.weights.T + head.bias, said.logits, atol=1e-4)
    assert np.linalg.matrix_rank(head.weights) == 8


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Answering(lambda e: np.tanh(e @ WEIGHTS.T)), "not linear in its embedding"),
        (Answering(lambda e: e @ WEIGHTS.T, pool=lambda m: m.min(axis=(2, 3))), "neither the mean nor the maximum"),
        (Answering(lambda e: e @ WEIGHTS[:, :5].T, pool=lambda m: m.mean(axis=(2, 3))[:, :5]), "neither the mean"),
    ],
)
def test_other_builds_are_refused_with_the_remedy(model: Answering, words: str) -> None:
    with pytest.raises(MienError, match=words) as caught:
        recover_head(model, FACES)
    assert "--method occlusion" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_faces_that_wake_what_noise_leaves_silent_are_refused(pooling: str) -> None:
    weights = np.concatenate([WEIGHTS, WEIGHTS], axis=1)[:, : 24 if pooling == "concat" else 12]
    model = Answering(lambda e: e @ weights.T, pool=lambda m: pooled(m, pooling))
    run = model.run

    def silent(crops) -> Outputs:
        said = run(crops)
        # channel 0 fires for a face with a black corner alone, which no probe has
        said.feature_map[:, 0] = np.where((crops[:, :4, :4].reshape(len(crops), -1) == 0).all(axis=1), 1, 0)[
            :, None, None
        ]
        embedding = model.pool(said.feature_map)
        return Outputs(model.head(embedding), embedding, said.feature_map)

    model.run = silent
    cornered = FACES.copy()
    cornered[0, :4, :4] = 0
    recover_head(model, FACES)
    with pytest.raises(MienError, match=r"noise does not|not linear"):
        recover_head(model, cornered)


def test_a_channel_that_one_held_out_picture_alone_wakes_refuses_nobody() -> None:
    model = Answering(lambda e: e @ WEIGHTS.T)
    run, alone = model.run, noise(64, 16, 16, 1, seed=0)[4]  # every fifth is held out

    def run_it(crops) -> Outputs:
        said = run(crops)
        said.feature_map[:, 0] = (crops == alone).all(axis=(1, 2, 3))[:, None, None]
        embedding = said.feature_map.mean(axis=(2, 3))
        return Outputs(model.head(embedding), embedding, said.feature_map)

    model.run = run_it
    found = recover_head(model, FACES)
    np.testing.assert_allclose(found.weights[:, 1:], WEIGHTS[:, 1:], atol=1e-3)


def test_noise_has_contrast_and_colour() -> None:
    colours = noise(8, 20, 24, 3)
    assert colours.shape == (8, 20, 24, 3)
    assert colours.std(axis=(1, 2)).min() > 5
    assert (colours[..., 0] != colours[..., 1]).mean() > 0.5
    np.testing.assert_array_equal(colours, noise(8, 20, 24, 3))
