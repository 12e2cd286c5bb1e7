from __future__ import annotations

import numpy as np
import pytest
from tests.runtime.generators import GAUSSIAN, LINEAR, tiny_spec

from mien.runtime.expression_sheet import STEPS, draw_grid, draw_space, ellipse, grid_codes, space_codes
from mien.runtime.expression_space import ExpressionSpace
from mien.runtime.palette import COLOURS


def space(facts: dict[str, object] = LINEAR) -> ExpressionSpace:
    return ExpressionSpace.from_spec(tiny_spec(space=facts))


def test_a_grid_asks_for_every_emotion_at_every_strength() -> None:
    names, codes = grid_codes(space(), (0.0, 0.5))
    assert names == ["happiness", "sadness", "surprise"]
    np.testing.assert_allclose(codes, [[[0, 0], [0.5, 0]], [[0, 0], [-0.5, 0]], [[0, 0], [0, 0.5]]])


def test_a_grids_faces_stand_in_their_order() -> None:
    shades = np.arange(20, 80, 10, dtype=np.uint8).reshape(3, 2)
    faces = [[np.full((48, 48, 1), shade, np.uint8) for shade in row] for row in shades]
    sheet = draw_grid(faces, ["happiness", "sadness", "surprise"], (0.5, 1.0), "title")
    assert sheet.shape[2] == 3
    found = [shade for shade in shades.ravel() if (sheet == shade).all(axis=2).sum() > 100 * 100]
    assert found == list(shades.ravel())
    rows = [np.argwhere((sheet == shade).all(axis=2)).mean(axis=0) for shade in shades.ravel()]
    assert rows[0][0] < rows[2][0] < rows[4][0]
    assert rows[0][1] < rows[1][1]


def test_a_space_is_covered_evenly() -> None:
    square, disc = space_codes(space(GAUSSIAN)), space_codes(space())
    assert len(square) == STEPS**2
    assert 0.6 * len(square) < len(disc) < len(square)
    space().check(disc)
    deep = {**LINEAR, "places": [[*place, 0] for place in LINEAR["places"]]}
    assert space_codes(space(deep)).shape == (len(disc), 3)


@pytest.mark.parametrize("facts", [LINEAR, GAUSSIAN])
def test_emotions_stand_where_they_lie(facts: dict[str, object]) -> None:
    found = space(facts)
    codes = space_codes(found)
    picture = draw_space(np.full((len(codes), 16, 16, 1), 128, np.uint8), codes, found, "title").astype(int)
    h, w = picture.shape[:2]

    def middle(name: str) -> np.ndarray:
        near = np.abs(picture - COLOURS[name]).max(axis=2) < 12
        assert near.sum() > 60
        return np.argwhere(near).mean(axis=0) - [h / 2, w / 2]

    assert middle("happiness")[1] > 40 > -40 > middle("sadness")[1]
    # y points upwards
    up = middle("surprise")[0] - middle("sadness")[0]
    assert (up < 0) == (found.place("surprise")[1] > found.place("sadness")[1])


def test_an_ellipse_lies_one_standard_deviation_away() -> None:
    place, covariance = np.float32([0.2, -0.1]), np.float32([[0.05, 0.01], [0.01, 0.02]])
    away = ellipse(place, covariance) - place
    distances = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
    np.testing.assert_allclose(distances, 1, rtol=1e-4)
