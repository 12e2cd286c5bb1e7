"""OpenDR's data sets of prepared AffectNet, for torch's DataLoader: faces in BGR and their labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as Pictures
from torch import Tensor
from torch.utils.data import Dataset

from mien.datasets.subset import quadrants
from mien.errors import MienError
from mien.images.read import read_image
from mien.lab.opendr.category import WORDS, word
from mien.lab.opendr.prepared import SETS, draw, read_names

Transforms = Callable[[Any], Any]
MEAN = (102.67609 / 255, 117.06477 / 255, 149.35457 / 255)
"""AffectNet's, of blue, green and red. OpenDR's code has them the other way round, for pixels that are BGR."""
STD = (60.435623 / 255, 61.907074 / 255, 69.18084 / 255)


class _Prepared(Dataset[tuple[Tensor, Any]]):
    """What both sets have in common. A picture is opened when it is asked for."""

    def __init__(
        self,
        idx_set: int = 0,
        max_loaded_images_per_label: int = 1000,
        transforms: Transforms | None = None,
        is_norm_by_mean_std: bool = True,
        base_path_to_affectnet: str | Path | None = None,
        seed: int = 0,
    ) -> None:
        root, most = base_path_to_affectnet, max_loaded_images_per_label
        if root is None:
            raise MienError("base_path_to_affectnet: name the folder that holds Training_Labeled and Validation")
        self.idx_set, self.max_loaded_images_per_label, self.transforms = idx_set, most, transforms
        self.base_path_to_affectnet = root
        self.mean, self.std = (MEAN, STD) if is_norm_by_mean_std else ((0.0,) * 3, (1.0,) * 3)
        found = read_names(Path(root), idx_set)
        self._label(found.codes, found.affect)
        rows = draw(self._groups, most, None if SETS[idx_set] == SETS[-1] else seed)
        if not len(rows):
            raise MienError(f"{root}: no labelled picture in {SETS[idx_set]}; prepare AffectNet again")
        self.paths = [found.paths[row] for row in rows]
        self._labels = self._labels[rows]

    _groups: NDArray[np.int64]
    _labels: NDArray[Any]

    def _label(self, codes: NDArray[np.int64], affect: NDArray[np.float32]) -> None:
        """Set `_groups`, by which pictures are drawn, -1 for those left out, and `_labels`."""
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.paths)

    def pixels(self, idx: int) -> NDArray[np.uint8]:
        """(h, w, 3) BGR, as OpenCV reads it.

        Raises:
            MienError: a picture that is missing or broken.
        """
        return np.ascontiguousarray(read_image(self.paths[idx])[..., ::-1])

    def __getitem__(self, idx: int) -> tuple[Tensor, Any]:
        """A face (3, h, w) float32, and its label."""
        picture: Any = Pictures.fromarray(self.pixels(idx))
        if self.transforms is not None:
            picture = self.transforms(picture)
        return self.online_normalization(picture), self._labels[idx]

    def online_normalization(self, x: Any) -> Tensor:
        """A picture (h, w, 3) in 0..255, or a tensor (3, h, w) in 0..1 -> (3, h, w), normalised."""
        if not isinstance(x, Tensor):
            x = torch.from_numpy(np.array(x, np.uint8)).permute(2, 0, 1).float() / 255
        mean, std = (torch.tensor(values)[:, None, None] for values in (self.mean, self.std))
        normalised: Tensor = (x - mean) / std
        return normalised

    def norm_input_to_orig_input(self, x: Tensor) -> Tensor:
        """What `__getitem__` gave (3, h, w) -> RGB in 0..1, to be looked at."""
        mean, std = (torch.tensor(values)[:, None, None] for values in (self.mean, self.std))
        return (x * std + mean).flip(0)


class AffectNetCategorical(_Prepared):
    """(face, class 0..7 in AffectNet's order) of the folders that `pre_process_affect_net` makes.

    Args:
        idx_set: 0 Training_Labeled, 1 Training_Unlabeled, 2 Validation.
        max_loaded_images_per_label: most pictures a class; of the training sets they are drawn at random.
        transforms: of a PIL picture, whose channels are BGR.
        is_norm_by_mean_std: normalise by AffectNet's mean and deviation; the learner's network takes 0..1, so False.
        base_path_to_affectnet: the folder of these three.
        seed: of the draw.

    Raises:
        MienError: no such folder, no picture with one of the eight emotions, or a name without labels.
    """

    num_labels = len(WORDS)

    def _label(self, codes: NDArray[np.int64], affect: NDArray[np.float32]) -> None:
        self._groups = np.where(codes < self.num_labels, codes, -1)
        self._labels = codes

    def __getitem__(self, idx: int) -> tuple[Tensor, int]:
        face, label = super().__getitem__(idx)
        return face, int(label)

    @staticmethod
    def get_class(idx: int) -> str:
        """OpenDR's name of a class: 1 -> Happy."""
        return word(idx)


class AffectNetDimensional(_Prepared):
    """(face, (valence, arousal) float32 in -1..1); most pictures a quadrant. Arguments as of AffectNetCategorical."""

    num_labels = 4

    def _label(self, codes: NDArray[np.int64], affect: NDArray[np.float32]) -> None:
        told = (np.abs(affect) <= 1).all(axis=1) & (codes < len(WORDS))
        self._groups = quadrants(*np.where(told[:, None], affect, np.nan).astype(np.float32).T)
        self._labels = affect
