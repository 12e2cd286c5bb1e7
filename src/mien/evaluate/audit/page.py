"""The audit as one HTML page that opens offline, pictures inside."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.audit.finding import KINDS, Finding
from mien.evaluate.audit.gallery import gallery

ABOUT: Mapping[str, str] = {
    "exact": "The same pixels. Left the row to leave out, right the one that is kept.",
    "near": "The same photograph re-encoded, brightened, watermarked, mirrored or cut a little differently; the score "
    "is the correlation of their fine structure.",
    "label_conflict": "One picture, exactly or nearly, under two labels: at least one of them is wrong.",
    "blank": "Nine pixels of ten have one grey; the score is their share.",
    "suspect_label": "Another label is likelier, by the annotators' votes (the score is its share of them) or by "
    "confident learning (1 less the probability of the row's label).",
    "not_a_face": "More than half of the annotators saw no face; the score is their share.",
}

_STYLE = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, sans-serif; color: #22262b; background: #fff; margin: 2rem auto; max-width: 76rem;
  padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-top: 1px solid #d9dde2; padding-top: 1rem }
h3 { font-size: 1rem; margin-bottom: .3rem }
nav { margin: 1rem 0 } nav a { margin-right: .9rem } a { color: #1f5fa8 } .faint { color: #5b6570 }
.numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .6rem }
.numbers div { border: 1px solid #d9dde2; border-radius: .4rem; padding: .5rem .7rem }
.numbers b { display: block; font-size: 1.35rem; line-height: 1.3 }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: 14px; overflow-wrap: normal }
th, td { padding: .2rem .7rem .2rem 0; border-bottom: 1px solid #e6e9ec; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(15.5rem, 1fr)); gap: .8rem }
.gallery.single { grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)) }
figure { margin: 0; border: 1px solid #d9dde2; border-radius: .4rem; padding: .45rem }
figure div { display: flex; gap: .4rem } figure img { width: calc(50% - .2rem); image-rendering: pixelated }
.single figure img { width: 100% }
figcaption { font-size: 12.5px; line-height: 1.35; margin-top: .3rem }
"""


def write_page(
    path: Path, faces: FaceSet, findings: Sequence[Finding], summary: Mapping[str, Any], source: str
) -> None:
    """Write the page.

    Args:
        faces: the whole data set; the findings' rows are read from it once more.
        source: the data set as the user named it.

    Raises:
        MienError: a path that cannot be written, or a picture that cannot be read.
    """
    present = [kind for kind in KINDS if summary["findings"][kind]]
    links = "".join(f'<a href="#{kind}">{_words(kind)}</a>' for kind in present)
    parts = [
        f"<h1>Audit of {html.escape(source)}</h1>",
        f'<p class="faint">{summary["n"]:,} rows, {html.escape(str(summary["labels"] or "no"))} labels; '
        f"sha256 {summary['data_sha256'][:16]}; {summary['seconds']} s. "
        "<code>--exclude findings.csv</code> leaves out the rows in its column <code>row</code>.</p>",
        f"<nav>{links}</nav>",
        _numbers(summary),
        _splits(summary),
        _agreement(summary),
        _drift(summary),
        *(_kind(kind, faces, [f for f in findings if f.kind == kind]) for kind in present),
    ]
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Audit of {html.escape(source)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(filter(None, parts)) + "\n</body></html>\n"
    )  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; choose a place that can be written") from error


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _kind(kind: str, faces: FaceSet, findings: Sequence[Finding]) -> str:
    return f'<h2 id="{kind}">{_words(kind)}: {len(findings):,}</h2>\n<p>{ABOUT[kind]}</p>\n{gallery(faces, findings)}'


def _numbers(summary: Mapping[str, Any]) -> str:
    """The large figures at the top."""
    exact = summary["exact"]
    told = {
        "rows that some finding names": summary["rows_to_leave_out"],
        "pictures that stand more than once": exact["groups"],
        "of these with two labels": exact["conflicting_groups"],
    } | {_words(kind): count for kind, count in summary["findings"].items()}
    boxes = "".join(f"<div><b>{count:,}</b>{name}</div>" for name, count in told.items())
    return f'<div class="numbers">{boxes}</div>'


def _splits(summary: Mapping[str, Any]) -> str:
    """Rows with a twin elsewhere, and groups of the same pixels by the splits that they stand in."""
    twins, out = summary["twins_in_other_splits"], []
    if len(twins) > 1:
        rows = [
            [own, other, f"{summary['splits'][own]:,}", f"{counts['exact']:,}", f"{counts.get('near', 0):,}"]
            for own, others in twins.items()
            for other, counts in others.items()
        ]
        out.append("<h2>Between splits</h2><p>Rows of a split that have a twin in another one; near ones only where "
                   "no exact one is there.</p>")  # fmt: skip
        out.append(_table(["rows of", "with a twin in", "rows", "exact", "near"], rows))
    groups = summary["exact"]["groups_by_splits"]
    if groups:
        out.append("<h3>Pictures that stand more than once, pixel by pixel</h3>")
        out.append(_table(["in", "pictures"], [[name or "(no split)", f"{count:,}"] for name, count in groups.items()]))
    return "\n".join(out)


def _agreement(summary: Mapping[str, Any]) -> str:
    told = summary["agreement_with_votes"]
    if not told:
        return ""
    rows = [[name, f"{one['n']:,}", _percent(one["agree"])] for name, one in told["by_class"].items()]
    rows.append(["all", f"{told['n']:,}", _percent(told["agree"])])
    out = (
        "<h2>Labels and votes</h2><p>Of the rows whose annotators agreed on an emotion (FER+'s majority rule), the "
        "share whose label is that emotion.</p>" + _table(["label", "rows", "same"], rows)
    )
    learnt = summary["confident_learning"]
    if learnt:
        out += (
            f"<p>Confident learning looked at {learnt['examined']:,} rows that the nets did not learn (top-1 "
            f"{learnt['top1']} %) and doubts {learnt['found']:,} labels.</p>"
        )
    return out


def _drift(summary: Mapping[str, Any]) -> str:
    found = summary["drift"]
    if not found:
        return ""
    classes = found["classes"]
    names = list(next(iter(classes["shares"].values()), {}))
    shares = [[name, *(_percent(split[name]) for split in classes["shares"].values())] for name in names]
    out = ["<h2>Drift between splits</h2>", _table(["class", *classes["shares"]], shares)]
    if "p" in classes:
        out.append(
            f"<p>Chi-squared {classes['chi_squared']} with {classes['degrees']} degrees of freedom, p = "
            f"{classes['p']:.2g}; Cram&eacute;r's V {classes['cramers_v']} (0: the same shares, 1: no class in "
            "common).</p>"
        )
    for measure in ("brightness", "contrast"):
        light = found[measure]
        rows = [[name, f"{one['mean']:.4f}", f"{one['sd']:.4f}"] for name, one in light["splits"].items()]
        out.append(f"<h3>{measure.capitalize()} of a picture, 0 to 1</h3>")
        out.append(_table(["split", "mean", "sd"], rows))
    pairs = zip(found["brightness"]["pairs"], found["contrast"]["pairs"], strict=True)
    tests = [[" / ".join(a["splits"]), *(f"{x['ks']:.4f} (p {x['p']:.2g})" for x in (a, b))] for a, b in pairs]
    out.append("<h3>Kolmogorov-Smirnov distance</h3>")
    out.append(_table(["splits", "brightness", "contrast"], tests))
    return "\n".join(out)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    first = "".join(f"<th>{html.escape(str(cell))}</th>" for cell in head)
    body = "\n".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{first}</tr></thead><tbody>\n{body}\n</tbody></table></div>'
