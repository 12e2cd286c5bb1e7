"""What a face costs: a model's time on this machine."""

from __future__ import annotations

import statistics
import time

import numpy as np

from mien.evaluate.predictor import Predictor


def milliseconds_per_face(predictor: Predictor, batch: int = 32, repeats: int = 5) -> float:
    """Median milliseconds that a model takes for a face, in batches, without finding and cutting the face.

    One batch goes before, unmeasured, for what is set up at first use. Of a loaded machine the figure says little.

    Args:
        predictor: an opened model, see `open_model`; saved predictions have no time.
        batch: faces that go through the model at once, 1 or more.
        repeats: batches that are timed, 1 or more.

    Raises:
        ValueError: no faces or no repeats.
    """
    if batch < 1 or repeats < 1:
        raise ValueError(f"batch = {batch}, repeats = {repeats}: expected 1 or more")
    spec = predictor.spec
    shape = (batch, spec.height, spec.width, spec.channels)
    crops = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    predictor.logits(crops, batch)
    took = []
    for _ in range(repeats):
        start = time.perf_counter()
        predictor.logits(crops, batch)
        took.append(time.perf_counter() - start)
    return 1000 * statistics.median(took) / batch
