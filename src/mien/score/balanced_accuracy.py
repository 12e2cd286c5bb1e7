"""Accuracy with every class counted alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.f1 import mean_of_present, per_class


def balanced_accuracy(confusion: NDArray[Any]) -> NDArray[np.float64]:
    """(..., k, k) counts -> (...) mean recall in percent over the classes that have rows.

    A class that has rows and is never predicted counts with 0. NaN where there are no rows at all.
    """
    return mean_of_present(per_class(confusion).recall)
