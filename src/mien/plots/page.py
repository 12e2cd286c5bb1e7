"""A figure with the numbers behind it as one HTML file that needs nothing from elsewhere."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.errors import MienError

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #22262b; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
svg { max-width: 100%; height: auto } [id^=trial-]:hover { cursor: pointer; opacity: .6 }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: 13px }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #d9dde2; text-align: right; white-space: nowrap }
th { cursor: pointer; user-select: none }
"""
_SORT = """
for (const th of document.querySelectorAll("th")) th.onclick = () => {
  const body = th.closest("table").tBodies[0], column = th.cellIndex
  const down = th.dataset.down = th.dataset.down === "1" ? "" : "1"
  const of = row => { const text = row.cells[column].textContent; return text === "" || isNaN(text) ? text : +text }
  const order = (a, b) => of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0
  body.append(...[...body.rows].sort((a, b) => down ? order(b, a) : order(a, b)))
}
"""


def write_page(
    path: str | Path, title: str, draw: Callable[[Path], None], rows: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Write a figure and a table that a click on a column's name sorts.

    Args:
        path: of the page.
        draw: writes the figure to the .svg file it is given; a mark with the id `trial-N` shows, under the
            pointer, the row whose `trial` is N.
        rows: the table.

    Raises:
        MienError: a path that cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figure.svg"
        draw(file)
        svg = file.read_text(encoding="utf-8")
    svg = svg[svg.index("<svg") :]  # without the declaration, which names a file on the web
    for row in rows:
        if "trial" in row:
            told = html.escape("\n".join(f"{key}: {_text(value)}" for key, value in row.items() if _text(value)))
            mark = f'<g id="trial-{row["trial"]}">'
            svg = svg.replace(mark, f"{mark}<title>{told}</title>", 1)
    page = (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style>\n<h1>{html.escape(title)}</h1>\n{svg}\n{_table(rows)}\n<script>{_SORT}</script></html>\n"
    )
    try:
        Path(path).write_text(page, encoding="utf-8")
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; choose a place that can be written") from error


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(_text(row.get(column)))}</td>" for column in columns) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)
