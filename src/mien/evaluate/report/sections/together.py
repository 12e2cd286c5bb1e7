"""This model beside others on the same rows, and their ensembles."""

from __future__ import annotations

from mien.evaluate.report.reader import LeftOutError, Reader, escape
from mien.evaluate.report.section import section
from mien.evaluate.report.table import table
from mien.evaluate.results import short_name
from mien.evaluate.shared_rows import distinct


@section("comparison", "Comparison and ensembles")
def _together(r: Reader) -> str:
    if not r.get("comparison") and not r.get("ensembles"):
        raise LeftOutError(r.get("reasons", "comparison") or "one model was evaluated; name several to compare them.")
    return "\n".join(part for part in (_pairs(r), _ensembles(r)) if part)


def _pairs(r: Reader) -> str:
    c = r.get("comparison")
    if not c:
        return ""
    short = dict(zip(c["models"], distinct([short_name(name) for name in c["models"]]), strict=True))
    rows = []
    for i, pair in enumerate(c["pairs"]):
        at = ("comparison", "pairs", i)
        rows.append([
            escape(f"{short[pair['first']]} less {short[pair['second']]}"),
            r.number(*at, "top1_difference", form="+.2f"), r.interval(*at, "top1_ci95"),
            f"{r.number(*at, 'only_first', form=',')} : {r.number(*at, 'only_second', form=',')}",
            r.number(*at, "p", form=".4f"), r.number(*at, "p_holm", form=".4f"),
            r.number(*at, "macro_f1_difference", form="+.2f"), r.interval(*at, "macro_f1_ci95"),
            r.number(*at, "agreement", form=".1f", unit=" %"), r.number(*at, "kappa"),
        ])  # fmt: skip
    heads = (
        "models",
        "top-1, points",
        "95 %",
        "alone right",
        "p",
        "p Holm",
        "F1, points",
        "95 %",
        "same answer",
        "kappa",
    )
    told = f"Paired on {c['n']:,} rows: McNemar's test for top-1, paired bootstrap for intervals"
    return table(heads, rows, caption=told) + (
        f"<p>All are right on {r.number('comparison', 'all_right', form=',')} rows, none on"
        f" {r.number('comparison', 'all_wrong', form=',')}; they differ on"
        f" {r.number('comparison', 'disputed_n', form=',')}.</p>"
    )


def _ensembles(r: Reader) -> str:
    found = r.get("ensembles")
    if not found:
        return ""
    rows = []
    for i, one in enumerate(found):
        at, names = ("ensembles", i), distinct([short_name(name) for name in one["members"]])
        rows.append([
            escape(one["rule"]), escape(names[0] if len(names) == 1 else f"all {len(names)}"),
            r.number(*at, "top1"), r.interval(*at, "top1_ci95"), r.number(*at, "macro_f1"), r.number(*at, "ece"),
            r.number(*at, "nll", form=".4f"), r.number(*at, "gain", form="+.2f"), r.interval(*at, "gain_ci95"),
            r.number(*at, "ms"),
        ])  # fmt: skip
    heads = ("rule", "members", "top-1 %", "95 %", "macro F1 %", "ECE %", "NLL", "gain", "95 %", "ms a face")
    told = f"Each model and each way to combine them; gain: points of top-1 over {short_name(found[0]['reference'])}"
    return table(heads, rows, caption=told, left=2)
