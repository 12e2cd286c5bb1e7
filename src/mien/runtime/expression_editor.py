"""ExpressionEditor: faces and points of an expression space in, the same people with other expressions out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.digest import digest_of
from mien.errors import MienError
from mien.images.read import Source
from mien.runtime import catalog
from mien.runtime.expression_space import ExpressionSpace
from mien.runtime.session import open_session, spec_inside

INPUTS, OUTPUT = ("crops", "codes"), "edited"
BATCH = 64


class ExpressionEditor:
    """A generator's ONNX file in ONNX Runtime on the CPU.

    Args:
        model: the path of an .onnx file that `mien export` wrote of a generator, or the name of a pulled one.
        threads: threads for one call; None leaves the choice to ONNX Runtime.

    Attributes:
        path, spec, space: the file, what it says of itself, and where the emotions lie.

    Raises:
        MienError: no such model, a model that makes no faces, or a file that breaks its promises.
    """

    def __init__(self, model: str | os.PathLike[str], *, threads: int | None = None) -> None:
        self.path: Path = catalog.find(os.fspath(model))
        self._session = open_session(self.path, threads)
        self.spec = spec_inside(self._session, self.path)
        self.space = ExpressionSpace.from_spec(self.spec)
        self._check()

    @property
    def name(self) -> str:
        """The generator's own name, or its file's."""
        return self.spec.name or self.path.stem

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the file: which generator made a picture."""
        return digest_of(self.path)

    def edit(self, crops: NDArray[np.uint8], codes: NDArray[np.float32], batch: int = BATCH) -> NDArray[np.uint8]:
        """Each face with the expression that stands at its code.

        Args:
            crops: uint8 (n, height, width, c) as the spec says; n may be 0.
            codes: float32 (n, d), or (d,) for all; -1..1 a coordinate.
            batch: faces that go through the generator at once.

        Returns:
            uint8, the shape of `crops`; the same faces whatever the batch, but for rounding.

        Raises:
            MienError: codes that lie outside the space.
            ValueError: crops or codes of another type, shape or number.
        """
        spec = self.spec
        if crops.dtype != np.uint8 or crops.shape[1:] != (spec.height, spec.width, spec.channels):
            raise ValueError(
                f"crops: {crops.dtype} {crops.shape}, expected uint8 (n, {spec.height}, {spec.width}, {spec.channels})"
            )
        codes = self.space.check(codes)
        if codes.ndim == 1:
            codes = np.broadcast_to(codes, (len(crops), len(codes)))
        if len(codes) != len(crops):
            raise ValueError(f"{len(codes)} codes for {len(crops)} crops")
        out = np.empty_like(crops)
        for start in range(0, len(crops), batch):
            part = slice(start, start + batch)
            feed = {"crops": np.ascontiguousarray(crops[part]), "codes": np.ascontiguousarray(codes[part])}
            (made,) = self._session.run([OUTPUT], feed)
            if not np.isfinite(made).all():
                raise MienError(f"{self.path}: makes what are no numbers; export the generator again")
            out[part] = np.clip(np.rint(made), 0, 255)
        return out

    def edit_photo(
        self,
        image: Source,
        *,
        emotion: str | None = None,
        intensity: float = 1.0,
        at: Sequence[float] | None = None,
        detector: str = "auto",
        face: int | None = None,
        all_faces: bool = False,
        way: str = "change",
    ) -> NDArray[np.uint8]:
        """A photograph with the expression of its largest face changed.

        Args:
            image: path, encoded bytes, PIL image, or uint8 array (h, w, 3) RGB or (h, w) grey.
            emotion, intensity: what it is to show, 0 (neutral) to 1; or
            at: a point of the space, d coordinates.
            detector, face, all_faces: see `mien.runtime.editing.EditablePhoto`.
            way: how the face is put back: "change" or "paste", see `mien.images.blend`.

        Returns:
            uint8 RGB of the picture's size. Mark it as edited wherever it goes.

        Raises:
            MienError: neither or both of `emotion` and `at`, one that the generator does not know, no such picture,
                or no face in it.
        """
        from mien.runtime.editing import EditablePhoto

        code = self.space.asked(emotion, intensity, at)
        return EditablePhoto(self, image, detector=detector, face=face, all_faces=all_faces).edited(code, way)

    def _check(self) -> None:
        inputs = {i.name: (i.type, list(i.shape[1:])) for i in self._session.get_inputs()}
        spec = self.spec
        promised = {
            "crops": ("tensor(uint8)", [spec.height, spec.width, spec.channels]),
            "codes": ("tensor(float)", [self.space.dims]),
        }
        outputs = {o.name: list(o.shape[1:]) for o in self._session.get_outputs()}
        if inputs != promised or OUTPUT not in outputs:
            raise MienError(
                f"{self.path}: takes {inputs} and gives {', '.join(outputs)}, a generator of its ModelSpec takes "
                f"{promised} and gives {OUTPUT}; export it again with `mien export`"
            )
