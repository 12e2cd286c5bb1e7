from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.evaluate.features import alike_nearby, embeddings, project
from mien.evaluate.predictor import open_model

pytest.importorskip("sklearn")
RANDOM = np.random.default_rng(0)
LABELS = np.arange(60) % 3
BLOBS = (RANDOM.normal(size=(60, 8)) + 40 * np.eye(3, 8)[LABELS]).astype(np.float32)


def test_embeddings_do_not_depend_on_the_batch(tiny_model) -> None:
    model = open_model(tiny_model())
    faces = synthetic(n=7)
    found = embeddings(model, faces)
    assert found.shape == (7, 4)
    np.testing.assert_allclose(found[:, 0], faces.pixels.mean(axis=(1, 2)) / 255, rtol=1e-4)
    np.testing.assert_allclose(found, embeddings(model, faces, batch=2))


@pytest.mark.parametrize("method", ["tsne", pytest.param("umap", marks=pytest.mark.slow)])  # which compiles itself
def test_groups_stay_groups_and_the_seed_fixes_the_map(method: str) -> None:
    if method == "umap":
        pytest.importorskip("umap")
    points = project(BLOBS, method, seed=3)
    assert points.shape == (60, 2)
    centres = np.stack([points[k == LABELS].mean(axis=0) for k in range(3)])
    near = np.linalg.norm(points[:, None] - centres, axis=2).argmin(axis=1)
    assert (near == LABELS).all()
    np.testing.assert_array_equal(points, project(BLOBS, method, seed=3))


def test_what_will_not_do_is_told() -> None:
    with pytest.raises(MienError, match="expected tsne, umap or both"):
        project(BLOBS, "pca")
    with pytest.raises(MienError, match="5 faces; a map needs 8"):
        project(BLOBS[:5])


def test_neighbours_are_counted_in_the_features() -> None:
    assert alike_nearby(BLOBS, LABELS) == 1
    mixed = alike_nearby(RANDOM.normal(size=(600, 4)), np.arange(600) % 3)
    assert mixed == pytest.approx(1 / 3, abs=0.04)
    # rows without a label neither ask nor answer; a face is not its own neighbour
    line = np.arange(22.0)[:, None]
    assert alike_nearby(line, np.where(np.arange(22) < 11, 0, -1)) == 1
    assert alike_nearby(line, np.arange(22)) == 0
    assert alike_nearby(line[:5], LABELS[:5]) is None
