"""How long each stage of an analysis takes here."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from mien.images.read import read_image
from mien.runtime.analyzer import Analyzer

EXAMPLES = Path(__file__).parent.parent / "examples"
WARM_UP = 3
BATCH = 32


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds over `n` runs."""

    median: float
    p95: float
    n: int

    @classmethod
    def of(cls, seconds: list[float]) -> Timing:
        ms = 1000 * np.asarray(seconds)
        return cls(round(float(np.median(ms)), 3), round(float(np.percentile(ms, 95)), 3), len(seconds))


def measure(analyzer: Analyzer, picture: bytes, repeats: int = 50) -> tuple[dict[str, Timing], int]:
    """Time every stage on one encoded picture, stage after stage in turn, so that a busy spell hits all alike.

    Returns:
        Timings of `read`, `detect`, `crop` (all its faces), `model batch 1`, `model batch 32` and `whole`
        (bytes in, Faces out), and how many faces were found.
    """
    image = read_image(picture)
    faces = analyzer.detect(image)
    cut = analyzer.crops(image, faces)
    spec = analyzer.spec
    some = cut if len(cut) else np.full((1, spec.height, spec.width, spec.channels), 128, np.uint8)
    one, many = some[:1], np.resize(some, (BATCH, *some.shape[1:]))
    stages: dict[str, Callable[[], object]] = {
        "read": lambda: read_image(picture),
        "detect": lambda: analyzer.detect(image),
        "crop": lambda: analyzer.crops(image, faces),
        "model batch 1": lambda: analyzer.model.run(one),
        f"model batch {BATCH}": lambda: analyzer.model.run(many),
        "whole": lambda: analyzer(picture),
    }
    seconds: dict[str, list[float]] = {name: [] for name in stages}
    for turn in range(WARM_UP + repeats):
        for name, run in stages.items():
            start = perf_counter()
            run()
            if turn >= WARM_UP:
                seconds[name].append(perf_counter() - start)
    return {name: Timing.of(times) for name, times in seconds.items()}, len(faces)


def five_faces(width: int = 1000, height: int = 667) -> bytes:
    """A JPEG with five faces, 90 to 150 px high, put together from the portraits that come with mien."""
    from PIL import Image

    page = Image.new("RGB", (width, height), (118, 128, 122))
    portraits = sorted(EXAMPLES.glob("*.jpg"))
    for i, (x, y, share) in enumerate(
        ((0.01, 0.02, 0.6), (0.34, 0.04, 0.62), (0.67, 0.02, 0.64), (0.16, 0.58, 0.42), (0.55, 0.56, 0.44))
    ):
        portrait = Image.open(portraits[i % len(portraits)]).convert("RGB")
        portrait.thumbnail((0.33 * width, share * height), Image.Resampling.LANCZOS)
        if i >= len(portraits):
            portrait = portrait.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        page.paste(portrait, (round(x * width), round(y * height)))
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
