"""A linear head's weights, recovered from an ONNX file that only answers: no torch, no reading of the graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.heat_map import POOLINGS, pooled
from mien.runtime.session import OnnxModel, Outputs

TOLERANCE = 1e-3
"""How far the recovered head's logits may lie from the model's on faces that were held out, over their deviation."""
_BATCH = 64
_SLOPES = (0.5, 1.0, 1.5, 2.0)
REMEDY = "use --method occlusion, or give the run's folder or .safetensors file with the extra `train`"


@dataclass(frozen=True, slots=True)
class LinearHead:
    """logits = embedding @ weights.T + bias, the embedding being the feature map, pooled."""

    weights: NDArray[np.float32]  # (k, c), or (k, 2 c) where the mean stands beside the maximum
    bias: NDArray[np.float32]  # (k,)
    pooling: str = "avg"  # one of heat_map.POOLINGS


def recover_head(model: OnnxModel, crops: NDArray[np.uint8]) -> LinearHead:
    """The head of a model whose last map is pooled, in one of POOLINGS, and read by one linear layer.

    Noise with the spectrum of photographs, in several slopes and contrasts, goes through the model until the
    embeddings span all that they can; least squares on them gives the weights, and other noise checks them. White
    noise alone will not do: it leaves channels silent that faces wake.

    Args:
        crops: uint8 (n, h, w, c), the faces to explain: they too must be answered right, cell by cell within the span.

    Raises:
        MienError: a model that is built otherwise, naming the remedy.
    """
    faces = model.run(crops)
    pooling = _pooling(model, faces)
    embedding, logits = _answers(model, faces.embedding.shape[1])
    held = np.arange(len(embedding)) % 5 == 4
    design = np.concatenate([embedding, np.ones((len(embedding), 1))], axis=1)
    solved = np.linalg.lstsq(design[~held], logits[~held], rcond=1e-8)[0]
    size = np.maximum(logits.std(axis=0), 1e-6)
    own = np.concatenate([faces.embedding, np.ones((len(crops), 1))], axis=1)
    middle = embedding[~held].mean(axis=0)
    known = _span(embedding[~held] - middle)
    # a channel that one picture alone wakes says nothing of the head where that picture was held out
    held &= _within(embedding - middle, known)
    for fitted, said in ((design[held] @ solved, logits[held]), (own @ solved, faces.logits)):
        if (np.abs(fitted - said) > TOLERANCE * size).any():
            raise MienError(f"{model.path}: its logits are not linear in its embedding; {REMEDY}")
    if not _spanned(faces.feature_map.astype(np.float64), known, pooling):
        raise MienError(f"{model.path}: faces wake parts of the model that noise does not; {REMEDY}")
    return LinearHead(solved[:-1].T.astype(np.float32), solved[-1].astype(np.float32), pooling)


def noise(n: int, height: int, width: int, channels: int, seed: int = 0) -> NDArray[np.uint8]:
    """uint8 (n, height, width, channels): noise whose amplitude falls with frequency to the power 0.5 .. 2.

    Brightness and contrast differ from picture to picture; colours go together by half.
    """
    random = np.random.default_rng(seed)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(height), np.fft.rfftfreq(width), indexing="ij"))
    frequency[0, 0] = 1
    white = random.normal(size=(n, channels + 1, height, width))
    slope = np.asarray(_SLOPES)[np.arange(n) % len(_SLOPES)][:, None, None, None]
    planes = np.fft.irfft2(np.fft.rfft2(white) / frequency**slope, s=(height, width))
    planes -= planes.mean(axis=(2, 3), keepdims=True)
    planes /= planes.std(axis=(2, 3), keepdims=True)
    together = planes[:, -1:] if channels == 1 else (planes[:, :-1] + planes[:, -1:]) / np.sqrt(2)
    middle, contrast = random.uniform(40, 210, (n, 1, 1, 1)), random.uniform(10, 90, (n, 1, 1, 1))
    return np.clip(middle + contrast * together, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def _answers(model: OnnxModel, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(m, c) embeddings and (m, k) logits of noise, three for every two unknowns and some to check with."""
    spec, total = model.spec, width + width // 2 + 4 * _BATCH
    said = [
        model.run(noise(_BATCH, spec.height, spec.width, spec.channels, seed)) for seed in range(-(-total // _BATCH))
    ]
    parts = zip(*((one.embedding, one.logits) for one in said), strict=True)
    embedding, logits = (np.concatenate(part).astype(np.float64) for part in parts)
    return embedding, logits


def _span(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """(r, c) orthonormal directions in which embeddings differ."""
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    found: NDArray[np.float64] = directions[sizes > 1e-6 * max(sizes[0], 1e-12)]
    return found


def _within(rows: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) which rows lie in the known directions."""
    gap = np.linalg.norm(rows - (rows @ known.T) @ known, axis=1)
    return np.asarray(gap <= 1e-5 * np.linalg.norm(rows, axis=1))


def _spanned(feature_map: NDArray[np.float64], known: NDArray[np.float64], pooling: str) -> bool:
    """Whether all that a map is made of lies in the known directions: cells of a mean, single channels of a maximum."""
    channels = feature_map.shape[1]
    gap = whole = 0.0
    if pooling != "max":
        cells, part = feature_map.transpose(0, 2, 3, 1).reshape(-1, channels), known[:, :channels]
        # columns of the maxima beside them are 0
        gap += float((cells**2).sum() - ((cells @ part.T) ** 2).sum())
        whole += float((cells**2).sum())
    if pooling != "avg":
        size = (feature_map.max(axis=(2, 3)) ** 2).sum(axis=0)
        gap += float((size * (1 - (known[:, -channels:] ** 2).sum(axis=0))).sum())
        whole += float(size.sum())
    return gap <= TOLERANCE**2 * whole


def _pooling(model: OnnxModel, said: Outputs) -> str:
    """How the model makes its embedding of its map."""
    if said.feature_map.ndim == 4 and said.embedding.size:
        room = TOLERANCE * max(float(np.abs(said.embedding).max()), 1e-6)
        for pooling in POOLINGS:
            found = pooled(said.feature_map, pooling)
            if found.shape == said.embedding.shape and np.abs(found - said.embedding).max() <= room:
                return pooling
    raise MienError(
        f"{model.path}: its embedding is neither the mean nor the maximum of its feature map, nor both; {REMEDY}"
    )
