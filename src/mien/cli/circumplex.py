"""`mien analyze --circumplex`: the faces found, between valence and arousal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mien.faces import Faces
    from mien.model_spec import ModelSpec


class Circumplex:
    """Gathers valence and arousal of every face, two numbers each, and draws them at the end.

    Args:
        path: of the figure to be: png, pdf or svg.
        spec: of the model that analyses.

    Raises:
        MienError: another suffix, a model that says no valence and arousal, or no matplotlib; before any work.
    """

    def __init__(self, path: Path, spec: ModelSpec) -> None:
        from importlib.util import find_spec

        from mien.errors import MienError, MissingExtraError
        from mien.plots.figure import check_path

        self._path, self._model = check_path(path), spec.name
        if all(head.kind != "valence_arousal" for head in spec.heads):
            says = ", ".join(dict.fromkeys(head.kind for head in spec.heads))
            raise MienError(
                f"--circumplex {path}: model {spec.name} says {says}; it needs a head for valence and arousal"
            )
        if find_spec("matplotlib") is None:
            raise MissingExtraError("--circumplex", "plots", "matplotlib")
        self._valence: list[float] = []
        self._arousal: list[float] = []
        self._emotions: list[str | None] = []
        self._names: list[str] = []
        self._times: list[float] = []
        self._people: set[tuple[str, int]] = set()

    def take(self, faces: Faces) -> None:
        """Keep what was said of one picture's faces."""
        if faces.valence is None or faces.arousal is None:
            return
        name = Path(faces.input).name
        self._valence += faces.valence.tolist()
        self._arousal += faces.arousal.tolist()
        self._emotions += faces.top
        if faces.time is not None and faces.track is not None and (faces.track >= 0).all():
            self._times += [faces.time] * len(faces)
            self._people |= {(faces.input, track) for track in faces.track.tolist()}
        self._names += [name if len(faces) == 1 else f"{name} {i}" for i in range(len(faces))]

    def write(self) -> bool:
        """Draw the figure; False where there was no face to draw.

        Raises:
            MienError: a path that cannot be written.
        """
        from mien.plots.circumplex import plot_circumplex

        if not self._valence:
            return False
        n = len(self._valence)
        one = len(self._people) == 1 and len(self._times) == n  # a line in time joins one person's points, not several
        plot_circumplex(
            self._valence,
            self._arousal,
            self._path,
            time=self._times if one else None,
            emotions=self._emotions if any(self._emotions) else None,
            labels=self._names,
            title=f"Model {self._model}: {n:,} {'face' if n == 1 else 'faces'}",
        )
        return True
