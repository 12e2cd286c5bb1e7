"""The confusion matrix as a table, so that its numbers can be read, copied and searched."""

from __future__ import annotations

from mien.evaluate.report.reader import Reader, escape
from mien.evaluate.report.section import section
from mien.evaluate.report.table import boxed

_WHITE, _BLUE = (255, 255, 255), (18, 63, 122)


@section("confusion", "Confusion")
def _confusion(r: Reader) -> str:
    names, counts = r.classes, r.get("evaluation", "confusion")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = "\n".join(_row(r, i, name, sum(counts[i])) for i, name in enumerate(names))
    return boxed(
        f'<thead><tr><th scope="col" class="text">label (faces)</th>{head}</tr></thead><tbody>\n{rows}\n</tbody>',
        "Rows: the label. Columns: what the model says. Large: percent of the row; small: faces",
        "confusion",
    )


def _row(r: Reader, i: int, name: str, n: int) -> str:
    cells = [_cell(r, i, j, n) for j in range(len(r.classes))]
    return f'<tr><th scope="row" class="text">{escape(name)} ({n:,})</th>{"".join(cells)}</tr>'


def _cell(r: Reader, i: int, j: int, n: int) -> str:
    count = r.get("evaluation", "confusion", i, j)
    if not n:
        return "<td></td>"
    share = count / n
    # the root spreads the small mistakes, which are what one looks for, over more of the scale
    shade = "#" + "".join(f"{round(a + (b - a) * share**0.75):02x}" for a, b in zip(_WHITE, _BLUE, strict=True))
    ink = "#fff" if share > 0.57 else "var(--ink)"
    hit = ' class="hit"' if i == j else ""
    told = f"{r.classes[i]} taken for {r.classes[j]}: {count} of {n}"
    number = r.number("evaluation", "confusion", i, j, form=",")
    return (
        f'<td{hit} style="background:{shade};color:{ink}" title="{escape(told)}">'
        f"{100 * share:.1f}<small>{number}</small></td>"
    )
