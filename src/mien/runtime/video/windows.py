"""A video's frames -> their faces, a window of a few frames at a time, so that a run can go on where it was stopped.

Every window starts with a detection, its faces go through the model together, and whatever the next window needs of
this one is in its state. Results therefore do not depend on where a run was stopped.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.faces import Faces
from mien.runtime.tracking.appearance import looks, patches
from mien.runtime.tracking.cut import Cuts
from mien.runtime.tracking.flow import carried, copy_of
from mien.runtime.tracking.tracker import Tracker
from mien.runtime.video.decoding import Position
from mien.runtime.video.frames import Frame, read_frames

if TYPE_CHECKING:
    from mien.runtime.analyzer import Analyzer

WINDOW = 8
"""Frames looked at in a window, about: the next multiple of `detect_every`."""
PACE = 25.0
"""Frames a second that tracks reckon with where a container gives no times."""


@dataclass(frozen=True, slots=True)
class Look:
    """How to look at a video.

    Attributes:
        every, fps: which frames, see `read_frames`.
        detect_every: of the frames looked at, each so-many-th is searched for faces; in those between, faces are
            followed. A scene cut is searched always.
        track: give ids.
        link_cuts: know people again after a cut, by their looks alone.

    Raises:
        MienError: detect_every below 1, or link_cuts without tracks.
    """

    every: int = 1
    fps: float | None = None
    detect_every: int = 1
    track: bool = True
    link_cuts: bool = False

    def __post_init__(self) -> None:
        if self.detect_every < 1:
            raise MienError(f"detect_every {self.detect_every}: each first, second, ... frame; give 1 or more")
        if self.link_cuts and not self.track:
            raise MienError("linking over cuts needs tracks; leave out one of --link-cuts and --no-track")

    @property
    def window(self) -> int:
        """Frames in a window: a multiple of detect_every."""
        return self.detect_every * max(round(WINDOW / self.detect_every), 1)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Window(NamedTuple):
    """The faces of some frames, how many of the source's frames are done, and from where to go on behind them."""

    faces: list[Faces]
    done: int
    state: dict[str, Any]


class _Seen(NamedTuple):
    """One frame before the model and the tracker have spoken."""

    faces: Faces
    crops: NDArray[np.uint8]
    patches: NDArray[np.float32]  # (n, d), or (0, 0) without tracks
    begins: str  # of Cuts.look
    slots: NDArray[np.int64] | None  # rows of the last detection that these faces were carried from


def windows(
    analyzer: Analyzer,
    path: str | os.PathLike[str],
    look: Look | None = None,
    state: Mapping[str, Any] | None = None,
) -> Generator[Window, None, None]:
    """The windows of a video in order; memory does not grow with its length.

    Args:
        analyzer: finds and classifies.
        path: a video file.
        look: how to look at it.
        state: of the last window that was finished, to go on behind it; with the same analyzer, file and look.

    Raises:
        MienError: at the first window asked for: no video, or one that cannot be read.
    """
    look = look or Look()
    run = _Run(analyzer, os.fspath(path), look, state)
    frames = read_frames(
        path, every=look.every, fps=look.fps, start=run.position, max_pixels=analyzer.max_pixels
    )  # fmt: skip
    with closing(frames):
        while some := list(run.seen(islice(frames, look.window))):
            yield run.finished(some)


class _Run:
    """What goes from window to window."""

    def __init__(self, analyzer: Analyzer, name: str, look: Look, state: Mapping[str, Any] | None) -> None:
        self._analyzer, self._name, self._look = analyzer, name, look
        # a picture that is taken for a face as a whole is not searched, so nothing is saved by following it
        self._detect_every = 1 if analyzer.detector == "none" else look.detect_every
        self._cuts, self._tracker = Cuts(), Tracker(link_cuts=look.link_cuts)
        self.position: Position | None = None
        if state is not None:
            self.position = Position(**state["position"])
            self._cuts.restore(state["cuts"])
            self._tracker.restore(state["tracker"])

    def seen(self, frames: Iterator[Frame]) -> Iterator[_Seen]:
        """Boxes and crops of a window's frames; pictures are let go one by one."""
        before: tuple[NDArray[np.uint8], Faces, NDArray[np.int64]] | None = None
        for place, frame in enumerate(frames):
            self.position = frame.position
            about = {"input": self._name, "frame": frame.number, "time": frame.time}
            if frame.image is None:
                yield _Seen(Faces(**about, error=frame.error), self._analyzer.no_crops(), _NONE, "same", None)  # type: ignore[arg-type]
                continue
            begins = self._cuts.look(frame.image) if self._look.track or self._detect_every > 1 else "same"
            copy = copy_of(frame.image) if self._detect_every > 1 else None
            slots = None
            if before is None or copy is None or place % self._detect_every == 0 or begins != "same":
                faces = self._analyzer.detect(frame.image)
                held = np.arange(len(faces))
            else:
                faces, held = _followed(before[1], before[0], copy, before[2])
                slots = held
            if copy is not None:
                before = copy, faces, held
            faces = replace(faces, **about)  # type: ignore[arg-type]
            patch = patches(frame.image, faces.boxes) if self._look.track else _NONE
            yield _Seen(faces, self._analyzer.crops(frame.image, faces), patch, begins, slots)

    def finished(self, seen: list[_Seen]) -> Window:
        """The window with what the model says, and ids."""
        found, embeddings = self._analyzer.classified([s.faces for s in seen], [s.crops for s in seen])
        if self._look.track:
            found = list(self._with_ids(found, embeddings, seen))
        position = self.position or Position(0)
        state = {
            "position": position.as_dict(),
            "cuts": self._cuts.state(),
            "tracker": self._tracker.state(),
        }
        return Window(found, position.number, state)

    def _with_ids(
        self, found: list[Faces], embeddings: list[NDArray[np.float32]], seen: list[_Seen]
    ) -> Iterator[Faces]:
        last = np.zeros(0, np.int64)
        for faces, embedding, frame in zip(found, embeddings, seen, strict=True):
            if faces.error is not None:
                yield faces
                continue
            time = faces.time if faces.time is not None else (faces.frame or 0) / PACE
            if frame.begins == "cut":
                self._tracker.cut()
            elif frame.begins == "back":
                self._tracker.uncut()
            if frame.slots is None:
                last = ids = self._tracker.update(faces.boxes, looks(frame.patches, embedding), time)
            else:
                ids = last[frame.slots]
                self._tracker.carry(ids, faces.boxes, time)
            yield replace(faces, track=ids)


_NONE = np.zeros((0, 0), np.float32)


def _followed(
    faces: Faces, before: NDArray[np.uint8], after: NDArray[np.uint8], slots: NDArray[np.int64]
) -> tuple[Faces, NDArray[np.int64]]:
    """The faces of the frame before where they are now, from left to right, and their rows at the last detection."""
    assert faces.size is not None
    boxes, held = carried(before, after, faces.boxes, faces.size)
    keep = np.flatnonzero(held)
    keep = keep[np.argsort(boxes[keep, 0], kind="stable")]
    now = Faces(
        input="",
        boxes=boxes[keep],
        scores=faces.scores[keep],
        emotion=np.full((len(keep), faces.emotion.shape[1]), np.nan, np.float32),
        source=("tracked",) * len(keep),
        size=faces.size,
    )
    return now, slots[keep]
