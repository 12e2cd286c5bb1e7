"""`mien analyze --camera N`: the newest frames of a camera, in a window and into a table."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.formats import Writer
    from mien.runtime.video.windows import Look


def watch(
    number: int,
    analyzer: Analyzer,
    look: Look,
    writers: Sequence[Writer],
    *,
    show: bool,
    seconds: float | None,
    quiet: bool,
) -> None:
    """Analyse what a camera shows until the window is closed, the time is up or Ctrl-C, which ends it as well.

    Raises:
        MienError: no such camera, no display, or nothing to be done with what is found.
    """
    from mien.cli.analyzing import count, telling
    from mien.errors import MienError
    from mien.runtime.drawing import annotate
    from mien.runtime.video.camera import newest_frames, open_camera
    from mien.runtime.video.live import Live
    from mien.runtime.video.window import Window

    if not (show or writers):
        raise MienError("--camera shows nothing and writes nothing by itself; add --show or --out FILE")
    window = Window(f"mien: camera {number}") if show else None
    live = Live(analyzer, f"camera {number}", track=look.track)
    frames = faces = last = 0
    try:
        with closing(newest_frames(open_camera(number), seconds=seconds)) as coming:
            for frame in coming:
                found = live(frame)
                frames, faces, last = frames + 1, faces + len(found), frame.number
                with telling():
                    for writer in writers:
                        writer.write(found)
                if window is not None and frame.image is not None:
                    window.show(annotate(frame.image, found))
                    if not window.open:
                        break
    except KeyboardInterrupt:
        pass
    finally:
        if window is not None:
            window.close()
    if not quiet:
        dropped = max(last + 1 - frames, 0)
        typer.echo(f"{count(frames, 'frame')} · {dropped:,} dropped · {count(faces, 'face')}", err=True)
