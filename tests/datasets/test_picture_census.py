"""Pictures as they are, in memory or in files of any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.datasets.face_set import FaceSet
from mien.datasets.picture_census import picture_census


def test_grey_pictures_in_memory() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 10), dtype=np.uint8)
    pixels[2], pixels[4] = 0, 255
    found = picture_census(FaceSet("x", pixels=pixels))
    told = found.to_dict()
    assert told["sizes"] == {"10 x 8": 6}
    assert (told["colour"], told["constant"], told["readable"]) == ("grey", 2, 6)
    assert told["darkest"] == {"row": 2, "mean": 0.0}
    assert told["brightest"] == {"row": 4, "mean": 1.0}
    some = np.arange(6) < 3
    statistics = found.pixels(some)
    assert statistics is not None
    assert statistics["n"] == 3
    assert statistics["mean"] == pytest.approx([(pixels[some] / 255).mean()], abs=1e-4)
    assert statistics["std"] == pytest.approx([(pixels[some] / 255).std()], abs=1e-4)
    assert found.pixels(np.zeros(6, np.bool_)) is None


def test_colour_has_three_means() -> None:
    pixels = np.zeros((2, 4, 4, 3), np.uint8)
    pixels[0, ..., 0] = 255
    found = picture_census(FaceSet("x", pixels=pixels))
    assert found.to_dict()["colour"] == "mixed"  # a black picture has no colour
    statistics = found.pixels(np.ones(2, np.bool_))
    assert statistics is not None
    assert statistics["mean"] == [0.5, 0, 0]
    assert statistics["std"] == [0.5, 0, 0]


def test_files_of_several_sizes_and_one_that_is_broken(tmp_path: Path) -> None:
    paths = []
    for name, size in (("a", (30, 20)), ("b", (200, 150))):
        Image.new("RGB", size, (255, 0, 0)).save(tmp_path / f"{name}.png")
        paths.append(str(tmp_path / f"{name}.png"))
    (tmp_path / "c.png").write_bytes((tmp_path / "b.png").read_bytes()[:60])
    seen: list[tuple[int, int]] = []
    found = picture_census(
        FaceSet("x", paths=np.array([*paths, str(tmp_path / "c.png")])), lambda done, n: seen.append((done, n))
    )
    told = found.to_dict()
    assert (told["readable"], told["unreadable"], told["distinct_sizes"]) == (2, 1, 2)
    assert (told["width"], told["height"], told["constant"]) == ([30, 200], [20, 150], 2)
    assert "c.png" in found.faults[2]
    statistics = found.pixels(np.ones(3, np.bool_))
    assert statistics is not None
    assert statistics["mean"] == [1, 0, 0]  # a picture counts the same, whatever its size
    assert seen == [(3, 3)]


def test_nothing_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    found = picture_census(FaceSet("x", paths=np.array([str(tmp_path / "a.png")])))
    assert found.to_dict() == {"readable": 0, "unreadable": 1}
