"""What a person looks at while a generator learns: the same faces edited, and the space as it grew."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.lab.gan.generator import Generator
from mien.lab.gan.validation import Validation, pixels_of
from mien.model_spec import ModelSpec
from mien.runtime.expression_space import NEUTRAL, ExpressionSpace

_FACES = 8
_STEPS = 6  # intensities on a strip


class Sheets:
    """Writes `edits-EPOCH.png`, `intensity-EPOCH.png` and `space.png` into a folder."""

    def __init__(self, folder: Path, validation: Validation) -> None:
        self.folder, self.validation = folder, validation

    def draw(
        self, net: Generator, spec: ModelSpec, epoch: int, history: list[tuple[int, list[list[float]]]], bf16: bool
    ) -> None:
        """All of them, of the network as it stands."""
        from mien.plots.edit_sheet import plot_edit_sheet
        from mien.plots.expression_space import plot_expression_space

        self.folder.mkdir(exist_ok=True)
        faces, edits = self.validation.edits(net, bf16)
        chosen = np.linspace(0, len(faces) - 1, min(_FACES, len(faces))).round().astype(int)
        made = np.stack([pixels_of(part[chosen]) for part in edits], 1)
        originals = pixels_of(faces[chosen])
        plot_edit_sheet(
            originals, made, net.space.emotions, self.folder / f"edits-{epoch:04d}.png", title=f"epoch {epoch}"
        )
        self._strip(net, epoch, bf16)
        space = ExpressionSpace.from_spec(spec)
        trail = [(at, np.asarray(places, np.float32)) for at, places in history]
        plot_expression_space(space, self.folder / "space.png", history=trail, title=f"epoch {epoch}")

    def _strip(self, net: Generator, epoch: int, bf16: bool) -> None:
        """One neutral face, or else the first, towards each emotion in steps of intensity."""
        from mien.plots.edit_sheet import plot_edit_sheet

        faces = self.validation.tensors
        neutral = (self.validation.labels == net.space.emotions.index(NEUTRAL)).nonzero()[:, 0]
        row = self.validation.rows[neutral[:1] if len(neutral) else slice(1)]
        face = faces.plain(row.to(faces.device))
        names = [name for name in net.space.emotions if name != NEUTRAL]
        levels = np.linspace(0, 1, _STEPS)
        made = np.stack(
            [
                np.concatenate(
                    [pixels_of(self.validation.made(net, face, net.space.code(name, float(s)), bf16)) for s in levels]
                )
                for name in names
            ]
        )
        originals = np.repeat(pixels_of(face), len(names), 0)
        labels = [f"{s:.1f}" for s in levels]
        target = self.folder / f"intensity-{epoch:04d}.png"
        plot_edit_sheet(originals, made, labels, target, title=", ".join(names))
