"""The tables of docs/balance.md from the records of balance.py."""

from __future__ import annotations

from typing import Any

from record import latest


def cell(score: dict[str, float], sign: str = "") -> str:
    return f"{score['mean']:{sign}.1f} ± {score['half_width']:.1f}"


def balance(which: str) -> str:
    """A line a method, in the order in which they ran."""
    record = latest(f"balance-{which}")
    if record is None:
        return f"Not measured yet: `python benchmarks/balance.py {which}`.\n"
    found = record["results"]
    lines = [
        "| method | macro-F1 | against plain | accuracy | mean recall | recall of disgust |\n",
        "| --- | --- | --- | --- | --- | --- |\n",
    ]
    for row in found["summary"]:
        gain = cell(row["macro_f1_gain"], "+") if "macro_f1_gain" in row else ""
        scores = (cell(row[key]) for key in ("top1", "balanced_accuracy", "disgust_recall"))
        lines.append(f"| {row['method']} | {cell(row['macro_f1'])} | {gain} | {' | '.join(scores)} |\n")
    return "".join(lines) + facts(record, found)


def facts(record: dict[str, Any], found: dict[str, Any]) -> str:
    one = found["summary"][0]
    machine = record["machine"]
    return (
        f"\nPercent, mean over {one['seeds']} seeds and the half-width of its 95 % interval (Student's); n ="
        f" {one['n']:,} test faces a seed. `recipes/{found['recipe']}`, `benchmarks/balance.py`, {record['date'][:10]},"
        f" commit {record['commit']}, {machine['cores']} cores ({machine.get('cpu', '')}).\n"
    )
