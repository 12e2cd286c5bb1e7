"""Where the emotions lie, drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.plots.expression_space import _spread, plot_expression_space
from mien.runtime.expression_space import ExpressionSpace

EMOTIONS = ("anger", "happiness", "neutral")


def space(kind: str, dims: int, scale: float = 0.1) -> ExpressionSpace:
    places = np.eye(3, dims, dtype=np.float32)
    places[2] = 0
    covariances = np.stack([scale * np.eye(dims)] * 3).astype(np.float32) if kind == "gaussian" else None
    return ExpressionSpace(kind, EMOTIONS, places, covariances)


@pytest.mark.parametrize("kind", ["linear", "gaussian"])
@pytest.mark.parametrize("dims", [2, 3])
def test_every_emotion_is_named(kind: str, dims: int, tmp_path: Path) -> None:
    target = tmp_path / "space.svg"
    plot_expression_space(space(kind, dims), target, title="epoch 7")
    text = target.read_text(encoding="utf-8")
    for word in (*EMOTIONS, "epoch 7"):
        assert word in text
    assert "trails" not in text


def test_trails_are_drawn_and_told(tmp_path: Path) -> None:
    now = space("linear", 2)
    plain, grown = tmp_path / "plain.svg", tmp_path / "grown.svg"
    plot_expression_space(now, plain)
    plot_expression_space(now, grown, history=[(1, now.places * 0.2), (4, now.places.tolist())])
    assert "since epoch 1, last 4" in grown.read_text(encoding="utf-8")
    assert grown.read_text(encoding="utf-8").count("<path") > plain.read_text(encoding="utf-8").count("<path")
    with pytest.raises(ValueError, match=r"history, epoch 2: places of \(2, 2\)"):
        plot_expression_space(now, plain, history=[(2, now.places[:2])])


class Recorder:
    """Stands in for axes: keeps what is drawn."""

    def __init__(self) -> None:
        self.filled: list[np.ndarray] = []
        self.lines: list[np.ndarray] = []

    def fill(self, x: np.ndarray, y: np.ndarray, **_: object) -> None:
        self.filled.append(np.stack([x, y], 1))

    def plot(self, *points: np.ndarray, **_: object) -> None:
        self.lines.append(np.stack(points, 1))


def test_an_ellipse_lies_at_one_standard_deviation() -> None:
    covariance = np.array([[0.2, 0.06], [0.06, 0.05]], np.float32)
    one = ExpressionSpace("gaussian", ("neutral",), np.float32([[0.3, -0.2]]), covariance[None])
    axes = Recorder()
    _spread(axes, one, 0)
    away = axes.filled[0] - [0.3, -0.2]
    assert np.allclose(np.einsum("nd,de,ne->n", away, np.linalg.inv(covariance), away), 1, atol=1e-4)


def test_a_covariance_that_is_none_is_left_out() -> None:
    broken = space("gaussian", 3, scale=-0.1)
    axes = Recorder()
    _spread(axes, broken, 0)
    assert axes.lines == []
    _spread(axes, space("gaussian", 3), 0)
    assert len(axes.lines) == 3


def test_an_unknown_kind_of_figure(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="unknown kind of figure"):
        plot_expression_space(space("linear", 2), tmp_path / "space.bmp")
