"""The README's tables and picture of what people install beside what is bundled here, from `peers.py`'s record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from doc_tables import missing, source, table
from record import every, latest

PLOT = Path(__file__).parents[1] / "docs/images/peers.svg"
NOT = "-"
TIMED = ("mien small-fer2013", "mien nano-fer2013", "fer")
"""Of which `processors` tells the time a face."""


def nets() -> str:
    """Each net on PrivateTest's faces as they are: how often it is right, and what that costs."""
    record = latest("peers")
    if record is None:
        return missing("peers.py")
    r = record["results"]
    rows = []
    for name, one in _by_accuracy(r["nets"]):
        low, high = one["top1_ci95"]
        alone = one["deduplicated"]
        rows.append((
            _code(name), f"{one['top1']:.2f} % [{low:.1f}, {high:.1f}]", f"{alone['top1']:.2f} %",
            f"{one['macro_f1']:.1f} %", f"{one['ms']['median']:.2f} ms", f"{one['faces_per_s']:,}",
        ))  # fmt: skip
    n, alone = rows_of(r)
    columns = ("net", f"accuracy (n {n:,})", f"without twins in other splits (n {alone:,})", "macro-F1",
               "a face alone", "faces/s, best batch")  # fmt: skip
    return table(columns, rows) + _cores(record) + source(record)


def packages() -> str:
    """Whole packages: a picture, a video, and what they take."""
    record = latest("peers")
    if record is None:
        return ""
    r = record["results"]
    rows = []
    for name, one in _by_accuracy(r["nets"]):
        whole = one["whole"]
        if not whole:
            continue
        size = r["megabytes"].get(name.split()[0])
        video = whole.get("video")
        rows.append((
            _code(name), _ms(whole.get("picture")), _ms(whole.get("pixels")), str(whole["pixels"]["found"]),
            f"{video['frames_per_s']:.0f}" if video else NOT, f"{one['ready_s']:.1f} s", f"{one['peak_mb']:,.0f} MB",
            f"{size:,.0f} MB" if size else NOT,
        ))  # fmt: skip
    columns = ("package and net", "a JPEG of 1000 x 667", "its pixels", "faces found of 5", "video, frames/s",
               "until ready", "peak memory", "on disk")  # fmt: skip
    return table(columns, rows) + source(record)


def processors() -> str:
    """What the same nets take on processors with other instructions: the newest record of each kind."""
    newest = {tuple(record["machine"]["flags"]): record for record in every("peers")}
    if not newest:
        return missing("peers.py")
    rows = []
    for flags, record in sorted(newest.items()):
        found = record["results"]["nets"]
        times = [f"{found[name]['ms']['median']:.2f} ms" if name in found else NOT for name in TIMED]
        measured = f"{record['date'][:10]}, {record['commit']}"
        rows.append((f"{record['machine'].get('cpu', '')}: {', '.join(flags)}", *times, measured))
    columns = ("processor", *map(_code, TIMED), "measured, at commit")
    return table(columns, rows) + "\nA face alone on two cores; medians, by `benchmarks/peers.py`.\n"


def plot(path: Path = PLOT) -> None:
    """Accuracy over milliseconds, each net a point with its interval."""
    record = latest("peers")
    if record is None:
        return
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "mien"  # the same bytes each time
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.2))
    for name, one in record["results"]["nets"].items():
        ours, (low, high) = name.startswith("mien "), one["top1_ci95"]
        x, y = one["ms"]["median"], one["top1"]
        axes.errorbar(x, y, yerr=[[y - low], [high - y]], fmt="o", color="C0" if ours else "0.5", capsize=3)
        axes.annotate(name.removeprefix("mien "), (x, y), xytext=(6, 5), textcoords="offset points")
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds a face, one at a time")
    axes.set_ylabel("accuracy on PrivateTest, %")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def rows_of(results: dict[str, Any]) -> tuple[int, int]:
    """Rows judged, and those among them that stand in no other split."""
    one = next(iter(results["nets"].values()))
    return one["n"], one["deduplicated"]["n"]


def _by_accuracy(found: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(found.items(), key=lambda pair: -pair[1]["top1"])


def _code(name: str) -> str:
    return f"mien `{name.removeprefix('mien ')}`" if name.startswith("mien ") else name


def _ms(found: dict[str, Any] | None) -> str:
    return f"{1000 * found['seconds']:.1f} ms" if found else NOT


def _cores(record: dict[str, Any]) -> str:
    cores, flags = record["results"]["cores"], ", ".join(record["machine"]["flags"])
    return (
        f"\nEach on {cores} cores, by turns; times are medians. Other packages may have learnt from these rows. The"
        f" processor has {flags}: [others](docs/speed.md#processors) take other times, int8 nets above all.\n"
    )
