"""Faces as a table for people, on standard output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

    from mien.faces import Faces

SHOWN = 100
"""Rows shown on a terminal; a file holds all."""
PIPED_WIDTH = 160
"""Characters a line where standard output is no terminal: paths stay in one piece."""


def print_faces(results: list[Faces]) -> None:
    """Print a row a face on standard output: the likeliest emotion, the next one, the size of the box."""
    import numpy as np
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from mien.labels import EMOTIONS

    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, justify in (
        ("input", "left"), ("face", "right"), ("emotion", "left"), ("confidence", "right"), ("then", "left"),
        ("box", "right"),
    ):  # fmt: skip
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    rows = doubtful = 0
    shown = _short_names([faces.input for faces in results])
    for faces, name in zip(results, shown, strict=True):
        if not len(faces):
            table.add_row(name, "", Text("no face", style="dim"))
            rows += 1
        declined = np.zeros(len(faces), bool) if faces.abstain is None else faces.abstain
        doubtful += int(declined.sum())
        for i, top in enumerate(faces.top):
            if console.is_terminal and rows >= SHOWN:
                break
            likely = sorted(zip(faces.emotion[i], EMOTIONS, strict=True), key=lambda p: -p[0] if p[0] == p[0] else 1)
            left, over, right, under = faces.boxes[i]
            table.add_row(
                name,
                str(i),
                _named(top, declined[i]),
                f"{100 * float(faces.confidence[i]):.0f} %",
                Text(f"{likely[1][1]} {100 * likely[1][0]:.0f} %" if top else "", style="dim"),
                f"{right - left:.0f} x {under - over:.0f}",
            )
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
