"""A confusion matrix as a LaTeX table, for a paper; needs no package but numpy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.plots.figure import BLUES
from mien.score.confusion import row_percentages

_ESCAPES = str.maketrans({
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "·": r"\textperiodcentered{}", "\n": " ",
})  # fmt: skip
DARK = 58.0
"""Above this percentage's shade white numbers are read more easily than dark ones."""


def escape(text: str) -> str:
    """Text in which LaTeX finds no command."""
    return text.translate(_ESCAPES)


def confusion_latex(
    confusion: NDArray[Any] | Sequence[Sequence[int]],
    names: Sequence[str],
    *,
    counts: bool = False,
    title: str = "",
    subtitle: str = "",
) -> str:
    """A `tabular` to `\\input` into a `table`, with title and subtitle as comments above it.

    With xcolor's option `table` cells are shaded, with graphicx the head stands upright; without them the table is
    plain and still compiles. A class without rows stays blank.

    Args:
        confusion: (k, k) counts, row = true class, column = predicted class.
        names: k names, in that order; characters that LaTeX takes for commands are escaped.
        counts: rows instead of percentages of each true class; shades stay those of the percentages.

    Raises:
        ValueError: shapes that do not fit.
    """
    table, k = np.asarray(confusion), len(names)
    if table.shape != (k, k) or k == 0:
        raise ValueError(f"confusion: shape {table.shape}, expected ({k}, {k})")
    shares, n = row_percentages(table), table.sum(axis=1)
    what = "rows" if counts else "percent of the true class"
    head = " & ".join(rf"\rotatebox{{60}}{{{escape(name)}}}" for name in names)
    lines = [
        *(f"% {' '.join(line.split())}" for line in (title, subtitle) if line),
        f"% Row: true class, and how many rows it has; column: predicted class; cells: {what}.",
        r"% Shades need \usepackage[table]{xcolor}, the upright head \usepackage{graphicx}.",
        r"\begingroup",
        r"\ifdefined\cellcolor\def\miencell#1#2#3{\cellcolor[HTML]{#1}\textcolor{#2}{#3}}%",
        r"\else\def\miencell#1#2#3{#3}\fi",
        r"\providecommand{\rotatebox}[2]{#2}%",
        r"\setlength{\tabcolsep}{4pt}%",
        rf"\begin{{tabular}}{{lr*{{{k}}}{{c}}}}",
        r"\hline\noalign{\vskip 2pt}",
        rf"true & $n$ & {head} \\",
        r"\hline",
    ]
    for row, name in enumerate(names):
        cells = [_cell(shares[row, column], table[row, column], counts, row == column) for column in range(k)]
        lines.append(" & ".join([escape(name), str(n[row]), *cells]) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}%", r"\endgroup", ""])


def write_confusion_latex(
    confusion: NDArray[Any] | Sequence[Sequence[int]],
    names: Sequence[str],
    path: str | Path,
    *,
    counts: bool = False,
    title: str = "",
    subtitle: str = "",
) -> None:
    """Write the table; arguments as for `confusion_latex`.

    Raises:
        ValueError: shapes that do not fit.
        MienError: a path that cannot be written.
    """
    text = confusion_latex(confusion, names, counts=counts, title=title, subtitle=subtitle)
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; choose a place that can be written") from error


def _cell(share: float, count: int, counts: bool, right: bool) -> str:
    if np.isnan(share):
        return ""
    text = str(count) if counts or count == 0 else f"{share:.1f}"
    text = rf"\textbf{{{text}}}" if right else text
    return rf"\miencell{{{shade(share)}}}{{{'white' if share > DARK else 'black'}}}{{{text}}}" if count else text


def shade(share: float) -> str:
    """Percentage -> the figure's colour for it, six hexadecimal digits."""
    stops = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in BLUES], float)
    places = np.linspace(0, 100, len(stops))
    return "".join(f"{round(float(np.interp(share, places, stops[:, i]))):02X}" for i in range(3))
