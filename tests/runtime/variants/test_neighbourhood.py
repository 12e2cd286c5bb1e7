from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import EMOTIONS, SEVEN
from mien.runtime.expression_space import ExpressionSpace
from mien.runtime.variants.neighbourhood import EMOTIONGAN, Neighbourhood, neighbourhood

N = 4000
ROWS, FIRST = np.arange(N, dtype=np.int64), np.zeros(N, np.int32)
ANGER, FEAR, DISGUST, NEUTRAL = (EMOTIONS.index(name) for name in ("anger", "fear", "disgust", "neutral"))


def gaussian() -> ExpressionSpace:
    places = np.float32([(0.6, -0.9), (-0.7, -1), (0.5, 0.5), (0.6, 0.4), (-0.9, -0.6), (0.9, -0.4), (0.4, -0.5)])
    return ExpressionSpace("gaussian", SEVEN, places, np.tile(np.eye(2, dtype=np.float32), (7, 1, 1)))


def linear(dims: int = 2) -> ExpressionSpace:
    rng = np.random.default_rng(0)
    places = rng.normal(size=(7, dims)).astype(np.float32)
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    places[SEVEN.index("neutral")] = 0
    return ExpressionSpace("linear", SEVEN, places)


def codes(near: Neighbourhood, emotion: int, seed: int = 0) -> np.ndarray:
    return near.codes(seed, ROWS, FIRST, np.full(N, emotion))


def test_a_gaussian_spaces_codes_fill_the_square_around_the_place() -> None:
    found = codes(neighbourhood(gaussian(), 0.2, 0.5), FEAR)
    assert found.min(axis=0) == pytest.approx([0.3, 0.3], abs=0.002)
    assert found.max(axis=0) == pytest.approx([0.7, 0.7], abs=0.002)
    assert found.mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.01)


def test_no_code_leaves_the_square_and_none_heaps_up_at_its_edge() -> None:
    near = neighbourhood(gaussian(), 0.2, 0.5)
    for k in range(7):
        found = codes(near, k)
        assert np.abs(found).max() <= 1
    disgust = codes(near, DISGUST)[:, 1]  # its centre is at -1: the half inside is filled evenly
    assert (disgust == -1).mean() < 0.01
    assert disgust.mean() == pytest.approx(-0.9, abs=0.01)


def test_the_studys_anger_lies_at_and_above_its_centre() -> None:
    found = codes(neighbourhood(gaussian(), 0.2, 0.5, EMOTIONGAN, published=True), ANGER)
    assert -0.9 <= found[:, 1].min() < -0.898
    assert found[:, 1].max() == pytest.approx(-0.7, abs=0.002)
    assert found[:, 0].min() == pytest.approx(0.4, abs=0.002)
    plain = codes(neighbourhood(gaussian(), 0.2, 0.5), ANGER)
    assert plain[:, 1].min() == pytest.approx(-1, abs=0.002)


@pytest.mark.parametrize("dims", [2, 3])
def test_a_linear_spaces_codes_lie_along_the_direction_inside_the_circle(dims: int) -> None:
    space = linear(dims)
    found = codes(neighbourhood(space, 0.1, 0.5), FEAR)
    along = found @ space.place("fear")
    assert np.linalg.norm(found, axis=1).max() <= 1 + 1e-6
    assert 0.3 < along.min() < 0.5
    assert np.abs(found - along[:, None] * space.place("fear")).max() < 0.1 * dims
    space.check(found)
    neutral = np.linalg.norm(codes(neighbourhood(space, 0.1, 0.5), NEUTRAL), axis=1)
    assert neutral.max() <= 0.1 + 1e-6
    assert neutral.max() > 0.095
    strong = codes(neighbourhood(space, 0.0, 1.0), FEAR)
    assert strong == pytest.approx(np.tile(space.place("fear"), (N, 1)), abs=1e-6)


def test_a_code_follows_from_its_own_row_variant_try_and_seed() -> None:
    near = neighbourhood(gaussian(), 0.2, 0.5)
    rows, variant, target = np.arange(60) % 20, (np.arange(60) // 20).astype(np.int32), np.full(60, FEAR)
    whole = near.codes(5, rows, variant, target)
    some = np.array([41, 3, 17])
    assert np.array_equal(near.codes(5, rows[some], variant[some], target[some]), whole[some])
    assert len(np.unique(whole, axis=0)) == 60
    assert not np.isin(near.codes(6, rows, variant, target), whole).any()
    assert not np.isin(near.codes(5, rows, variant, target, attempt=1), whole).any()


def test_an_unknown_emotion_is_known_to_be_so() -> None:
    near = neighbourhood(gaussian(), 0.2, 0.5)
    assert [EMOTIONS[k] for k in np.flatnonzero(~near.known)] == ["contempt"]
    assert set(near.to_dict()) == set(SEVEN)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((-0.1, 0.5), "--radius -0.1: expected 0 to 1"),
        ((0.2, 1.5), r"--least-strength 1.5: expected 0 to 1"),
        ((0.2, 0.5, {"contempt": (0, 0)}), "knows no contempt"),
        ((0.2, 0.5, {"fear": (0, 0, 0)}), "3 coordinates, this generator's space has 2"),
    ],
)
def test_what_cannot_be_meant_is_told(settings: tuple, message: str) -> None:
    with pytest.raises(MienError, match=message):
        neighbourhood(gaussian(), *settings)


def test_rows_that_cannot_be_addressed_are_refused() -> None:
    near = neighbourhood(gaussian(), 0.2, 0.5)
    with pytest.raises(MienError, match="ask for fewer"):
        near.codes(0, np.array([1 << 24]), np.zeros(1, np.int32), np.array([FEAR]))
