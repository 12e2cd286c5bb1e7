"""All that `mien data info` tells of a data set, as JSON has it and as lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.datasets.census import ClassCounts
    from mien.datasets.face_set import FaceSet
    from mien.datasets.picture_census import PictureCensus
    from mien.datasets.unit_census import UnitCounts


def describe(
    faces: FaceSet, pictures: PictureCensus, counts: Sequence[ClassCounts], units: UnitCounts | None = None
) -> dict[str, Any]:
    """All that is told of a data set, as JSON has it."""
    import numpy as np

    from mien.datasets.census import missing_values, split_counts
    from mien.datasets.protocols import fitting

    train, name = _training(faces)
    everything = pictures.pixels(np.ones(len(faces), np.bool_))
    unreadable = [{"row": row, "error": why} for row, why in pictures.faults.items()]
    return {
        "name": faces.name,
        "content": faces.content,
        "rows": len(faces),
        "splits": split_counts(faces),
        "subjects": _distinct(faces.subject),
        "groups": _distinct(faces.group),
        "protocols": [
            {"name": p.name, "folds": p.folds, "honest": p.honest, "leak": p.leak, "about": p.about}
            for p in fitting(faces)
        ],
        "labels": {one.scheme: one.to_dict() for one in counts},
        **(units.to_dict() if units else {"units": {}, "co_occurrence": None}),
        "pictures": pictures.to_dict(),
        "pixels": {"all": everything} | ({name: pictures.pixels(train)} if name else {}),
        "missing": missing_values(faces),
        "unreadable": unreadable,
    }


def _distinct(names: NDArray[np.str_]) -> int:
    import numpy as np

    return len(set(np.unique(names).tolist()) - {""})


def _training(faces: FaceSet) -> tuple[Any, str]:
    """(n,) rows of the only split to learn from, and its name; "" without one."""
    import numpy as np

    from mien.datasets.splits import role
    from mien.errors import MienError

    names = []
    for split in np.unique(faces.split).tolist():
        try:
            names += [split] if role(split) == "train" else []
        except MienError:
            continue
    name = names[0] if len(names) == 1 else ""
    return faces.split == name, name


def lines_of(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Pictures, pixels and what is missing, a line each."""
    seen, missing, n = told["pictures"], told["missing"], told["rows"]
    lines = []
    if seen["readable"]:
        sizes = ", ".join(f"{size} ({count:,})" for size, count in seen["sizes"].items())
        more = seen["distinct_sizes"] - len(seen["sizes"])
        grey = f", {seen['grey']:,} of them grey" if seen["colour"] == "mixed" else ""
        lines.append(
            ("pictures", f"{seen['readable']:,} {seen['colour']}{grey}: {sizes}" + (f", {more} more" * (more > 0)))
        )
        dark, bright = seen["darkest"], seen["brightest"]
        lines.append(
            (
                "brightness",
                f"row {dark['row']} darkest ({dark['mean']:.3f}), row {bright['row']} brightest "
                f"({bright['mean']:.3f}), {seen['constant']:,} of one value throughout",
            )
        )
    for name, pixels in told["pixels"].items():
        if pixels:
            values = [" ".join(f"{value:.4f}" for value in pixels[key]) for key in ("mean", "std")]
            lines.append(("pixels", f"{name}: mean {values[0]}, std {values[1]} of 0..1, {pixels['n']:,} pictures"))
    known = [f"{told[key]:,} {word}" for key, word in (("subjects", "subjects"), ("groups", "groups")) if told[key]]
    if known:
        lines.append(("people", ", ".join(known)))
    for one in told["protocols"]:
        folds = f", {one['folds']} folds" if one["folds"] > 1 else ""
        lines.append(("protocol", f"{one['name']}{folds}{'' if one['honest'] else ', LEAKS'}: {one['about']}"))
    for row in told["unreadable"][:3]:
        lines.append(("unreadable", f"row {row['row']}: {row['error']}"))
    if len(told["unreadable"]) > 3:
        lines.append(("unreadable", f"and {len(told['unreadable']) - 3:,} more"))
    absent = {key: missing[key] for key in ("split", "subject", "group", "votes", "box")} | missing["targets"]
    told_of = [f"{key} in {'all' if rows == n else f'{rows:,}'}" for key, rows in absent.items() if rows]
    lines.append(("missing", ", ".join(told_of) or "nothing"))
    return lines
