"""What a video showed, a line a person, on standard output where no table was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.faces import Faces


@dataclass
class Seen:
    """One track: frames, seconds of the first and the last, and the sum of its faces' probabilities (8,)."""

    frames: int
    first: float | None
    last: float | None
    emotions: NDArray[np.float64]


class Tracks:
    """Adds up the faces of videos; memory grows with the number of tracks alone."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int | None], Seen] = {}

    def take(self, faces: Faces) -> None:
        """One frame."""
        import numpy as np

        for row in range(len(faces)):
            track = None if faces.track is None or faces.track[row] < 0 else int(faces.track[row])
            emotion = np.nan_to_num(faces.emotion[row].astype(np.float64))
            seen = self._seen.setdefault((faces.input, track), Seen(0, faces.time, faces.time, np.zeros(8)))
            seen.frames += 1
            seen.last = faces.time
            seen.emotions += emotion

    def show(self) -> None:
        """Print them."""
        from rich.console import Console
        from rich.table import Table

        from mien.cli.printed import PIPED_WIDTH
        from mien.labels import EMOTIONS

        if not self._seen:
            return
        console = Console()
        if not console.is_terminal:
            console = Console(width=PIPED_WIDTH)
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("video", "track", "frames", "from", "to", "on average"):
            table.add_column(name, justify="left" if name in ("video", "on average") else "right", overflow="fold")
        for (name, track), seen in self._seen.items():
            mean = seen.emotions / seen.frames
            likely = sorted(zip(mean, EMOTIONS, strict=True), reverse=True)[:2]
            table.add_row(
                name,
                "" if track is None else str(track),
                f"{seen.frames:,}",
                *("" if time is None else f"{time:.2f} s" for time in (seen.first, seen.last)),
                ", ".join(f"{emotion} {100 * p:.0f} %" for p, emotion in likely),
            )
        console.print(table)
