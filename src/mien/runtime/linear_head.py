"""A linear head's weights, recovered from an ONNX file that only answers: no torch, no reading of the graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.session import OnnxModel, Outputs

TOLERANCE = 1e-3
"""How far the recovered head's logits may lie from the model's on faces that were held out, over their deviation."""
_BATCH = 64
_SLOPES = (0.5, 1.0, 1.5, 2.0)
REMEDY = "use --method occlusion, or give the run's folder or .safetensors file with the extra `train`"


@dataclass(frozen=True, slots=True)
class LinearHead:
    """logits = embedding @ weights.T + bias, the embedding being the mean of the feature map."""

    weights: NDArray[np.float32]  # (k, c)
    bias: NDArray[np.float32]  # (k,)


def recover_head(model: OnnxModel, crops: NDArray[np.uint8]) -> LinearHead:
    """The head of a model whose last map is averaged and read by one linear layer.

    Noise with the spectrum of photographs, in several slopes and contrasts, goes through the model until the
    embeddings span all that they can; least squares on them gives the weights, and other noise checks them. White
    noise alone will not do: it leaves channels silent that faces wake.

    Args:
        crops: uint8 (n, h, w, c), the faces to explain: they too must be answered right, cell by cell within the span.

    Raises:
        MienError: a model that is built otherwise, naming the remedy.
    """
    faces = model.run(crops)
    _check_pooling(model, faces)
    channels = faces.embedding.shape[1]
    embedding, logits = _answers(model, channels)
    held = np.arange(len(embedding)) % 5 == 4
    design = np.concatenate([embedding, np.ones((len(embedding), 1))], axis=1)
    solved = np.linalg.lstsq(design[~held], logits[~held], rcond=1e-8)[0]
    size = np.maximum(logits.std(axis=0), 1e-6)
    own = np.concatenate([faces.embedding, np.ones((len(crops), 1))], axis=1)
    for fitted, said in ((design[held] @ solved, logits[held]), (own @ solved, faces.logits)):
        if (np.abs(fitted - said) > TOLERANCE * size).any():
            raise MienError(f"{model.path}: its logits are not linear in its embedding; {REMEDY}")
    known = _span(embedding[~held] - embedding[~held].mean(axis=0))
    cells = faces.feature_map.transpose(0, 2, 3, 1).reshape(-1, channels).astype(np.float64)
    if np.linalg.norm(cells - (cells @ known.T) @ known) > TOLERANCE * np.linalg.norm(cells):
        raise MienError(f"{model.path}: faces wake parts of the model that noise does not; {REMEDY}")
    return LinearHead(solved[:-1].T.astype(np.float32), solved[-1].astype(np.float32))


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


def _check_pooling(model: OnnxModel, said: Outputs) -> None:
    same = said.feature_map.ndim == 4 and said.embedding.shape[1] == said.feature_map.shape[1]
    if same and said.embedding.size:
        gap = np.abs(said.feature_map.mean(axis=(2, 3)) - said.embedding).max()
        same = bool(gap <= TOLERANCE * max(float(np.abs(said.embedding).max()), 1e-6))
    if not same:
        raise MienError(f"{model.path}: its embedding is not the mean of its feature map; {REMEDY}")
