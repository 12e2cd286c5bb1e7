"""Made variants of faces, such as a generator's: a random one of a face's own."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.augment.draw import Draw
from mien.lab.train.batches import FaceTensors
from mien.lab.train.recipe import Input


class Variants:
    """The made pictures of each face to learn from.

    Args:
        faces: the faces to learn from; `row` is what a variant names its source by.
        made: pictures whose `made_from` says the row each was made from; rows of other faces, and real ones
            (-1), are left aside.

    Raises:
        MienError: not one variant of these faces.
    """

    def __init__(self, faces: FaceSet, made: FaceSet, settings: Input, device: torch.device) -> None:
        place = {int(row): i for i, row in enumerate(faces.row)}
        owner = np.array([place.get(int(row), -1) if row >= 0 else -1 for row in made.made_from], np.int64)
        kept = np.flatnonzero(owner >= 0)
        if not len(kept):
            raise MienError(
                f"byol.variants: {made.name} holds no picture made from a row of {faces.name}'s training split;"
                " its column made_from must name such rows"
            )
        order = kept[np.argsort(owner[kept], kind="stable")]
        self.pictures = FaceTensors(made.select(order), (), settings, device)  # a face's own together
        counts = np.bincount(owner[order], minlength=len(faces))
        self.counts = torch.from_numpy(counts).to(device)
        self.first = torch.from_numpy(np.cumsum(counts) - counts).to(device)

    def pick(self, rows: Tensor, originals: Tensor, draw: Draw) -> Tensor:
        """A random variant of each face, itself where it has none.

        Args:
            rows: (n,) int64 positions of the faces.
            originals: (n, c, h, w) uint8.

        Returns:
            (n, c, h, w) uint8.
        """
        counts = self.counts[rows]
        chosen = torch.minimum((draw.uniform(0, 1) * counts).long(), (counts - 1).clamp_min(0))
        where = (self.first[rows] + chosen).clamp_max(len(self.pictures) - 1)
        return torch.where((counts > 0)[:, None, None, None], self.pictures.picked(where), originals)
