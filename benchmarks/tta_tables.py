"""What test-time averaging gave, from the newest record."""

from __future__ import annotations

from doc_tables import missing, source, table
from record import latest


def averaging() -> str:
    """docs/evaluation.md: each way beside the plain score, on the split that no choice has seen."""
    record = latest("tta")
    if record is None:
        return missing("tta.py")
    columns = ("model", "labels", "split", "n", "plain", "averaging", "with it", "ECE", "views")
    rows = [
        (
            f"`{r['model']}`", r["labels"], r["split"], f"{r['n']:,}", f"{r['top1']:.2f} %", f"`{r['tta']}`",
            f"{r['top1_averaged']:.2f} % [{r['top1_averaged_ci95'][0]:.1f}, {r['top1_averaged_ci95'][1]:.1f}]",
            f"{r['ece']:.1f} % -> {r['ece_averaged']:.1f} %", str(r["views"]),
        )
        for r in record["results"]
        if r["split"] == "PrivateTest"
    ]  # fmt: skip
    return table(columns, rows) + source(record)
