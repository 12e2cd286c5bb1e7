"""Tracks: the same face in one video, from frame to frame, through crossings and while it is hidden.

An id says that a face is the same as before in this video. It is given at the first sight, counts from 0 and is
never given again; it never says who somebody is. Motion and looks decide; after a scene cut all ids are new, unless
`link_cuts` asks to know people again by their looks alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.runtime.tracking.appearance import distances, evened
from mien.runtime.tracking.matching import LINKED, costs, pairs
from mien.runtime.tracking.motion import Motion

MEMORY = 3.0
"""Seconds for which somebody who is not seen is waited for."""
LEARNING = 0.1
"""Share of a new face in a track's looks, at least; the first ten count alike."""
APART = 0.1
"""Faces that share more than this with another (intersection over union) are half hidden: no looks are learnt."""
REMEMBERED = 64
"""Tracks of earlier shots that `link_cuts` compares with: the latest."""


@dataclass
class Track:
    """One face: its id, motion, mean looks (d,), and from how many faces these were learnt."""

    id: int
    motion: Motion
    look: NDArray[np.float64]
    learnt: int = 1

    def learn(self, look: NDArray[np.float64]) -> None:
        self.learnt += 1
        share = max(1 / self.learnt, LEARNING)
        self.look = evened(((1 - share) * self.look + share * look)[None])[0]

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.id, "motion": self.motion.as_dict(), "look": self.look.tolist(), "learnt": self.learnt}

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Track:
        return cls(int(said["id"]), Motion(**said["motion"]), np.array(said["look"], np.float64), int(said["learnt"]))


class Tracker:
    """Gives ids to the faces of a video's frames, in order.

    Args:
        link_cuts: after a scene cut, know people again by their looks alone.
        memory: seconds for which somebody who is not seen is waited for.
    """

    def __init__(self, *, link_cuts: bool = False, memory: float = MEMORY) -> None:
        self._link = link_cuts
        self._memory = memory
        self._next = 0
        self._tracks: list[Track] = []
        self._earlier: list[Track] = []
        self._ended: list[Track] = []  # by the last cut

    def cut(self) -> None:
        """Another scene begins: all tracks end."""
        if self._link:
            self._earlier = [*self._earlier, *self._tracks][-REMEMBERED:]
        self._ended, self._tracks = self._tracks, []

    def uncut(self) -> None:
        """It was a flash: the tracks that ended with it go on."""
        back = {track.id for track in self._ended}
        self._earlier = [track for track in self._earlier if track.id not in back]
        self._tracks, self._ended = self._ended, []

    def update(self, boxes: NDArray[np.float32], looks: NDArray[np.float64], time: float) -> NDArray[np.int64]:
        """Ids (n,) of the faces that were found in a frame.

        Args:
            boxes: (n, 4) left top right bottom in pixels.
            looks: (n, d) unit vectors, see `appearance.looks`.
            time: of the frame, in seconds.
        """
        self._tracks = [track for track in self._tracks if time - track.motion.time <= self._memory]
        ids = np.full(len(boxes), -1, np.int64)
        if len(boxes) == 0:
            return ids
        clear = _apart(boxes)
        if self._tracks:
            known = np.array([track.look for track in self._tracks])
            cost = costs([track.motion for track in self._tracks], known, boxes, looks, time)
            for row, face in pairs(cost):
                track = self._tracks[row]
                track.motion.update(boxes[face], time)
                if clear[face]:
                    track.learn(looks[face])
                ids[face] = track.id
        for face, back in self._linked(np.flatnonzero(ids < 0), looks):
            track = Track(back.id, Motion.of(boxes[face], time), back.look, back.learnt)
            self._tracks.append(track)
            ids[face] = track.id
        for face in np.flatnonzero(ids < 0).tolist():
            self._tracks.append(Track(self._next, Motion.of(boxes[face], time), looks[face]))
            ids[face] = self._next
            self._next += 1
        return ids

    def carry(self, ids: NDArray[np.int64], boxes: NDArray[np.float32], time: float) -> None:
        """Boxes (n, 4) that were followed from a frame to the next tell where the tracks of these ids are now."""
        at = {int(i): box for i, box in zip(ids, boxes, strict=True)}
        for track in self._tracks:
            if track.id in at:
                track.motion.update(at[track.id], time)

    def _linked(self, new: NDArray[np.int64], looks: NDArray[np.float64]) -> list[tuple[int, Track]]:
        """Of the faces that no track was found for, those who look like somebody before a cut."""
        if not self._earlier or len(new) == 0:
            return []
        cost = distances(np.array([track.look for track in self._earlier]), looks[new], halves=False)
        found = [
            (int(new[column]), self._earlier[row]) for row, column in pairs(np.where(cost <= LINKED, cost, np.inf))
        ]
        taken = {track.id for _, track in found}
        self._earlier = [track for track in self._earlier if track.id not in taken]
        return found

    def state(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return {
            "next": self._next,
            "tracks": [track.as_dict() for track in self._tracks],
            "earlier": [track.as_dict() for track in self._earlier],
            "ended": [track.as_dict() for track in self._ended],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state`."""
        self._next = int(state["next"])
        self._tracks, self._earlier, self._ended = (
            [Track.from_dict(said) for said in state[name]] for name in ("tracks", "earlier", "ended")
        )


def _apart(boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(n,) whether a box shares next to nothing with any other."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    inner = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    shared = inner.clip(0).prod(axis=2)
    np.fill_diagonal(shared, 0)
    return np.asarray((shared <= APART * (area[:, None] + area[None] - shared)).all(axis=1), np.bool_)
