"""Made variants of faces, such as a generator's: a random one of a face's own, or all of them as more faces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mien.datasets.concatenate import concatenate
from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.datasets.picture_key import picture_keys
from mien.datasets.variants import PICTURE, is_variants_folder, read_facts
from mien.errors import MienError
from mien.images.crop import fit
from mien.lab.augment.draw import Draw
from mien.lab.train.batches import FaceTensors
from mien.lab.train.recipe import Data, Input


class Variants:
    """The made pictures of each face to learn from.

    Args:
        faces: the faces to learn from; `row` is what a variant names its source by.
        made: pictures whose `made_from` says the row each was made from; rows of other faces, and real ones
            (-1), are left aside.
        schemes: labels that are learnt: pictures of another emotion than their face's are left aside too. ()
            takes a face's pictures whatever they show.
        key: the recipe's key that names `made`, for messages.

    Raises:
        MienError: not one variant of these faces.
    """

    def __init__(
        self,
        faces: FaceSet,
        made: FaceSet,
        settings: Input,
        device: torch.device,
        *,
        schemes: Sequence[str] = (),
        key: str = "byol.variants",
    ) -> None:
        first, which, owner = _owners(faces, made, key)
        if schemes:
            scheme = _shared(made, schemes, key)
            same = (owner >= 0) & (made.hard(scheme) == faces.hard(scheme)[first][owner])
            if not same.any():
                raise MienError(f"{key}: {made.name} shows no face's own emotion; name it in data.more")
            owner = np.where(same, owner, -1)
        kept = np.flatnonzero(owner >= 0)
        order = kept[np.argsort(owner[kept], kind="stable")]
        self.pictures = FaceTensors(made.select(order), (), settings, device)  # a face's own together
        counts = np.bincount(owner[order], minlength=len(first))
        self.counts = torch.from_numpy(counts[which]).to(device)
        self.first = torch.from_numpy((np.cumsum(counts) - counts)[which]).to(device)

    def pick(self, rows: Tensor, originals: Tensor, draw: Draw, probability: float = 1.0) -> Tensor:
        """A random variant of each face, itself where it has none.

        Args:
            rows: (n,) int64 positions of the faces.
            originals: (n, c, h, w) uint8.
            probability: of a face being replaced at all.

        Returns:
            (n, c, h, w) uint8.
        """
        counts = self.counts[rows]
        chosen = torch.minimum((draw.uniform(0, 1) * counts).long(), (counts - 1).clamp_min(0))
        where = (self.first[rows] + chosen).clamp_max(len(self.pictures) - 1)
        replaced = counts > 0
        if probability < 1:
            replaced = replaced & draw.chance(probability)
        return torch.where(replaced[:, None, None, None], self.pictures.picked(where), originals)


def variants_of(
    faces: FaceSet, data: Data, settings: Input, device: torch.device, schemes: Sequence[str]
) -> Variants | None:
    """The variants that a recipe's `data.variants` names; None where it names none.

    Raises:
        MienError: a folder that cannot be read, of other labels, or without a variant of these faces.
    """
    if not data.variants:
        return None
    made = load_dataset(data.variants)
    return Variants(faces, made, settings, device, schemes=schemes, key="data.variants")


def with_more(faces: FaceSet, source: str, schemes: Sequence[str]) -> FaceSet:
    """Faces to learn from, with the pictures behind them that were made from one of them; others are left aside.

    Args:
        source: a recipe's `data.more`.
        schemes: labels that are learnt, one of which the made pictures must have; () asks for none.

    Raises:
        MienError: a set that cannot be read, of other labels, without a picture made from these faces, or faces
            that stand in files of their own.
    """
    made = load_dataset(source)
    if schemes:
        _shared(made, schemes, "data.more")
    if faces.pixels is None or made.pixels is None:
        raise MienError("data.more: made pictures go with a data set of pixels; convert it to Parquet first")
    chosen = made.select(_owners(faces, made, "data.more").owner >= 0)
    assert chosen.pixels is not None
    if chosen.pixels.shape[1:] != faces.pixels.shape[1:]:
        colour, (height, width) = "grey" if faces.pixels.ndim == 3 else "rgb", faces.pixels.shape[1:3]
        fitted = fit(chosen.pixels, height, width, colour)
        chosen = chosen.replace(pixels=fitted[..., 0] if colour == "grey" else fitted)
    return concatenate([faces, chosen])


def made_facts(data: Data) -> dict[str, Any]:
    """What a ModelSpec says of the made pictures that a network learnt from; {} where there were none."""
    found: dict[str, Any] = {}
    for key, source in (("variants", data.variants), ("more", data.more)):
        if source:
            found[key] = {"path": source}
            if is_variants_folder(Path(source)):
                settings = read_facts(Path(source))["settings"]
                told = ("mode", "num_augments", "sampling", "radius", "seed", "labels", "generator", "judge")
                found[key] |= {name: settings[name] for name in told if settings.get(name) is not None}
    if data.variants:
        found["variants"]["probability"] = data.variants_probability
    return found


class _Owners(NamedTuple):
    """Whose pictures are whose. Faces that are the same row, named twice by an index, are one."""

    first: NDArray[np.int64]  # (k,) the position of each of the k different faces
    which: NDArray[np.int64]  # (n,) which of the k each face is
    owner: NDArray[np.int64]  # (m,) of which of the k each picture was made, -1 for none


def _owners(faces: FaceSet, made: FaceSet, key: str) -> _Owners:
    """A picture is a face's where it names its row and, where it says what it was made from, that still stands there:
    rows of two files may have one number, and a data set may have changed.
    """
    told = np.char.startswith(made.group, PICTURE)
    keys = np.char.add(PICTURE, picture_keys(faces)) if told.any() else np.full(len(faces), "")
    first: list[int] = []
    which = np.empty(len(faces), np.int64)
    names: dict[tuple[int, str], int] = {}
    for at, row in enumerate(faces.row.tolist()):
        # a picture of data.more counts its rows in a folder of its own: no variant is meant by them
        name = (row, str(keys[at])) if faces.made_from[at] < 0 else (-1 - at, "")
        which[at] = names.setdefault(name, len(first))
        if which[at] == len(first):
            first.append(at)
    owner = np.full(len(made), -1, np.int64)
    by_row = {row: number for (row, _), number in names.items()}
    for at in np.flatnonzero(made.made_from >= 0).tolist():
        row = int(made.made_from[at])
        owner[at] = names.get((row, str(made.group[at])), -1) if told[at] else by_row.get(row, -1)
    if not (owner >= 0).any():
        raise MienError(
            f"{key}: {made.name} holds no picture made from a row of {faces.name}'s training split;"
            " its column made_from must name such rows"
        )
    return _Owners(np.array(first, np.int64), which, owner)


def _shared(made: FaceSet, schemes: Sequence[str], key: str) -> str:
    """The label scheme that is learnt and that the pictures were made by."""
    for scheme in schemes:
        if scheme in made.emotion_schemes:
            return scheme
    raise MienError(
        f"{key}: {made.name} has {', '.join(made.emotion_schemes) or 'no'} labels, no head learns these"
        f" ({', '.join(schemes)}); make it with --labels {schemes[0]}"
    )
