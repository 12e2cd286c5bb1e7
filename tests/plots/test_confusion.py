"""The confusion matrix as a figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.plots.confusion import check_path, plot_confusion


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


def test_counts_instead_of_percentages(tmp_path: Path) -> None:
    path = tmp_path / "c.svg"
    plot_confusion([[30, 10], [0, 1234]], ("yes", "no"), path, counts=True)
    text = texts(path)
    assert all(f">{n}<" in text for n in ("30", "10", "0", "1,234"))
    assert "75.0" not in text


@pytest.mark.parametrize("k", [1, 7, 11])
@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_any_number_of_classes(k: int, suffix: str, tmp_path: Path) -> None:
    names = (*EMOTIONS, "a", "b", "c")[:k]
    plot_confusion(np.eye(k, dtype=int), names, tmp_path / f"c.{suffix}")
    assert (tmp_path / f"c.{suffix}").stat().st_size > 1000


def test_a_name_in_tex_gives_a_table_in_latex(tmp_path: Path) -> None:
    plot_confusion([[3, 1], [0, 2]], ("yes", "no"), tmp_path / "c.TEX", counts=True)
    assert r"\textbf{3}" in texts(tmp_path / "c.TEX")
    assert check_path("m.tex") == Path("m.tex")
    with pytest.raises(MienError, match=r"unknown kind of figure.*\.tex"):
        check_path("m.gif")


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected \(3, 3\)"):
        plot_confusion(np.eye(2), ("a", "b", "c"), tmp_path / "c.png")
