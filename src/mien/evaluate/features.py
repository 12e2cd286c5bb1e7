"""What a model makes of faces before it names them, and flat maps of that: t-SNE and UMAP."""

from __future__ import annotations

import warnings
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError, needing
from mien.evaluate.pixels import crops
from mien.model_spec import ModelSpec

PROJECTIONS = ("tsne", "umap")
LEAST = 8
"""Faces below which a map of neighbourhoods says nothing."""
NEIGHBOURS = 10


class Embedder(Protocol):
    """What features are asked of; `open_model` gives one."""

    @property
    def spec(self) -> ModelSpec: ...

    def embeddings(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) as the spec says -> float32 (n, d)."""
        ...


def embeddings(predictor: Embedder, faces: FaceSet, batch: int = 256) -> NDArray[np.float32]:
    """(n, d) what the model's heads read of each face."""
    spec = predictor.spec
    return np.concatenate(
        [predictor.embeddings(part, batch) for part in crops(faces, spec.height, spec.width, spec.colour, batch)]
    )


def project(features: NDArray[np.floating], method: str = "tsne", seed: int = 0) -> NDArray[np.float32]:
    """(n, d) -> (n, 2): t-SNE (van der Maaten and Hinton 2008) or UMAP (McInnes et al. 2018).

    Distances between far groups, and sizes of groups, mean nothing in either.

    Args:
        features: each dimension is brought to mean 0; their scales stay.
        method: tsne, which needs scikit-learn, or umap, which needs umap-learn.
        seed: the same seed, features and versions give the same map.

    Raises:
        MienError: an unknown method, or fewer than 8 faces.
        MissingExtraError: the package is not installed.
    """
    if method not in PROJECTIONS:
        raise MienError(f"--features {method}: expected {', '.join(PROJECTIONS)} or both")
    n = len(features)
    if n < LEAST:
        raise MienError(f"--features {method}: {n} faces; a map needs {LEAST} or more, see --rows")
    centred = np.asarray(features - features.mean(axis=0), np.float32)
    if method == "tsne":
        with needing("a map by t-SNE", "plots", "scikit-learn"):
            from sklearn.manifold import TSNE
        made = TSNE(perplexity=min(30, (n - 1) / 3), init="pca", random_state=seed).fit_transform(centred)
    else:
        with needing("a map by UMAP", "umap", "umap-learn"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own parts, at import
            from umap import UMAP
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="n_jobs value")  # a seed costs it its threads
            made = UMAP(n_neighbors=min(15, n - 1), random_state=seed).fit_transform(centred)
    return np.asarray(made, np.float32)


def alike_nearby(features: NDArray[np.floating], labels: NDArray[np.int64], k: int = NEIGHBOURS) -> float | None:
    """Mean share, 0..1, of a face's k nearest in the features themselves that have its label.

    What a flat map shows must not be read without it: the map may part what is mixed.

    Args:
        features: (n, d), Euclidean.
        labels: (n,), rows of -1 left out.

    Returns:
        None with k or fewer labelled faces.
    """
    known = labels >= 0
    x, y = np.asarray(features[known], np.float64), labels[known]
    if len(y) <= k:
        return None
    square = (x * x).sum(axis=1)
    shares = []
    for start in range(0, len(x), 1024):
        part = slice(start, start + 1024)
        distance = square[part, None] - 2 * x[part] @ x.T + square
        distance[np.arange(len(distance)), np.arange(start, start + len(distance))] = np.inf
        near = np.argpartition(distance, k, axis=1)[:, :k]
        shares.append((y[near] == y[part, None]).mean(axis=1))
    return float(np.concatenate(shares).mean())
