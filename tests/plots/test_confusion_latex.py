"""The confusion matrix as a LaTeX table: numbers, shades, names, and no matplotlib."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.plots.confusion_latex import confusion_latex, escape, shade, write_confusion_latex

TABLE = [[30, 10], [0, 1234]]


def rows(text: str) -> list[list[str]]:
    """The table's cells without what shades them."""
    body = text.split("\\hline\n")[1]
    plain = re.sub(r"\\miencell\{\w+\}\{\w+\}\{(.*?)\}(?= &| \\\\)", r"\1", body)
    lines = plain.replace("\\textbf{", "").replace("}", "").strip().split("\\\\\n")
    return [[cell.strip() for cell in line.removesuffix("\\\\").split(" & ")] for line in lines]


def test_percentages_and_rows_of_each_class() -> None:
    text = confusion_latex(TABLE, ("yes", "no"), title="a model", subtitle="n = 1,274")
    assert rows(text) == [["yes", "40", "75.0", "25.0"], ["no", "1234", "0", "100.0"]]
    assert text.startswith("% a model\n% n = 1,274\n")
    assert "percent of the true class" in text


def test_counts() -> None:
    assert rows(confusion_latex(TABLE, ("yes", "no"), counts=True)) == [
        ["yes", "40", "30", "10"],
        ["no", "1234", "0", "1234"],
    ]


def test_shades_are_the_figures_and_dark_ones_carry_white() -> None:
    assert (shade(0), shade(25), shade(100)) == ("FFFFFF", "D6E4F2", "123F7A")
    text = confusion_latex(TABLE, ("yes", "no"))
    assert r"\miencell{123F7A}{white}{\textbf{100.0}}" in text
    assert r"\miencell{D6E4F2}{black}{25.0}" in text


def test_a_class_without_rows_stays_blank() -> None:
    text = confusion_latex([[3, 0], [0, 0]], ("yes", "no"))
    assert rows(text)[1] == ["no", "0", "", ""]
    assert "nan" not in text


def test_names_hold_no_commands_and_a_title_stays_a_comment() -> None:
    assert escape(r"a_b & 50% {x} \y ~^ $#") == (
        r"a\_b \& 50\% \{x\} \textbackslash{}y \textasciitilde{}\textasciicircum{} \$\#"
    )
    text = confusion_latex([[1]], ("not_a_face",), title="two\nlines")
    assert r"\rotatebox{60}{not\_a\_face}" in text
    assert text.startswith("% two lines\n")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
@pytest.mark.parametrize("packages", ["", r"\usepackage{xcolor}", r"\usepackage[table]{xcolor}\usepackage{graphicx}"])
def test_it_compiles_with_and_without_the_packages(packages: str, tmp_path: Path) -> None:
    names = (*EMOTIONS, "a_b", "50 %", r"\end{tabular}")
    write_confusion_latex(np.diag(np.arange(11)) + 1, names, tmp_path / "m.tex", title="50 % of #1")
    (tmp_path / "doc.tex").write_text(
        rf"\documentclass{{article}}{packages}\begin{{document}}\begin{{table}}\input{{m}}\end{{table}}\end{{document}}"
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "doc.tex"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]


def test_it_needs_no_matplotlib(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from mien.plots.confusion import plot_confusion\n"
        f"plot_confusion([[1]], ['a'], {str(tmp_path / 'new' / 'm.tex')!r})"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert "tabular" in (tmp_path / "new" / "m.tex").read_text(encoding="utf-8")


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected \(3, 3\)"):
        confusion_latex(np.eye(2), ("a", "b", "c"))
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="choose a place"):
        write_confusion_latex([[1]], ("a",), tmp_path / "file" / "m.tex")
