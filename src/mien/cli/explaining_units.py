"""`mien explain --by-unit`: each action unit's most wrong, most right and most doubtful faces, with their heat."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.datasets.face_set import FaceSet
    from mien.evaluate.explain.unit_faces import UnitHeadScores, UnitSheet

PICKS = 4
"""Faces of a kind where --rows says nothing."""


def run(
    model: str,
    data: str,
    methods: list[str],
    asked: dict[str, Any],
    out: Path,
    *,
    rows: int | None,
    load: dict[str, Any],
    device: str,
    quiet: bool,
) -> dict[str, Any]:
    """Judge a split, write a sheet for each unit and kind of face, and explain.json; returns what that holds.

    Raises:
        MienError: no --data, an option that does not go with it, or what `unit_faces` raises.
    """
    from mien.errors import MienError
    from mien.evaluate.explain.explainer import open_explainer
    from mien.evaluate.explain.methods import check_method
    from mien.evaluate.explain.unit_faces import judged_units, unit_sheets
    from mien.evaluate.progress import progress
    from mien.runtime.heat_drawing import rows_file

    if not data:
        raise MienError("--by-unit picks rows of a data set with units: give --data PATH in place of pictures")
    if asked["check"]:
        raise MienError("--check does not go with --by-unit: picked faces are no sample; check rows drawn at random")
    for method in methods:
        check_method(method, asked["layer"])
    explainer = open_explainer(model, device)
    faces, excluded = _loaded(data, load)
    name = Path(model).name
    with progress(f"{name} on {Path(data).name}", quiet) as told:
        scores, units = judged_units(
            explainer, name, faces, load["split"], asked["target"], excluded=excluded, progress=told
        )
    listed: dict[str, Any] = {}
    with progress("explaining", quiet) as told:
        for done, unit in enumerate(units):
            sheets = unit_sheets(explainer, faces, scores, unit, methods, layer=asked["layer"], k=rows or PICKS)
            for one in sheets:
                title = f"{unit}: most {one.sheet} · {name}"
                rows_file(out / _file(one), one.rows, methods, title)
            listed[unit] = _unit(scores, unit, sheets)
            if told:
                told(done + 1, len(units))
    document = {
        "model": model,
        "data": data,
        "head": scores.head,
        "kind": scores.kind,
        "n": scores.n,
        "methods": methods,
        "units": listed,
        "out": str(out),
    }
    _write(out / "explain.json", document)
    return document


def tell(document: dict[str, Any]) -> None:
    """A line a unit: how often it shows, and how much of the picked faces' heat lies where it acts."""
    from rich.console import Console
    from rich.table import Table

    from mien.cli.printed import PIPED_WIDTH

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPED_WIDTH)
    method = document["methods"][0]
    table = Table(box=None, pad_edge=False, header_style="dim")
    kinds = list(dict.fromkeys(one["sheet"] for unit in document["units"].values() for one in unit["sheets"]))
    for column in ("unit", "faces", "shown", "threshold", "its region", *(f"heat there, {kind}" for kind in kinds)):
        table.add_column(column, justify="left" if column == "unit" else "right")
    for unit, one in document["units"].items():
        share = {sheet["sheet"]: sheet["in_region"].get(method) for sheet in one["sheets"]}
        area = _percent(one["region"]["area"] if one["region"] else None)
        cut = "" if one["threshold"] is None else f"{one['threshold']:.2f}"
        table.add_row(unit, str(one["n"]), str(one["shown"]), cut, area, *(_percent(share.get(kind)) for kind in kinds))
    console.print(table)
    console.print(f"{method}, medians of picked faces: no sample. Regions are boxes in the square, not landmarks.")
    files = sum(len(one["sheets"]) for one in document["units"].values())
    console.print(f"{files} sheets and explain.json in {document['out']}", soft_wrap=True)


def _loaded(data: str, load: dict[str, Any]) -> tuple[FaceSet, NDArray[np.bool_] | None]:
    from mien.datasets.load import load_dataset
    from mien.evaluate.exclusions import read_exclusions

    faces = load_dataset(data, ferplus=load["ferplus"])
    return faces, read_exclusions(load["exclude"], len(faces)) if load["exclude"] is not None else None


def _file(one: UnitSheet) -> str:
    return f"{one.unit}-{one.sheet}.png"


def _unit(scores: UnitHeadScores, unit: str, sheets: Sequence[UnitSheet]) -> dict[str, Any]:
    from mien.evaluate.units.occurrence import UnitScores
    from mien.runtime.unit_regions import REGIONS, region_area

    u = scores.units.index(unit)
    region = {"area": round(region_area(unit), 4), "boxes": REGIONS[unit]} if unit in REGIONS else None
    return {
        "n": int(scores.scores.n[u]),
        "shown": int(scores.scores.positive[u]),
        "threshold": scores.thresholds[unit] if isinstance(scores, UnitScores) else None,
        "thresholds_from": scores.thresholds_from if isinstance(scores, UnitScores) else None,
        "region": region,
        "sheets": [_sheet(one) for one in sheets],
    }


def _sheet(one: UnitSheet) -> dict[str, Any]:
    import numpy as np

    faces = [
        {
            "row": pick.row,
            "kind": kind,
            "target": round(pick.target, 6),
            "said": round(pick.said, 6),
            "in_region": {method: _rounded(share[i]) for method, share in one.in_region.items()},
        }
        for i, (pick, kind) in enumerate(zip(one.picks, one.kinds, strict=True))
    ]
    middle = {
        method: _rounded(np.median(share[np.isfinite(share)])) if np.isfinite(share).any() else None
        for method, share in one.in_region.items()
    }
    return {"sheet": one.sheet, "file": _file(one), "in_region": middle, "faces": faces}


def _rounded(value: float) -> float | None:
    """JSON has no NaN."""
    return round(float(value), 4) if value == value else None


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _write(path: Path, document: dict[str, Any]) -> None:
    from mien.errors import MienError

    try:
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise MienError(f"{path.parent}: {error.strerror or error}; choose another --out") from error
