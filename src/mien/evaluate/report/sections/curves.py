"""ROC and precision-recall curves, one class against the rest."""

from __future__ import annotations

from mien.evaluate.report.charts import DASHES, Axes, Line, colour_of_class, legend, line_chart
from mien.evaluate.report.reader import LeftOutError, Reader, escape
from mien.evaluate.report.section import section

UNIT = [(v / 5, f"{v / 5:g}") for v in range(6)]


@section("curves", "ROC and precision-recall curves")
def _curves(r: Reader) -> str:
    known = [name for name in r.classes if r.get("ranking", "per_class", name, "roc")]
    if not known:
        raise LeftOutError("no class has both faces of it and others.")
    roc = Axes((0, 1), (0, 1), UNIT, UNIT, "false positive rate", "true positive rate")
    recall = Axes((0, 1), (0, 1), UNIT, UNIT, "recall", "precision")
    return (
        '<div class="pair">'
        + _one(r, known, "roc", "roc_auc", roc, "ROC curve of each class against the rest", "area")
        + _one(r, known, "precision_recall", "average_precision", recall,
               "Precision-recall curve of each class against the rest", "AP")
        + "</div>"
        f"<p>Mean over classes: ROC area {r.number('ranking', 'macro_roc_auc', form='.4f')}, average precision"
        f" {r.number('ranking', 'macro_average_precision', form='.4f')}. By chance an area is 0.5, and an average"
        " precision the class's share of the faces, which stands in brackets.</p>"
    )  # fmt: skip


def _one(r: Reader, known: list[str], key: str, area: str, axes: Axes, told: str, short: str) -> str:
    dashes = {name: DASHES[r.classes.index(name) % len(DASHES)] for name in known}
    lines = [
        Line(name, r.get("ranking", "per_class", name, key), colour_of_class(name), dashes[name]) for name in known
    ]
    rows = []
    for name in known:
        value = r.number("ranking", "per_class", name, area, form=".3f")
        share = "" if short == "area" else f" ({r.number('ranking', 'per_class', name, 'share', form='.3f')})"
        rows.append((colour_of_class(name), dashes[name], f"{escape(name)}, {short} {value}{share}"))
    chart = line_chart(axes, lines, told=told, diagonal=key == "roc")
    return f"<figure>{chart}{legend(rows)}</figure>"
