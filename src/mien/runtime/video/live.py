"""Faces of frames that come from a camera, one at a time, with ids that go from frame to frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mien.faces import Faces
from mien.runtime.tracking.appearance import looks, patches
from mien.runtime.tracking.tracker import Tracker
from mien.runtime.video.frames import Frame

if TYPE_CHECKING:
    from mien.runtime.analyzer import Analyzer


class Live:
    """Analyses frames in the order of their time. A camera has no scene cuts.

    Args:
        analyzer: finds and classifies.
        name: what the table calls the input.
        track: give ids.
    """

    def __init__(self, analyzer: Analyzer, name: str, *, track: bool = True) -> None:
        self._analyzer, self._name = analyzer, name
        self._tracker = Tracker() if track else None

    def __call__(self, frame: Frame) -> Faces:
        """The faces of one frame that has a picture."""
        assert frame.image is not None
        found = replace(self._analyzer.detect(frame.image), input=self._name, frame=frame.number, time=frame.time)
        (faces,), (embedding,) = self._analyzer.classified([found], [self._analyzer.crops(frame.image, found)])
        if self._tracker is None:
            return faces
        look = looks(patches(frame.image, faces.boxes), embedding)
        return replace(faces, track=self._tracker.update(faces.boxes, look, frame.time or 0.0))
