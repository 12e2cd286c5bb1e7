"""Whether a model's file is the one that was released, and whether it runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.digest import digest_of
from mien.errors import MienError
from mien.model_spec import ModelSpec
from mien.runtime.catalog import packaged
from mien.runtime.expression_editor import ExpressionEditor
from mien.runtime.expression_space import is_generator
from mien.runtime.session import OnnxModel, spec_of_file

SUMS = "SHA256SUMS"
"""Beside the bundled models: one line a file, the digest, two blanks, the name (`make sums` writes it)."""


def recorded(folder: Path) -> dict[str, str]:
    """File name -> digest, as written down in a folder; empty where nothing is.

    Raises:
        MienError: a line that is not a digest and a name.
    """
    path = folder / SUMS
    if not path.is_file():
        return {}
    sums = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise MienError(f"{path}:{number}: expected a sha256 digest and a file name; run `make sums`")
        sums[name] = digest
    return sums


def problems(path: Path) -> list[str]:
    """What is wrong with a model's file, one line each; empty where all is well.

    A bundled file must have the digest that was written down for it. Every file must open, hold a ModelSpec,
    and answer two different crops at once with finite numbers of the promised width, or if it is a generator with
    two different faces.
    """
    found = []
    if path in packaged().values():
        try:
            expected = recorded(path.parent).get(path.name)
        except MienError as error:
            found.append(str(error))
        else:
            if expected is None:
                found.append(f"{path}: no digest is written down for it in {SUMS}")
            elif digest_of(path) != expected:
                found.append(f"{path}: not the released file, its sha256 differs; install mien again")
    try:
        if is_generator(spec_of_file(path)):
            found += _edits(ExpressionEditor(path, threads=1))
        else:
            found += _runs(OnnxModel(path, threads=1))
    except MienError as error:
        found.append(str(error))
    return found


def _runs(model: OnnxModel) -> list[str]:
    spec, crops = model.spec, _two_crops(model.spec)
    try:
        outputs = model.run(crops)
    except Exception as error:  # ONNX Runtime's exceptions share no base class of their own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return [f"{model.path}: does not run: {reason}"]
    width = sum(len(head.labels) for head in spec.heads)
    if outputs.logits.shape != (2, width):
        return [f"{model.path}: logits {outputs.logits.shape}, expected (2, {width}); export it again"]
    if not all(np.isfinite(array).all() for array in outputs if array is not None):
        return [f"{model.path}: answers with numbers that are not finite; export it again"]
    return []


def _edits(editor: ExpressionEditor) -> list[str]:
    codes = np.stack([editor.space.neutral, editor.space.places[0]])
    try:
        editor.edit(_two_crops(editor.spec), codes)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return [f"{editor.path}: does not run: {reason}"]
    return []


def _two_crops(spec: ModelSpec) -> NDArray[np.uint8]:
    """A black one and a gradient, (2, h, w, c)."""
    shape = (2, spec.height, spec.width, spec.channels)
    crops = np.zeros(shape, np.uint8)
    crops[1] = np.linspace(0, 255, crops[1].size).reshape(shape[1:]).astype(np.uint8)
    return crops
