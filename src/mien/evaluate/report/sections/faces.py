"""Faces worth looking at, heat maps over faces, and the map of features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mien.evaluate.gallery import KINDS
from mien.evaluate.report.charts import Axes, colour_of_class, legend, scatter
from mien.evaluate.report.reader import LeftOutError, Reader, escape
from mien.evaluate.report.section import section

_TITLES = dict(
    zip(
        KINDS,
        (
            "Most wrong: surest of a name that is not the label",
            "Most right: surest of the label",
            "Most uncertain: probabilities spread the widest",
            "Most disputed: the branches disagree most",
        ),
        strict=True,
    )
)


@section("galleries", "Faces: most wrong, most right, most uncertain")
def _galleries(r: Reader) -> str:
    if not r.pictures:
        raise LeftOutError(r.get("reasons", "galleries") or "the pictures are not at hand; give --data.")
    overall = r.get("galleries", "overall")
    out = [f"<h3>{_TITLES[kind]}</h3>{_row(r, picks)}" for kind, picks in overall.items()]
    out.append("<h3>By class of the label</h3>")
    for name, kinds in r.get("galleries", "by_class").items():
        rows = "".join(f"<h3>{_TITLES[kind]}</h3>{_row(r, picks)}" for kind, picks in kinds.items())
        out.append(f"<details><summary>{escape(name)}</summary>{rows}</details>")
    out.append('<p class="soft">A face that looks like what the model says, and not like its label, may be labelled'
               " wrong: <code>mien data audit</code> looks for these.</p>")  # fmt: skip
    return "\n".join(out)


@section("heat-maps", "Heat maps")
def _heat_maps(r: Reader) -> str:
    shown = r.get("heat_maps")
    if not shown:
        raise LeftOutError(r.get("reasons", "heat-maps") or "none were made.")
    figures = []
    for one, uri in zip(shown, r.heat_maps, strict=True):
        told = f"row {one['row']}: label {one['true']}, said {one['said']} ({100 * one['p_said']:.0f} %)"
        figures.append(
            f'<figure><img src="{uri}" alt="{escape(one["method"])} for {escape(one["target"])} over the face of'
            f' {escape(told)}"><figcaption>{escape(told)}</figcaption></figure>'
        )
    methods = ", ".join(dict.fromkeys(one["method"] for one in shown))
    return (
        f"<p>{escape(methods)} for what the model says: the brighter, the more that place raised its score. A map shows"
        " where the network's last layer looked, not why, and not that a person would agree.</p>"
        f'<div class="faces maps">{"".join(figures)}</div>'
    )


@section("features", "Map of features")
def _features(r: Reader) -> str:
    found = r.get("features")
    if not found:
        raise LeftOutError(r.get("reasons", "features") or "none was made.")
    names = [name for name in r.classes if name in found["labels"]]
    figures = []
    for method, points in found["points"].items():
        groups = [
            (
                name,
                colour_of_class(name),
                [p for p, label in zip(points, found["labels"], strict=True) if label == name],
            )
            for name in names
        ]
        told = f"{method} of the features of {len(points):,} faces, coloured by label"
        figures.append(
            f"<figure>{scatter(_around(points), groups, told=told)}<figcaption>{escape(told)}</figcaption></figure>"
        )
    rows = [(colour_of_class(name), "", escape(name)) for name in names]
    return (
        f'<div class="pair">{"".join(figures)}</div>{legend(rows)}{_nearby(r)}<p class="soft">Near points have features'
        " alike. Distances between clusters, their sizes and the axes mean nothing.</p>"
    )


def _nearby(r: Reader) -> str:
    if r.get("features", "same_label_nearby") is None:
        return ""
    share = r.number("features", "same_label_nearby")
    return f"<p>Of a face's ten nearest in the features themselves, a share of {share} has its label, on average.</p>"


def _row(r: Reader, picks: Sequence[dict[str, Any]]) -> str:
    if not picks:
        return '<p class="soft">None.</p>'
    figures = []
    for one in picks:
        told = [f"label {one['true']} {100 * one['p_true']:.0f} %"]
        if one["said"] != one["true"]:
            told.append(f"said {one['said']} {100 * one['p_said']:.0f} %")
        words = [escape(text).replace(" %", "&nbsp;%") for text in (*told, f"row {one['row']}")]
        figures.append(
            f'<figure><img src="{r.pictures[one["row"]]}" alt="row {one["row"]}: {escape(", ".join(told))}">'
            f"<figcaption>{'<br>'.join(words)}</figcaption></figure>"
        )
    return f'<div class="faces">{"".join(figures)}</div>'


def _around(points: Sequence[Sequence[float]]) -> Axes:
    x, y = [p[0] for p in points], [p[1] for p in points]
    wide, high = (max(x) - min(x)) or 1.0, (max(y) - min(y)) or 1.0
    return Axes(
        (min(x) - 0.03 * wide, max(x) + 0.03 * wide), (min(y) - 0.03 * high, max(y) + 0.03 * high), (), (), "", ""
    )
