"""Several FaceSets as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.datasets.face_set import UNIT_TARGETS, FaceSet
from mien.errors import MienError


def concatenate(parts: Sequence[FaceSet]) -> FaceSet:
    """The rows of all parts, in order; name and content are the first's, units those of any part.

    A label that some parts lack is NaN there, a unit likewise, and a part without votes has none (all zero).

    Raises:
        MienError: pictures of different sizes or colours, or paths beside pixels.
        ValueError: no parts.
    """
    if not parts:
        raise ValueError("nothing to concatenate")
    if len(parts) == 1:
        return parts[0]
    shapes = {None if p.pixels is None else p.pixels.shape[1:] for p in parts}
    if len(shapes) > 1:
        raise MienError(f"{parts[0].name}: parts with different pictures: {', '.join(map(str, shapes))}")
    units = _units(parts)
    parts = [_over(part, units) for part in parts]
    targets = {}
    for key in dict.fromkeys(k for p in parts for k in p.targets):
        like = next(p.targets[key] for p in parts if key in p.targets)
        columns = [p.targets.get(key, np.full((len(p), *like.shape[1:]), np.nan, np.float32)) for p in parts]
        targets[key] = np.concatenate(columns)
    votes = None
    if any(p.votes is not None for p in parts):
        votes = np.concatenate([p.votes if p.votes is not None else np.zeros((len(p), 10), np.int16) for p in parts])
    box = None
    if any(p.box is not None for p in parts):
        box = np.concatenate([p.box if p.box is not None else np.full((len(p), 4), np.nan, np.float32) for p in parts])
    pixels = [p.pixels for p in parts if p.pixels is not None]
    paths = [p.paths for p in parts if p.paths is not None]
    return parts[0].replace(
        pixels=np.concatenate(pixels) if pixels else None,
        paths=np.concatenate(paths) if paths else None,
        targets=targets,
        action_units=units,
        votes=votes,
        box=box,
        **{
            name: np.concatenate([getattr(p, name) for p in parts])
            for name in ("weight", "split", "subject", "group", "file", "row", "made_from")
        },
    )


def _units(parts: Sequence[FaceSet]) -> tuple[str, ...]:
    """Units of all parts: in the order that they share, or else sorted."""
    orders = {part.action_units for part in parts if part.action_units}
    return next(iter(orders), ()) if len(orders) < 2 else tuple(sorted({unit for order in orders for unit in order}))


def _over(part: FaceSet, units: tuple[str, ...]) -> FaceSet:
    """A part whose columns of units are these; NaN where it does not code one."""
    if part.action_units == units:
        return part
    targets = dict(part.targets)
    for key in UNIT_TARGETS:
        if key in targets:
            columns = np.full((len(part), len(units)), np.nan, np.float32)
            columns[:, [units.index(unit) for unit in part.action_units]] = targets[key]
            targets[key] = columns
    return part.replace(targets=targets, action_units=units)
