"""Whether probabilities mean what they say; the sets and the abstention that were stored with the model."""

from __future__ import annotations

from mien.evaluate.report.charts import AFTER, BEFORE, Axes, Line, bars, legend, line_chart
from mien.evaluate.report.reader import LeftOutError, Reader, escape
from mien.evaluate.report.section import section
from mien.evaluate.report.table import table

_COLOURS = {"before": BEFORE, "now": AFTER}
_NAMES = {"before": "before calibration", "now": "as the model answers"}
PERCENT = [(v, str(v)) for v in range(0, 101, 20)]


@section("calibration", "Calibration")
def _calibration(r: Reader) -> str:
    tables = r.get("reliability", "tables")
    lines, counts, rows = [], [], []
    for key in tables:
        one, colour, dash = tables[key], _COLOURS[key], "6 3" if key == "before" else ""
        points = [(x, y) for x, y in zip(one["confidence"], one["accuracy"], strict=True) if x is not None]
        lines.append(Line(_NAMES[key], points, colour, dash, dots=True))
        total = sum(one["n"])
        counts.append((colour, [100 * n / total for n in one["n"]]))
        rows.append((colour, dash, f"{_NAMES[key]}, ECE {r.number('reliability', 'ece', key, unit=' %')}"))
    edges = [100 * edge for edge in tables["now"]["edges"]]
    axes = Axes((0, 100), (0, 100), PERCENT, PERCENT, "probability of what was said, %", "right, %")
    high = max(max(heights) for _, heights in counts)
    step = next(step for step in (5, 10, 20, 25, 50, 100) if high <= 4 * step)
    ticks = [(float(v), str(v)) for v in range(0, 4 * step + 1, step) if v <= 100]
    below = Axes((0, 100), (0, max(ticks[-1][0], high)), PERCENT, ticks, "probability of what was said, %",
                 "faces, %", height=190)  # fmt: skip
    charts = (
        f'<div class="pair"><figure>{line_chart(axes, lines, told="Reliability diagram", diagonal=True)}{legend(rows)}'
        f"</figure><figure>{bars(below, counts, edges, told='How sure the answers are')}<figcaption>How sure the"
        " answers are</figcaption></figure></div>"
    )
    told = "On the dotted line, probabilities mean what they say; below it the model is too sure."
    return f"{charts}<p>{told}</p>{_table(r)}"


def _table(r: Reader) -> str:
    if not r.get("calibration"):
        return (
            f"<p>{escape(r.get('reasons', 'calibration') or 'Nothing of a calibration is stored with the model.')}</p>"
        )
    keys = (("top1", ".2f"), ("ece", ".2f"), ("nll", ".4f"), ("brier", ".4f"), ("aurc", ".2f"))
    rows = [
        [name, *(r.number("calibration", when, key, form=form) for key, form in keys)]
        for when, name in (("before", "before calibration"), ("after", "after"))
    ]
    fitted = r.get("calibration", "stored", "fitted_on") or {}
    told = f"Stored: {r.get('calibration', 'stored', 'method') or 'temperature'} scaling"
    if fitted:
        told += f", fitted on {fitted.get('split', '?')} of {fitted.get('data', '?')} ({fitted.get('n', 0):,} faces)"
    if fitted.get("split") == r.get("evaluation", "split"):
        told += "; these are the very faces it was fitted on, so the figures flatter it"
    heads = ("probabilities", "top-1 %", "ECE %", "NLL", "Brier", "AURC %")
    return table(heads, rows, caption=f"{told}. AURC: mean share of wrong answers as ever more faces are answered")


@section("sets", "Sets and abstention")
def _sets(r: Reader) -> str:
    sets, declined = r.get("calibration", "after", "conformal"), r.get("calibration", "after", "abstention")
    if not sets and not declined:
        raise LeftOutError(r.get("reasons", "sets") or "neither is stored with the model; `mien calibrate` does that.")
    out = []
    at = ("calibration", "after", "conformal")
    if sets:
        out.append(
            f"<p>Sets that shall hold the label for {r.number(*at, 'asked', form='.0f')} % of faces hold it for"
            f" <b>{r.number(*at, 'coverage', unit=' %')}</b>, with {r.number(*at, 'mean_size')} emotions on average;"
            f" {r.number(*at, 'single', form='.1f', unit=' %')} of them name a single one. The promise is for faces"
            " as a whole, not for each class:</p>"
        )
        rows = [[escape(name), r.number(*at, "by_class", name, unit=" %")] for name in sets["by_class"]]
        out.append(table(("class", "label in the set"), rows, caption="Coverage by class"))
    if declined:
        at = ("calibration", "after", "abstention")
        out.append(
            f"<p>By the stored rules the model declines {r.number(*at, 'rate', unit=' %')} of the faces, and is right"
            f" on <b>{r.number(*at, 'top1', unit=' %')}</b> of those that it answers"
            f" ({r.number('calibration', 'after', 'top1', unit=' %')} of all).</p>"
        )
    return "\n".join(out)
