"""What the tests of made pictures share: drawn faces, a tiny generator, and a plan of a few small shards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tests.runtime.generators import tiny_generator, tiny_spec

from mien.datasets.face_set import FaceSet
from mien.datasets.picture_key import picture_keys
from mien.datasets.synthetic import synthetic
from mien.evaluate.label_scheme import emotions_of
from mien.images.crop import fit
from mien.labels import EMOTIONS
from mien.runtime.expression_editor import ExpressionEditor
from mien.runtime.variants.make import Judge, Maker, Sources
from mien.runtime.variants.neighbourhood import neighbourhood
from mien.runtime.variants.plan import Plan, augment_plan
from mien.runtime.variants.shards import Shards

SIZE = 32


def drawn(n: int = 40, **settings: Any) -> FaceSet:
    return synthetic(n, seed=3, size=SIZE, splits={"Training": 0.7, "PublicTest": 0.3}, **settings)


def generator(folder: Path, **facts: Any) -> Path:
    path = folder / "tiny.onnx"
    return path if path.exists() else tiny_generator(path, tiny_spec(size=SIZE, **facts))


def sources_of(faces: FaceSet, editor: ExpressionEditor) -> Sources:
    assert faces.pixels is not None
    pixels, spec = faces.pixels, editor.spec
    return Sources(
        faces.row,
        picture_keys(faces),
        faces.hard("synthetic"),
        lambda at: fit(pixels[at], spec.height, spec.width, spec.colour),
    )


def made(
    folder: Path,
    out: Path,
    faces: FaceSet,
    *,
    number: int = 3,
    per_shard: int = 16,
    jobs: int = 1,
    judge: Judge | None = None,
    least: float = 0.0,
    progress: Any = None,
) -> tuple[Shards, Plan]:
    """Variants of these faces in a folder of small shards."""
    editor = ExpressionEditor(generator(folder), threads=1)
    near, sources = neighbourhood(editor.space, 0.2, 0.5), sources_of(faces, editor)
    plan = augment_plan(sources.label, near.known, number)
    settings = {
        "mode": "augment",
        "num_augments": number,
        "seed": 0,
        "labels": "synthetic",
        "generator": {"name": "tiny", "sha256": editor.sha256},
        "data": {"name": faces.name},
        "emotions": [EMOTIONS[k] for k in np.flatnonzero(emotions_of(faces, "synthetic"))],
        "height": SIZE,
        "width": SIZE,
        "colour": editor.spec.colour,
        "judge": None if judge is None else {"least": least},
    }
    shards = Shards(out, settings, len(plan), per_shard=per_shard)
    maker = Maker(editor, sources, plan, near, 0, judge=judge, least=least)
    maker.batch = 5  # several in a shard
    maker.run(shards, jobs=jobs, progress=progress)
    return shards, plan
