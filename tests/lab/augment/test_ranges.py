from __future__ import annotations

from typing import Any

import pytest

from mien.lab.augment.ranges import problems
from mien.lab.train.recipe import Augment, Input

GOOD: list[dict[str, Any]] = [
    {},
    {"flip": 0.5, "rotate": 15.0, "scale": (0.9, 1.2), "shift": 0.06, "erase": 0.25, "mixup": 0.2},
    {"crop": 44},
    {"crop": 48, "pad": 4, "pad_mode": "zero"},
    {"resized_crop": (0.4, 1.0), "sharpness": 2.0, "sharpness_probability": 0.5, "blur": 1.0},
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({"flip": 1.5}, "augment.flip = 1.5, expected a probability, 0..1"),
    ({"rotate": -3.0}, "augment.rotate = -3.0, expected 0 or more"),
    ({"hue": 0.7}, "augment.hue = 0.7, expected a share of the colour circle, 0..0.5"),
    ({"saturation": 0.2}, 'augment.saturation does nothing to grey pictures; leave it out or set input.colour = "rgb"'),
    ({"resized_crop": (0.4,)}, "expected two shares of the area"),
    ({"resized_crop": (0.4, 1.2)}, "expected two shares of the area"),
    ({"scale": (1.2, 0.8)}, "augment.scale = [1.2, 0.8], expected least and most, above 0"),
    ({"crop": 50}, "augment.crop = 50 does not fit into input of 48 x 48 with augment.pad = 0; crop 48 or less"),
    ({"crop": 44, "resized_crop": (0.5, 1.0)}, "both cut the picture; take one"),
    ({"pad": 4}, "augment.pad = 4 needs augment.crop"),
]


@pytest.mark.parametrize("settings", GOOD)
def test_nothing_to_say(settings: dict[str, Any]) -> None:
    assert list(problems(Augment(**settings), Input())) == []


@pytest.mark.parametrize(("settings", "expected"), BAD)
def test_named_with_what_is_expected(settings: dict[str, Any], expected: str) -> None:
    assert any(expected in problem for problem in problems(Augment(**settings), Input()))


def test_colour_settings_fit_colour_pictures() -> None:
    assert list(problems(Augment(saturation=0.2, hue=0.1, greyscale=0.1), Input(colour="rgb"))) == []
