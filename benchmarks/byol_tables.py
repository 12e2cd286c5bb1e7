"""The tables of docs/byol.md from the records of byol_labels.py and byol_synthetic.py."""

from __future__ import annotations

from typing import Any

from doc_tables import missing, source, table
from record import latest

NAMES = {"scratch": "from scratch", "fine_tune": "trunk fine-tuned", "probe": "linear layer on the trunk"}


def percent(score: dict[str, Any]) -> str:
    low, high = score["top1_ci95"]
    return f"{score['top1']:.1f} % [{low:.1f}, {high:.1f}]"


def labels() -> str:
    """FER2013: a line a share of the labels and way."""
    record = latest("byol_labels")
    if record is None:
        return missing("byol_labels.py")
    found = record["results"]
    rows = []
    for ways in found["table"].values():
        for way, row in ways.items():
            steps = f"{row['steps']:,} of {row['batch']}"
            splits = (percent(row[split]) for split in ("PublicTest", "PrivateTest"))
            rows.append((f"{row['labels']:,}", NAMES[way], str(row["draws"]), steps, *splits))
    trunk = found["trunk"]
    return table(("labels", "way", "draws", "steps", "PublicTest", "PrivateTest"), rows) + (
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
        return missing("byol_synthetic.py")
    found = record["results"]
    columns = (
        "labels", "probe of a random trunk", "probe of BYOL's trunk", "supervised", "of the gap closed", "by seed",
    )  # fmt: skip
    rows = []
    for n, row in found["labels"].items():
        ways = (percent(row[way]) for way in ("random", "byol", "supervised"))
        by_seed = ", ".join(f"{100 * c:.0f}" for c in row["closed_by_seed"])
        rows.append((f"{int(n):,}", *ways, f"{100 * row['closed']:.0f} %", by_seed))
    seeds = len(next(iter(found["labels"].values()))["closed_by_seed"])
    return table(columns, rows) + (
        f"\nTop-1 on 2,000 faces of other people, {seeds} seeds; BYOL saw {found['faces_without_labels']:,} faces"
        f" {found['epochs_of_byol']} times, difficulty {found['difficulty']}.\n" + source(record)
    )
