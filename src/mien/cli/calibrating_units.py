"""What `mien calibrate --head` does for heads of action units: a threshold for each unit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.errors import MienError

if TYPE_CHECKING:
    from mien.datasets.face_set import FaceSet
    from mien.evaluate.predictor import Predictor


def asks_for_units(predictor: Predictor, name: str, head: str | None) -> bool:
    """Whether the head has units; False for the head of emotions that is calibrated without asking.

    Raises:
        MienError: no such head, one for which there is nothing to calibrate, or none named of a model with units alone.
    """
    from mien.runtime.probabilities import UNIT_HEADS

    if head is None:
        units = next((one.name for one in predictor.spec.heads if one.kind in UNIT_HEADS), "")
        if units and predictor.spec.emotion_head is None:
            raise MienError(f"{name}: has no head of emotions; add --head {units} to fit its units' thresholds")
        return False
    found = predictor.spec.head(head)
    if found.kind in UNIT_HEADS:
        return True
    if found != predictor.spec.emotion_head:
        first = predictor.spec.emotion_head
        other = f" and {first.name!r}, its first of emotions," if first else ""
        raise MienError(f"{name}: --head {head}: heads of action units{other} are calibrated; {head!r} is {found.kind}")
    return False


def calibrate_units(
    predictor: Predictor,
    name: str,
    faces: FaceSet,
    head: str,
    split: str | None,
    *,
    exclude: Path | None,
    report: Path | None,
    out: Path | None,
    quiet: bool,
) -> dict[str, Any]:
    """Fit thresholds, store them in the model's file, and give what was found."""
    from mien.evaluate.calibrate.store import store
    from mien.evaluate.comparison import rounded
    from mien.evaluate.exclusions import read_exclusions
    from mien.evaluate.progress import progress
    from mien.evaluate.units.thresholds import with_thresholds

    excluded = None if exclude is None else read_exclusions(exclude, len(faces))
    with progress(Path(name).name, quiet) as told:
        spec, found = with_thresholds(
            predictor, name, faces, predictor.spec.head(head), split, excluded=excluded, progress=told
        )
    document: dict[str, Any] = rounded(found)
    document["file"] = str(store(name, spec, out))
    if report is not None:
        try:
            report.mkdir(parents=True, exist_ok=True)
            (report / "thresholds.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise MienError(f"{report}: {error.strerror or error}; choose a folder that can be written") from error
    return document


def tell_units(document: dict[str, Any]) -> None:
    """The thresholds, and F1 on the very faces that they were fitted on."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    d = document
    what = f"{d['model']}: thresholds of {d['head']} on {d['split']} of {d['data']}, n = {d['n']:,}"
    console.print(what, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("unit", "n", "shown", "threshold", "F1 at 0.5", "F1"):
        table.add_column(column, justify="right" if column != "unit" else "left")
    for unit, one in d["units"].items():
        told = ("-" if one[key] is None else f"{one[key]:.1f}" for key in ("f1_at_half", "f1"))
        table.add_row(unit, f"{one['n']:,}", f"{one['positive']:,}", f"{one['threshold']:.3f}", *told)
    console.print(table)
    console.print("F1 on the faces that the thresholds were fitted on, which flatters them", style="dim")
    console.print(f"stored in {d['file']}", soft_wrap=True)
