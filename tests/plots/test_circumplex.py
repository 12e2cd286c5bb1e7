"""Faces between valence and arousal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.errors import MienError
from mien.labels import EMOTIONS, emotion
from mien.plots.circumplex import BINS, FEW, MANY, PLACES, density, plot_circumplex


def svg(path: Path, *args: object, **said: object) -> str:
    plot_circumplex(*args, path, **said)  # type: ignore[arg-type]
    return path.read_text(encoding="utf-8")


def test_few_faces_are_named_and_many_are_shaded(tmp_path: Path) -> None:
    random = np.random.default_rng(0)

    def drawn(n: int) -> str:
        x, y = random.uniform(-1, 1, (2, n))
        return svg(tmp_path / f"{n}.svg", x, y, labels=[f"face{i}.jpg" for i in range(n)], title="a model")

    assert f"face{FEW - 1}.jpg" in (few := drawn(FEW))
    assert "a model" in few
    assert f"n = {FEW}" in few
    some = drawn(FEW + 1)
    assert "face0.jpg" not in some
    assert some.count("<use") > FEW
    many = drawn(MANY + 1)
    assert "% of the faces in a cell" in many
    assert many.count("<use") < 50


def test_emotions_have_places_a_colour_and_a_shape(tmp_path: Path) -> None:
    text = svg(
        tmp_path / "e.svg", [0.5, -0.5, 0.1, 0.2], [0.5] * 4, emotions=[EMOTIONS[3], EMOTIONS[0], None, EMOTIONS[0]]
    )
    for name in PLACES:
        assert f">{name}<" in text
    assert text.count(f">{emotion('happy')}<") == text.count(f">{emotion('angry')}<") == 2  # place and legend
    assert text.count(f">{emotion('afraid')}<") == 1
    assert ">no answer<" in text


def test_places_lie_in_russells_quadrants() -> None:
    quadrant = {name: (np.cos(np.radians(d)) > 0, np.sin(np.radians(d)) > 0) for name, d in PLACES.items()}
    assert quadrant[emotion("happy")] == quadrant[emotion("surprised")] == (True, True)
    assert quadrant[emotion("angry")] == quadrant[emotion("afraid")] == (False, True)
    assert quadrant[emotion("sad")] == (False, False)
    assert not {emotion("disgusted"), emotion("contempt"), emotion("neutral")} & set(PLACES)


def test_a_way_through_time_is_one_line_whatever_the_order(tmp_path: Path) -> None:
    x, y = np.linspace(-0.5, 0.5, 9), np.linspace(0, 0.8, 9)
    when = np.arange(9.0)
    order = np.random.default_rng(1).permutation(9)
    first = svg(tmp_path / "a.svg", x, y, time=when)
    assert ">time, s<" in first
    assert first == svg(tmp_path / "b.svg", x[order], y[order], time=when[order])
    broken = x.copy()
    broken[4] = np.nan
    assert svg(tmp_path / "c.svg", broken, y, time=when).count("<path") < first.count("<path")


def test_cells_of_the_density_hold_shares() -> None:
    cells = density(np.array([-0.99, -0.99, 0.99, 0.99]), np.array([-0.99, -0.99, -0.99, 0.99]))
    assert cells.shape == (BINS, BINS)
    assert (cells[0, 0], cells[0, -1], cells[-1, -1], cells.sum()) == (0.5, 0.25, 0.25, 1)


def test_names_of_files_are_taken_as_they_are(tmp_path: Path) -> None:
    plot_circumplex([0.1], [0.2], tmp_path / "x.png", labels=["cost $5 _a^b$.jpg"])
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.width > 500


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"labels": ["a"]}, "labels: 1 for 2 points"),
        ({"emotions": ["joyful", None]}, "'joyful' is none of"),
        ({"time": [1]}, "time: 1 for 2"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, more: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        plot_circumplex([0, 0.5], [0, 0.5], tmp_path / "x.png", **more)  # type: ignore[arg-type]


def test_values_out_of_range_and_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"arousal: out of -1\.\.1"):
        plot_circumplex([0], [1.5], tmp_path / "x.png")
    with pytest.raises(ValueError, match=r"expected \(n,\) twice"):
        plot_circumplex([0], [0, 1], tmp_path / "x.png")
    with pytest.raises(MienError, match="no valence and arousal to draw"):
        plot_circumplex([np.nan], [0.5], tmp_path / "x.png")
    with pytest.raises(MienError, match=r"x\.gif"):
        plot_circumplex([0], [0], tmp_path / "x.gif")
