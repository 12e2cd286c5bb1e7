"""Faces as a table for people, on standard output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mien.labels import AFFECT

if TYPE_CHECKING:
    from rich.text import Text

    from mien.faces import Faces

SHOWN = 100
"""Rows shown on a terminal; a file holds all."""
PIPED_WIDTH = 160
"""Characters a line where standard output is no terminal: paths stay in one piece."""


def print_faces(results: list[Faces]) -> None:
    """Print a row a face on standard output: what the model says of it, and the size of the box.

    Of emotions the likeliest and the next one, valence and arousal, and the units that are shown; columns of what
    this model does not say are left out.
    """
    import numpy as np
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    said = _what_is_said(results)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("input", "face", *said, "box"):
        justify = "right" if name in ("face", "confidence", *AFFECT, "box") else "left"
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    rows = doubtful = 0
    shown = _short_names([faces.input for faces in results])
    for faces, name in zip(results, shown, strict=True):
        if not len(faces):
            table.add_row(name, "", Text("no face", style="dim"))
            rows += 1
        doubtful += 0 if faces.abstain is None else int(np.sum(faces.abstain))
        for i, (left, over, right, under) in enumerate(faces.boxes):
            if console.is_terminal and rows >= SHOWN:
                break
            cells = _cells(faces, i)
            size = f"{right - left:.0f} x {under - over:.0f}"
            table.add_row(name, str(i), *(cells[column] for column in said), size)
            rows += 1
    console.print(table)
    if doubtful:
        one = "1 face" if doubtful == 1 else f"{doubtful} faces"
        console.print(
            f"? the model declines to name the emotion of {one}: likeliest, but not likely enough", style="dim"
        )
    total = sum(max(len(faces), 1) for faces in results)
    if total > rows:
        console.print(f"... and {total - rows} more rows; --out FILE.csv keeps all", style="dim")


def _what_is_said(results: list[Faces]) -> tuple[str, ...]:
    """The columns that these results fill; those of emotions where none is filled."""
    emotions = any(top for faces in results for top in faces.top)
    affect = any(faces.valence is not None for faces in results)
    units = any(faces.action_units or faces.intensity for faces in results)
    none = not (affect or units)
    return (
        *(("emotion", "confidence", "then") if emotions or none else ()),
        *(AFFECT if affect else ()),
        *(("units",) if units else ()),
    )


def _cells(faces: Faces, i: int) -> dict[str, Text | str]:
    """What each column says of face i."""
    from rich.text import Text

    from mien.runtime.face_lines import affect_lines, emotion_lines, units_named

    ranked = emotion_lines(faces, i)
    declined = faces.abstain is not None and bool(faces.abstain[i])
    then = f"{ranked[1].name} {ranked[1].said}" if len(ranked) > 1 else ""
    return {
        "emotion": _named(faces.top[i], declined),
        "confidence": ranked[0].said if ranked else "",
        "then": Text(then, style="dim"),
        **dict.fromkeys(AFFECT, ""),
        **{line.name: line.said for line in affect_lines(faces, i)},
        "units": units_named(faces, i) or Text("none", style="dim"),
    }


def _named(emotion: str | None, declined: bool) -> Text:
    from rich.text import Text

    from mien.runtime.palette import colour_of

    if declined and emotion:
        return Text(f"{emotion}?", style="dim")
    return Text(emotion or "no answer", style="rgb({},{},{})".format(*colour_of(emotion)))


def _short_names(inputs: list[str]) -> list[str]:
    """Inputs without their folders, where they can be told apart without."""
    names = [Path(name).name for name in inputs]
    return names if len(set(names)) == len(set(inputs)) else inputs
