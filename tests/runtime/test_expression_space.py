from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.runtime.generators import GAUSSIAN, LINEAR, tiny_spec

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.expression_space import ExpressionSpace, is_generator


def space(facts: dict[str, Any] = LINEAR) -> ExpressionSpace:
    return ExpressionSpace.from_spec(tiny_spec(space=facts))


def test_a_code_lies_between_neutral_and_the_emotion() -> None:
    for found in (space(), space(GAUSSIAN)):
        for name in found.emotions:
            np.testing.assert_array_equal(found.code(name, 0), found.neutral)
            np.testing.assert_allclose(found.code(name), found.place(name), atol=1e-7)
            halfway = (found.neutral + found.place(name)) / 2
            np.testing.assert_allclose(found.code(name, 0.5), halfway, atol=1e-7)
            assert found.code(name, 0.5).dtype == np.float32
    np.testing.assert_array_equal(space().neutral, [0, 0])
    np.testing.assert_allclose(space().code("Happy", 0.3), [0.3, 0])  # any spelling in use


def test_a_code_is_the_callers_own() -> None:
    found = space()
    found.place("happiness")[:] = 7
    np.testing.assert_array_equal(found.code("happiness"), [1, 0])


def test_it_survives_the_spec() -> None:
    found = ExpressionSpace.from_spec(ModelSpec.from_json(tiny_spec(space=GAUSSIAN).to_json()))
    assert (found.kind, found.dims, found.emotions) == ("gaussian", 2, tuple(GAUSSIAN["emotions"]))
    np.testing.assert_allclose(found.covariances, np.float32(GAUSSIAN["covariances"]))


def test_what_is_no_code_is_told() -> None:
    found = space()
    for code, words in (
        ([0.5], "1 coordinates, this generator's space has 2"),
        (0.5, "1 coordinates"),
        ([0.1, 0.2, 0.3], "code 0.1,0.2,0.3: 3 coordinates"),
        ([float("nan"), 0], "every coordinate lies in -1..1"),
        ([1.2, 0], "code 1.2,0: every coordinate"),
        ([0.9, 0.9], "at most 1 in a linear space"),
    ):
        with pytest.raises(MienError, match=words):
            found.check(code)  # type: ignore[arg-type]
    for name, intensity, words in (
        ("disgust", 1.0, "knows no disgust: happiness, sadness"),
        ("hunger", 1.0, "unknown emotion 'hunger'"),
        ("happiness", 1.1, r"intensity 1\.1"),
        ("happiness", float("nan"), "intensity nan"),
    ):
        with pytest.raises(MienError, match=words):
            found.code(name, intensity)


def test_codes_inside_pass_also_many_at_once() -> None:
    assert space(GAUSSIAN).check([0.9, -0.9]).dtype == np.float32
    assert space().check(np.float64([[0.6, 0.8], [1, 0]])).shape == (2, 2)
    with pytest.raises(MienError, match="length is the intensity"):
        space().check(np.float32([[0.6, 0.8], [0.8, 0.8]]))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"places": [["far", 0]]}, "missing or no numbers"),
        ({"places": [[1, 0], [-1, 0], [0, 1]]}, "not 4 rows"),
        ({"places": [[1, 0], [-1, 0], [0, 1], [0, 3]]}, "in -1..1"),
        ({"places": [[1], [-1], [0], [0]]}, "2 or 3 numbers"),
        ({"kind": "round"}, "kind 'round'"),
        ({"kind": "gaussian"}, "covariances do not suit a gaussian space"),
        ({"covariances": [[[1, 0], [0, 1]]] * 4}, "covariances do not suit a linear space"),
        ({"emotions": ["happiness", "sadness", "surprise", "anger"]}, "expected known ones"),
        ({"emotions": ["happiness", "happiness", "surprise", "neutral"]}, "once"),
    ],
)
def test_a_space_that_contradicts_itself_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(MienError, match=words) as caught:
        space(LINEAR | changes)
    assert "mien export" in str(caught.value)


def test_other_models_have_no_space() -> None:
    classifier = ModelSpec("small", "small", (Head("emotion", "emotion", EMOTIONS, "ferplus"),), 48, 48)
    assert not is_generator(classifier)
    with pytest.raises(MienError, match="small: small is no generator of faces"):
        ExpressionSpace.from_spec(classifier)
    old = tiny_spec(space={})
    assert is_generator(old)
    with pytest.raises(MienError, match="does not say where emotions lie"):
        ExpressionSpace.from_spec(old)
