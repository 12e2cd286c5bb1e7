"""A space of expressions as plain numbers, so that a ModelSpec tells what a code asks for without torch."""

from __future__ import annotations

from typing import Any

from mien.lab.gan.space import GaussianSpace, LinearSpace

_DIGITS = 6


def space_facts(space: LinearSpace | GaussianSpace) -> dict[str, Any]:
    """`ModelSpec.space` of a generator.

    Returns:
        kind "linear" or "gaussian", emotions (k names), places (k rows of d numbers, in the emotions' order), and
        of a Gaussian space covariances (k, d, d).
    """
    found: dict[str, Any] = {
        "kind": "gaussian" if isinstance(space, GaussianSpace) else "linear",
        "emotions": list(space.emotions),
        "places": _rounded(space.places().tolist()),
    }
    if isinstance(space, GaussianSpace):
        found["covariances"] = _rounded(space.covariances().tolist())
    return found


def _rounded(values: Any) -> Any:
    return [_rounded(v) for v in values] if isinstance(values, list) else round(float(values), _DIGITS)
