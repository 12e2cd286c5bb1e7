"""Seeds made of several numbers."""

from __future__ import annotations

import numpy as np


def hash_seed(*parts: int) -> int:
    """One 63-bit seed from several numbers, far from those of their neighbours."""
    high, low = np.random.SeedSequence(parts).generate_state(2, np.uint32)
    return (int(high) << 31) ^ int(low)
