"""What `mien analyze` does around a video: its windows with a bar, and an annotated copy of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mien.faces import Faces
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.video.windows import Look, Window


def opened_windows(
    analyzer: Analyzer,
    path: Path,
    look: Look,
    state: dict[str, Any] | None,
    report: Callable[[int, int], None] | None,
) -> Generator[Window, None, None]:
    """The video's windows; `report` is called with frames done and frames in all where the file says how many."""
    from mien.runtime.video.facts import video_facts
    from mien.runtime.video.windows import windows

    total = video_facts(path).frames if report is not None else None
    for window in windows(analyzer, path, look, state):
        yield window
        if report is not None and total is not None:
            report(window.done, max(total, window.done))


class Spool:
    """Keeps a video's rows in a temporary file until its copy is drawn; nothing where no copy is wanted."""

    def __init__(self, folder: Path | None, path: Path) -> None:
        self._folder = folder
        self._file = None if folder is None else _temporary()

    def take(self, faces: Faces) -> None:
        if self._file is not None:
            self._file.writelines(json.dumps(row) + "\n" for row in faces.rows())

    def draw(self, path: Path, *, quiet: bool) -> None:
        """Write the copy."""
        from mien.cli.annotating import annotate_into

        if self._file is not None and self._folder is not None:
            self._file.seek(0)
            annotate_into(self._folder, path, _rows(self._file), quiet=quiet)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _temporary() -> IO[str]:
    return TemporaryFile("w+", encoding="utf-8", newline="\n")


def _rows(lines: Any) -> Iterator[dict[str, Any]]:
    for line in lines:
        yield json.loads(line)
