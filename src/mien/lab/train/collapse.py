"""Whether embeddings still tell faces apart."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def feature_deviation(embeddings: Tensor) -> float:
    """How far embeddings spread: 0 where all faces have the same one, 1 where they spread evenly over the sphere.

    The deviation of each dimension of the l2-normalised embeddings, averaged over dimensions, times sqrt(d)
    (Chen & He 2021, figure 2: 1 / sqrt(d) is what an isotropic Gaussian has). Embeddings behind a ReLU lie in one
    corner of the sphere and do not reach 1.

    Args:
        embeddings: (n, d) float.
    """
    unit = F.normalize(embeddings.float(), dim=1)
    return float(unit.std(dim=0, unbiased=False).mean() * unit.shape[1] ** 0.5)
