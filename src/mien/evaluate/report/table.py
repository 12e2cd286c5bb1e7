"""Tables of a report."""

from __future__ import annotations

from collections.abc import Sequence

from mien.evaluate.report.reader import escape


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str, left: int = 1) -> str:
    """A table in a box of its own that scrolls sideways where the page is narrow; its caption stays in sight.

    Args:
        heads: of the columns, as text.
        rows: cells as HTML.
        caption: what it is a table of.
        left: columns, counted from the first, that are text and so stand on the left; the first names the row.
    """
    head = "".join(f'<th scope="col"{_side(i, left)}>{escape(name)}</th>' for i, name in enumerate(heads))
    body = "\n".join("<tr>" + "".join(_cell(i, cell, left) for i, cell in enumerate(row)) + "</tr>" for row in rows)
    return boxed(f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody>", caption)


def boxed(inside: str, caption: str, kind: str = "plain") -> str:
    """Rows of a table with its caption above the box that scrolls."""
    return (
        f'<div class="table"><p class="caption">{escape(caption)}</p><div class="wide" tabindex="0" role="region"'
        f' aria-label="{escape(caption)}"><table class="{kind}">{inside}</table></div></div>'
    )


def _cell(i: int, cell: str, left: int) -> str:
    return f'<th scope="row" class="text">{cell}</th>' if i == 0 else f"<td{_side(i, left)}>{cell}</td>"


def _side(i: int, left: int) -> str:
    return ' class="text"' if i < left else ""
