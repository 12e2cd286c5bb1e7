"""KID and FID between two sets of features, as torch-fidelity computes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import KEY_METRIC_KID_MEAN, kid_features_to_metric


def kid(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Squared maximum mean discrepancy under a cubic kernel (Binkowski et al. 2018), unbiased: around 0 for two draws
    of one distribution, and at times below.

    Args:
        first, second: (n, d) features, n of the smaller set deciding how many of each are taken.
    """
    n = min(len(first), len(second))
    found = kid_features_to_metric(
        _tensor(first), _tensor(second), kid_subsets=1, kid_subset_size=n, rng_seed=0, verbose=False
    )
    return float(found[KEY_METRIC_KID_MEAN])


def fid(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Frechet distance of two Gaussians fitted to the sets (Heusel et al. 2017); biased upwards, the more the fewer
    rows there are, so that only sets of one size compare.

    Args:
        first, second: (n, d) features; with n <= d covariances are singular and the value is little but bias.
    """
    statistics = [fid_features_to_statistics(_tensor(features)) for features in (first, second)]
    return float(fid_statistics_to_metric(*statistics, verbose=False)[KEY_METRIC_FID])


def _tensor(features: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(features, np.float64))
