"""The heat map of agreement holds its numbers as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.plots.agreement import plot_agreement

SHARES = [[100.0, 81.5, 60.25], [81.5, 100.0, 99.9], [60.25, 99.9, 100.0]]
KAPPA = [[1.0, 0.71, None], [0.71, 1.0, 0.98], [None, 0.98, 1.0]]


def test_numbers_and_names_are_in_the_figure(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    plot_agreement(SHARES, ["one", "two", "three"], path, kappa=KAPPA, title="Agreement", subtitle="n = 10")
    text = path.read_text(encoding="utf-8")
    for word in ("one", "two", "three", "Agreement", "n = 10", "κ 0.71", "κ 0.98"):
        assert f">{word}<" in text
    assert text.count(">81.5<") == text.count(">60.2<") == 2
    assert "nan" not in text
    assert ">100.0<" not in text  # of a model with itself


@pytest.mark.parametrize("shares", [[[100.0]], [[100.0, 100.0], [100.0, 100.0]], [[100.0, 0.0], [0.0, 100.0]]])
def test_one_model_and_models_that_always_or_never_agree(shares: list[list[float]], tmp_path: Path) -> None:
    plot_agreement(shares, ["a very long name of a model", "b"][: len(shares)], tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected \(2, 2\)"):
        plot_agreement(SHARES, ["a", "b"], tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"kappa \(1, 1\)"):
        plot_agreement(SHARES, ["a", "b", "c"], tmp_path / "a.png", kappa=[[1.0]])
    with pytest.raises(MienError, match="unknown kind of figure"):
        plot_agreement([[100.0]], ["a"], tmp_path / "a.gif")
