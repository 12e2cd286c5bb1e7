"""The table of docs/speed.md from the record of esr_speed.py."""

from __future__ import annotations

from typing import Any

from doc_tables import missing, source, table
from record import latest

NAMES = {"esr9": "ESR-9", "esr15": "ESR-15", "esrstar9": "ESR\\*-9", "esrstar15": "ESR\\*-15"}
OPENDR = {"esr9": 22.23, "esr15": 13.86, "esrstar9": 5.24, "esrstar15": 3.38}
"""Evaluations a second on a processor, as OpenDR's documentation has them."""
ENGINES = {
    "torch": "torch, eager",
    "torch-nhwc": "torch, eager, channels last",
    "onnx": "mien, float32",
    "onnx-int8": "mien, int8",
    "torch-cuda": "torch, eager, GPU",
}
COLUMNS = (
    "net", "engine", "evaluations a second", "of the faster eager one", "file", "peak memory", "GPU memory",
    "energy a face", "probabilities differ by at most (mean)", "same label", "top-1",
)  # fmt: skip


def speed() -> str:
    """A line a net and engine."""
    record = latest("esr_speed")
    if record is None:
        return missing("esr_speed.py")
    results = record["results"]
    rows = []
    for name, net in results["nets"].items():
        for key, found in net["engines"].items():
            rows.append((NAMES[name], ENGINES[key], *_measured(found, key == "torch")))
    kept = [i for i in range(len(COLUMNS)) if i not in (6, 7) or any(row[i] != "not measured" for row in rows)]
    dropped = [COLUMNS[i] for i in range(len(COLUMNS)) if i not in kept]
    text = table([COLUMNS[i] for i in kept], [[row[i] for i in kept] for row in rows])
    lines = [f"Not measured, since this machine does not tell: {', '.join(dropped)}."] if dropped else []
    return text + "\n" + " ".join([*_told(results), *lines]) + "\n" + source(record)


def _measured(found: dict[str, Any], reference: bool) -> tuple[str, ...]:
    away = found["difference"]
    return (
        f"{found['per_second']:.1f}",
        f"{found['ratio']:.2f}",
        f"{found['megabytes']:.1f} MB",
        f"{found['peak_mb']:.0f} MB",
        "not measured" if found["gpu_mb"] is None else f"{found['gpu_mb']:.0f} MB",
        "not measured" if found["joules"] is None else f"{found['joules']:.2f} J",
        "" if reference else f"{away['max']:.2g} ({away['mean']:.1g})",
        "" if reference else f"{100 * away['same']:.1f} %",
        f"{found['top1']:.1f} %",
    )


def _told(results: dict[str, Any]) -> list[str]:
    """What was run on what."""
    nets = results["nets"].values()
    one = next(iter(nets))
    n = one["engines"]["torch"]["n"]
    faces = one["engines"]["torch"]["difference"]["n"]
    counts = sorted({net["training"]["epochs"] for net in nets})
    epochs = "one epoch" if counts == [1] else f"{', '.join(map(str, counts))} epochs"
    calibrated = one["training"]["int8"]["calibrated_on"]
    opendr = ", ".join(f"{NAMES[name]} {OPENDR[name]}" for name in results["nets"])
    return [
        f"Medians of {n} single faces, {results['threads']} threads, a process for each engine, by turns.",
        "Peak memory is the process's, with Python and all libraries.",
        f"The nets had learnt {one['training']['n_train']} drawn faces for {epochs}, int8 is calibrated on"
        f" {calibrated['n']} of them; differences and top-1 are of {faces} drawn faces of other people.",
        f"Published by OpenDR, on its own processor: {opendr}.",
    ]
