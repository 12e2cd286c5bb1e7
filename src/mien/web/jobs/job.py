"""One video that was sent: where it stands, and its rows in a file, so that memory does not grow with it."""

from __future__ import annotations

import csv
import io
import json
import secrets
import shutil
import threading
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mien.runtime.formats.csv import cell

OVER = ("done", "failed", "cancelled")
PAGE = 1000
"""Rows of one answer at most."""


@dataclass(slots=True, eq=False)
class Job:
    """A video and what became of it.

    Attributes:
        folder: of its own, holding the video until it is analysed, and the rows.
        columns: of the table, for the CSV.
        frames, duration: as the file says; None where it does not.
        size, video_size: bytes of rows and of the video that count for the spool.
    """

    folder: Path
    options: dict[str, Any]
    columns: Sequence[str]
    frames: int | None
    duration: float | None
    name: str
    size: int = 0
    video_size: int = 0
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: str = "queued"
    error: str | None = None
    frames_done: int = 0
    started: float = 0.0
    ended: float = 0.0
    cancel: threading.Event = field(default_factory=threading.Event)
    _ends: array[int] = field(default_factory=lambda: array("Q"))  # of each row in the file

    @property
    def video(self) -> Path:
        return self.folder / "video"

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def rows(self) -> int:
        return len(self._ends)

    def end(self, state: str, error: str | None = None) -> None:
        """Nothing more will come of it; the video is deleted."""
        self.video.unlink(missing_ok=True)
        self.error, self.ended = error, time.monotonic()
        self.state = state

    def delete(self) -> None:
        """Remove all its files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def append(self, rows: list[dict[str, Any]], frame: int | None) -> int:
        """Write rows behind the others; returns their bytes. Only one thread writes."""
        lines = [json.dumps(row, allow_nan=False, separators=(",", ":")).encode() + b"\n" for row in rows]
        at = self._ends[-1] if self._ends else 0
        with (self.folder / "rows").open("ab") as stream:
            stream.write(b"".join(lines))
        for line in lines:  # readers see a row when it is in the file
            at += len(line)
            self._ends.append(at)
        if frame is not None:
            self.frames_done = frame + 1
        return sum(map(len, lines))

    def page(self, after: int) -> list[dict[str, Any]]:
        """Rows from number `after` on, PAGE at most."""
        last = min(self.rows, after + PAGE)
        if after >= last:
            return []
        start = self._ends[after - 1] if after else 0
        with (self.folder / "rows").open("rb") as stream:
            stream.seek(start)
            data = stream.read(self._ends[last - 1] - start)
        return [json.loads(line) for line in data.splitlines()]

    def csv(self) -> Iterator[str]:
        """The table so far, as `mien analyze` writes it, piece by piece."""
        after, last = 0, self.rows
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        while True:
            rows = self.page(after)[: last - after]
            writer.writerows([cell(row.get(name)) for name in self.columns] for row in rows)
            yield out.getvalue()
            out.seek(0)
            out.truncate()
            after += len(rows)
            if not rows or after >= last:
                return

    def told(self) -> dict[str, Any]:
        """As `schema.JobState` has it."""
        progress = None
        if self.frames:
            progress = min(self.frames_done / self.frames, 1.0)
        if self.state == "done":
            progress = 1.0
        eta = None
        if self.state == "running" and progress and self.frames_done > 0:
            eta = round((time.monotonic() - self.started) * (1 - progress) / progress, 1)
        return {
            "id": self.id,
            "state": self.state,
            "frames_done": self.frames_done,
            "frames": self.frames,
            "progress": None if progress is None else round(progress, 4),
            "eta_s": eta,
            "rows": self.rows,
            "error": self.error,
            "duration": self.duration,
        }
