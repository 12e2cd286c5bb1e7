"""The tables of docs/balance.md from the records of balance.py."""

from __future__ import annotations

from doc_tables import missing, source, table
from record import latest


def cell(score: dict[str, float], sign: str = "") -> str:
    return f"{score['mean']:{sign}.1f} ± {score['half_width']:.1f}"


def balance(which: str) -> str:
    """A line a method, in the order in which they ran."""
    record = latest(f"balance-{which}")
    if record is None:
        return missing(f"balance.py {which}")
    found = record["results"]
    columns = ("method", "macro-F1", "against plain", "accuracy", "mean recall", "recall of disgust")
    rows = []
    for row in found["summary"]:
        gain = cell(row["macro_f1_gain"], "+") if "macro_f1_gain" in row else ""
        scores = (cell(row[key]) for key in ("top1", "balanced_accuracy", "disgust_recall"))
        rows.append((row["method"], cell(row["macro_f1"]), gain, *scores))
    one = found["summary"][0]
    return table(columns, rows) + (
        f"\nPercent, mean over {one['seeds']} seeds and the half-width of its 95 % interval (Student's); n ="
        f" {one['n']:,} test faces a seed; `recipes/{found['recipe']}`.\n" + source(record, "balance.py")
    )
