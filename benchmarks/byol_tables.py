"""The tables of docs/byol.md from the records of byol_labels.py and byol_synthetic.py."""

from __future__ import annotations

from typing import Any

from record import latest

NAMES = {"scratch": "from scratch", "fine_tune": "trunk fine-tuned", "probe": "linear layer on the trunk"}


def percent(score: dict[str, Any]) -> str:
    low, high = score["top1_ci95"]
    return f"{score['top1']:.1f} % [{low:.1f}, {high:.1f}]"


def labels() -> str:
    """FER2013: a line a share of the labels and way."""
    record = latest("byol_labels")
    if record is None:
        return "Not measured yet: `python benchmarks/byol_labels.py`.\n"
    found = record["results"]
    lines = [
        "| labels | way | draws | steps | PublicTest | PrivateTest |\n",
        "| --- | --- | --- | --- | --- | --- |\n",
    ]
    for ways in found["table"].values():
        for way, row in ways.items():
            lines.append(
                f"| {row['labels']:,} | {NAMES[way]} | {row['draws']} | {row['steps']:,} of {row['batch']}"
                f" | {percent(row['PublicTest'])} | {percent(row['PrivateTest'])} |\n"
            )
    trunk = found["trunk"]
    return "".join(lines) + (
        "\nTop-1, n = 3,589 each; brackets are Wilson's 95 % for the mean count of the draws. Last epochs, nothing"
        f" chosen; rates set beforehand, not searched. One trunk of {trunk['parameters']:,} parameters:"
        f" {trunk['epochs']} epochs of BYOL on {trunk['n_train']:,} pictures, {trunk['minutes']:.0f} minutes on one"
        f" thread of a shared machine; deviation {trunk['val_std']:.2f}, nearest neighbours {trunk['val_knn']:.1f} %.\n"
        + source(record)
    )


def drawn() -> str:
    """Drawn faces: how much of the gap is closed, by labels."""
    record = latest("byol_synthetic")
    if record is None:
        return "Not measured yet: `python benchmarks/byol_synthetic.py`.\n"
    found = record["results"]
    lines = [
        "| labels | probe of a random trunk | probe of BYOL's trunk | supervised | of the gap closed | by seed |\n",
        "| --- | --- | --- | --- | --- | --- |\n",
    ]
    for n, row in found["labels"].items():
        ways = " | ".join(percent(row[way]) for way in ("random", "byol", "supervised"))
        seeds = ", ".join(f"{100 * c:.0f}" for c in row["closed_by_seed"])
        lines.append(f"| {int(n):,} | {ways} | {100 * row['closed']:.0f} % | {seeds} |\n")
    seeds = len(next(iter(found["labels"].values()))["closed_by_seed"])
    return "".join(lines) + (
        f"\nTop-1 on 2,000 faces of other people, {seeds} seeds; BYOL saw {found['faces_without_labels']:,} faces"
        f" {found['epochs_of_byol']} times, difficulty {found['difficulty']}.\n" + source(record)
    )


def source(record: dict[str, Any]) -> str:
    machine = record["machine"]
    return (
        f"`benchmarks/{record['benchmark']}.py`, {record['date'][:10]}, commit {record['commit']},"
        f" {machine['cores']} cores ({machine.get('cpu', '')}).\n"
    )
