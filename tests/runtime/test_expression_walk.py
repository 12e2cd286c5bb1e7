from __future__ import annotations

import numpy as np
import pytest
from tests.runtime.generators import GAUSSIAN, LINEAR, tiny_spec

from mien.errors import MienError
from mien.runtime.expression_space import ExpressionSpace
from mien.runtime.expression_walk import walk


def space(facts: dict[str, object] = LINEAR) -> ExpressionSpace:
    return ExpressionSpace.from_spec(tiny_spec(space=facts))


def test_it_passes_every_emotion_in_order_and_returns() -> None:
    for found in (space(), space(GAUSSIAN)):
        codes = walk(found, ["surprise", "happiness"], leg=4, rest=2)
        assert codes.shape == (3 * 4 + 2 * 2, 2)
        np.testing.assert_allclose(codes[0], found.neutral)
        np.testing.assert_allclose(codes[4:7], [found.place("surprise")] * 3)
        np.testing.assert_allclose(codes[10:13], [found.place("happiness")] * 3, atol=1e-6)
        found.check(codes)
        steps = np.linalg.norm(np.diff(np.vstack([codes, codes[:1]]), axis=0), axis=1)
        assert steps.max() < 0.7 * np.linalg.norm(found.place("surprise") - found.place("happiness"))


def test_by_default_through_all_but_neutral() -> None:
    codes = walk(space(), leg=1, rest=0)
    np.testing.assert_allclose(codes, [[0, 0], [1, 0], [-1, 0], [0, 1]])


def test_unknown_emotions_and_no_steps() -> None:
    with pytest.raises(MienError, match="knows no fear"):
        walk(space(), ["fear"])
    with pytest.raises(MienError, match="at least 1 and 0"):
        walk(space(), leg=0)
