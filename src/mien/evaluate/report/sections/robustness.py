"""How scores fall as faces get worse."""

from __future__ import annotations

from mien.evaluate.report.charts import AFTER, Axes, Line, line_chart
from mien.evaluate.report.reader import LeftOutError, Reader, escape
from mien.evaluate.report.section import section
from mien.evaluate.report.table import table

R = "robustness"
_PERCENT = [(v, str(v)) for v in range(0, 101, 25)]


@section("robustness", "Robustness")
def _robustness(r: Reader) -> str:
    curves = r.get(R, "curves")
    if not curves:
        raise LeftOutError(r.get("reasons", R) or "it was not asked for; add --robustness N.")
    which = "a sample, each class in its share" if r.get(R, "sampled") else "all of the split"
    clean, mean = r.number(R, "clean", "top1", unit=" %"), r.number(R, "mean_top1", unit=" %")
    return (
        f"<p>On {r.number(R, 'n', form=',')} faces ({which}), top-1 is {clean} as they are (95 % interval"
        f" {r.interval(R, 'clean', 'top1_ci95')}), and <b>{mean}</b> on average over seven"
        f" ways to spoil a picture in five strengths: a loss of"
        f" {r.number(R, 'relative_drop', form='.1f', unit=' %')}.</p>"
        f'<div class="small">{"".join(_chart(r, i) for i in range(len(curves)))}</div>'
        '<p class="soft">Top-1 in percent with its 95 % interval; dotted: the same faces as they are.</p>'
        f"{_scores(r, 'top1', 'Top-1 in percent by strength, 0 being the faces as they are')}"
        f'<div class="pair">{_scores(r, "macro_f1", "Macro F1 in percent by strength")}'
        f"{_scores(r, 'ece', 'ECE in percent by strength')}</div>"
        '<p class="soft">The ECE of few faces comes out too large: compare these with each other, not with that of'
        " the whole split.</p>"
    )


def _chart(r: Reader, i: int) -> str:
    curve = r.get(R, "curves", i)
    steps = curve["steps"]
    ticks = [(float(s["strength"]), f"{s['level']:g}") for s in steps]
    axes = Axes((0.7, 5.3), (0, 100), ticks, _PERCENT, "", "", width=300, height=200)
    points = [(float(s["strength"]), float(s["top1"])) for s in steps]
    line = Line(curve["corruption"], points, AFTER, dots=True, bars=[tuple(s["top1_ci95"]) for s in steps])
    values = ", ".join(f"{s['top1']:.1f}" for s in steps)
    told = f"{curve['corruption']}: top-1 {values} % at strengths 1 to 5"
    chart = line_chart(axes, [line], told=told, level=r.get(R, "clean", "top1"))
    name = f"<b>{escape(curve['corruption'])}</b>: {escape(curve['about'])}"
    return f"<figure><figcaption>{name}</figcaption>{chart}</figure>"


def _scores(r: Reader, key: str, caption: str) -> str:
    rows, means = [], ("mean_top1", "relative_drop") if key == "top1" else ()
    for i, curve in enumerate(r.get(R, "curves")):
        clean = r.number(R, "clean", key, form=".1f")
        own = [r.number(R, "curves", i, "steps", s, key, form=".1f") for s in range(len(curve["steps"]))]
        rows.append(
            [escape(curve["corruption"]), clean, *own, *(r.number(R, "curves", i, m, form=".1f") for m in means)]
        )
    heads = ["corruption", "0", "1", "2", "3", "4", "5", *(["mean of 1 to 5", "loss %"] if means else [])]
    return table(heads, rows, caption=caption)
