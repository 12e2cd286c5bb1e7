"""The confusion matrix as a figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.labels import EMOTIONS
from mien.plots.confusion import plot_confusion


def texts(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_percentages_counts_and_names_stand_in_it(tmp_path: Path) -> None:
    path = tmp_path / "c.svg"
    plot_confusion([[30, 10], [0, 1234]], ("yes", "no"), path, title="a model", subtitle="n = 1,274")
    text = texts(path)
    for word in ("75.0", "25.0", "100.0", "1,234", "yes (40)", "no (1,234)", "a model", "n = 1,274", "predicted"):
        assert f">{word}<" in text


def test_a_class_without_rows_stays_blank(tmp_path: Path) -> None:
    path = tmp_path / "c.svg"
    plot_confusion([[3, 0], [0, 0]], ("yes", "no"), path)
    assert "no (0)" in texts(path)
    assert "nan" not in texts(path)


@pytest.mark.parametrize("k", [1, 7, 11])
def test_any_number_of_classes(k: int, tmp_path: Path) -> None:
    names = (*EMOTIONS, "a", "b", "c")[:k]
    plot_confusion(np.eye(k, dtype=int), names, tmp_path / "c.png")
    assert (tmp_path / "c.png").stat().st_size > 1000


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected \(3, 3\)"):
        plot_confusion(np.eye(2), ("a", "b", "c"), tmp_path / "c.png")
