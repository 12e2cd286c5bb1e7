"""A maker of tables with known numbers over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mien.labels import SEVEN
from mien.runtime.series.read import checked

Track = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def track() -> Track:
    """`track(times, happiness=[...], track=1, input="a.mp4", frames=None, other="neutral", **columns)`.

    A row a time; the named emotions hold the given numbers, `other` the rest to 1, None in the place of a number
    makes a frame without a face. Further columns are put in as they are.
    """
    return _track


@pytest.fixture(scope="session")
def join() -> Callable[..., pd.DataFrame]:
    """Several tables as one, by input and frame."""

    def join(*tables: pd.DataFrame) -> pd.DataFrame:
        return checked(pd.concat([part.astype(object) for part in tables], ignore_index=True))

    return join


def _track(
    times: Sequence[float],
    *,
    track: int | None = 1,
    input: str = "a.mp4",  # noqa: A002
    frames: Sequence[int] | None = None,
    other: str = "neutral",
    columns: Mapping[str, Sequence[Any]] | None = None,
    **emotions: Sequence[float | None],
) -> pd.DataFrame:
    rows = []
    for i, time in enumerate(times):
        frame = frames[i] if frames is not None else i
        row: dict[str, Any] = {"input": input, "frame": frame, "time": float(time)}
        given = {name: values[i] for name, values in emotions.items()}
        if any(value is None for value in given.values()):
            rows.append(row | {"success": 0})
            continue
        p = dict.fromkeys(SEVEN, 0.0) | {other: 1 - sum(v for v in given.values() if v)} | given
        top = max(p, key=lambda name: p[name])
        box = {"FaceRectX": 10.0, "FaceRectY": 20.0, "FaceRectWidth": 30.0, "FaceRectHeight": 40.0, "FaceScore": 0.9}
        row |= {"face": 0, "track": track, "success": 1, "source": "detected", **box, **p}
        row |= {"emotion": top, "confidence": p[top], "abstain": 0}
        rows.append(row)
    names = ["input", "frame", "time", "face", "track", "success", "source"]
    table = pd.DataFrame(rows, dtype=object)
    for name in (*names, *SEVEN, "emotion", "confidence", "abstain", "error"):
        if name not in table:
            table[name] = None
    for name, values in (columns or {}).items():
        table[name] = np.asarray(values, dtype=object)
    return checked(table)
