"""The tables of docs/robustness.md and docs/report.md from the record of report.py."""

from __future__ import annotations

from doc_tables import missing, source, table
from record import latest

PARTS = ("reading", "evaluating", "heat maps", "features", "robustness", "all")


def robustness() -> str:
    """Top-1 by corruption and strength, on as many faces as were measured."""
    record = latest("report")
    if record is None:
        return missing("report.py")
    r = max(record["results"], key=lambda one: int(one["robustness_n"]))
    rows = [
        (c["corruption"], *(f"{v:.1f} %" for v in c["top1"]), f"{c['mean_top1']:.1f} %", f"{c['relative_drop']:.0f} %")
        for c in r["curves"]
    ]
    clean = r["clean"]
    low, high = clean["top1_ci95"]
    told = (
        f"`{r['model']}` on {r['robustness_n']:,} faces of {r['split']}: {clean['top1']:.1f} % [{low:.1f}, {high:.1f}]"
        f" as they are, {r['mean_top1']:.1f} % on average over all of these, a loss of {r['relative_drop']:.0f} %.\n\n"
    )
    return told + table(("corruption", "1", "2", "3", "4", "5", "mean", "loss"), rows) + source(record)


def seconds() -> str:
    """How long a report takes, by part."""
    record = latest("report")
    if record is None:
        return missing("report.py")
    rows = [
        (f"{r['robustness_n']:,}", *(f"{r['seconds'][part]:.0f} s" for part in PARTS),
         f"{r['html_bytes'] / 1e6:.1f} MB", f"{r['load_before']:.1f}")
        for r in record["results"]
    ]  # fmt: skip
    return table(("faces spoilt", *PARTS, "index.html", "load before"), rows) + source(record)


if __name__ == "__main__":
    print(robustness(), seconds(), sep="\n")
