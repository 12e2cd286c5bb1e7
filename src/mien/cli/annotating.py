"""An annotated copy of a video from the command line, with a bar over its frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from mien.runtime.video.annotate import Annotated


def annotate_into(
    folder: Path, source: str | Path, rows: pd.DataFrame | Iterable[Mapping[str, Any]], *, quiet: bool
) -> Annotated:
    """Write the copy of `source` into a folder: `.mp4`, or `.mkv` where its sound does not fit into one.

    Args:
        rows: the table, or the video's rows by ascending frame.

    Raises:
        MienError: as `annotate_video`.
    """
    from mien.evaluate.progress import progress
    from mien.runtime.video.annotate import annotate_video, annotated_name

    out = annotated_name(source, folder)
    with progress(f"drawing {out.name}", quiet) as show:

        def told(done: int, frames: int | None) -> None:
            if show is not None and frames is not None:
                show(done, max(frames, done))

        return annotate_video(source, rows, out, progress=told)
