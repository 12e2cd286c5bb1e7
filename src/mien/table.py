"""The table: one row a face; a picture or frame without one keeps one row, one not read also says why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mien.labels import AFFECT, EMOTIONS

if TYPE_CHECKING:
    import pandas as pd

    from mien.faces import Faces

BOX = ("FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore")
BEFORE = ("input", "frame", "time", "face", "track", "success", "source", *BOX)
AFTER = ("emotion", "confidence", "abstain", "set")
COLUMNS: tuple[str, ...] = (*BEFORE, *EMOTIONS, *AFTER, "error")
"""The columns of a model with emotions only."""
SET_SEPARATOR = "|"
INTENSITY = "_intensity"
"""Behind a unit's name in the columns of a model that says both how likely and how strong it is."""

_WHOLE_NUMBERS = ("frame", "face", "track", "success", "abstain")
_WORDS = ("input", "source", "emotion", "set", "error")


def columns(
    *, affect: bool = False, action_units: Sequence[str] = (), intensity: Sequence[str] = ()
) -> tuple[str, ...]:
    """The columns for a model with these heads: COLUMNS, with `valence, arousal` and units before `error`.

    Args:
        action_units: the units whose probability it says, a column each.
        intensity: the units whose intensity it says: columns of the units' names where there are no probabilities,
            else beside those and with INTENSITY behind the name, so that no table mixes the two under one name.
    """
    strong = [f"{unit}{INTENSITY}" for unit in intensity] if action_units else intensity
    return (*COLUMNS[:-1], *(AFFECT if affect else ()), *action_units, *strong, COLUMNS[-1])


def columns_of(faces: Iterable[Faces]) -> tuple[str, ...]:
    """The columns that these results fill."""
    affect, units, strong = False, set[str](), set[str]()
    for found in faces:
        affect = affect or found.valence is not None
        units |= set(found.action_units)
        strong |= set(found.intensity)
    return columns(affect=affect, action_units=sorted(units), intensity=sorted(strong))


def kind(column: str) -> type[int] | type[float] | type[str]:
    """What a column holds where it is not empty."""
    return int if column in _WHOLE_NUMBERS else str if column in _WORDS else float


def rows(faces: Faces) -> Iterator[dict[str, Any]]:
    """One dict a face in the table's columns, or a single one with `success` 0. Empty cells are None.

    `frame` counts from 0, `time` is in seconds, boxes are pixels of the picture as displayed, scores and
    probabilities lie in 0..1, intensities in 0..5, `set` is the conformal set joined by `|`. A model that says no
    emotions leaves them, `emotion`, `confidence` and `set` empty.
    """
    if len(faces) == 0:
        empty = dict.fromkeys(columns_of([faces]))
        yield empty | {
            "input": faces.input, "frame": faces.frame, "time": faces.time, "success": 0, "error": faces.error,
        }  # fmt: skip
        return
    sources = faces.source or ("detected",) * len(faces)
    top, confidence = faces.top, faces.confidence
    for i, (left, over, right, under) in enumerate(faces.boxes.tolist()):
        row: dict[str, Any] = {
            "input": faces.input,
            "frame": faces.frame,
            "time": faces.time,
            "face": i,
            "track": None if faces.track is None or faces.track[i] < 0 else int(faces.track[i]),
            "success": 1,
            "source": sources[i],
            "FaceRectX": left,
            "FaceRectY": over,
            "FaceRectWidth": right - left,
            "FaceRectHeight": under - over,
            "FaceScore": float(faces.scores[i]),
        }
        row |= {name: _number(p) for name, p in zip(EMOTIONS, faces.emotion[i], strict=True)}
        row["emotion"] = top[i]
        row["confidence"] = _number(confidence[i])
        row["abstain"] = int(faces.abstain[i]) if faces.abstain is not None else 0
        row["set"] = SET_SEPARATOR.join(faces.conformal[i]) if faces.conformal else None
        if faces.valence is not None and faces.arousal is not None:
            row |= {"valence": _number(faces.valence[i]), "arousal": _number(faces.arousal[i])}
        row |= {unit: _number(faces.action_units[unit][i]) for unit in sorted(faces.action_units)}
        behind = INTENSITY if faces.action_units else ""
        row |= {f"{unit}{behind}": _number(faces.intensity[unit][i]) for unit in sorted(faces.intensity)}
        row["error"] = faces.error
        yield row


def to_dataframe(faces: Iterable[Faces]) -> pd.DataFrame:
    """The table of several results; whole-number columns with gaps are pandas' Int64."""
    import pandas as pd

    results = list(faces)
    names = columns_of(results)
    frame = pd.DataFrame([row for found in results for row in rows(found)], columns=list(names))
    dtypes = {int: "Int64", float: "float64", str: "object"}
    return frame.astype({name: dtypes[kind(name)] for name in names})


def _number(value: Any) -> float | None:
    return None if value != value else float(value)  # NaN alone differs from itself
