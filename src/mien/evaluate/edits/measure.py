"""All scores of a generator's edits, measured on the same faces."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError, MissingExtraError
from mien.evaluate.comparison import rounded
from mien.evaluate.edits.identity import identity
from mien.evaluate.edits.judge import Judge, doubts
from mien.evaluate.edits.made import Editor, Made, make
from mien.evaluate.edits.monotone import monotone
from mien.evaluate.edits.reached import left_alone, reached
from mien.evaluate.edits.realism import LEAST, realism
from mien.evaluate.edits.reconstruction import reconstruction
from mien.evaluate.edits.rows import Rows, chosen_rows
from mien.evaluate.features import Embedder
from mien.evaluate.predictions import Progress
from mien.evaluate.predictor import Predictor
from mien.evaluate.scores import versions

FACES = 500
"""How many faces are edited unless somebody asks for more."""
LADDER = 100
"""How many of them are asked for every intensity: nine times the edits."""


@dataclass(frozen=True, slots=True)
class EditScores:
    """What is known of a generator's edits; each score is a table of its own, with n and interval.

    Attributes:
        generator, judge, features: their names; `generator_sha256` the digest of the generator's file, "" of others.
        data, data_sha256, split, labels: which faces.
        n, available: how many were edited, of how many that the split has.
        dropped: why rows of the split were not -> how many.
        emotions: the generator's k, in the order of all matrices.
        reached: see `reached.reached`; left_alone: see `reached.left_alone`.
        monotone, identity, reconstruction, realism: see the functions of these names; realism is None where there
            are too few faces, or torch-fidelity is not installed; `notes` say so.
        notes: what a reader of the scores must know, in sentences.
        made: what they were made from; not part of `to_dict`.
    """

    generator: str
    generator_sha256: str
    judge: str
    features: str
    data: str
    data_sha256: str
    split: str
    labels: str
    n: int
    available: int
    dropped: dict[str, int]
    seed: int
    emotions: list[str]
    reached: dict[str, Any]
    left_alone: dict[str, Any]
    monotone: dict[str, Any]
    identity: dict[str, Any]
    reconstruction: dict[str, Any]
    realism: dict[str, Any] | None
    notes: list[str]
    versions: dict[str, str]
    made: Made = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds them; numbers keep six digits."""
        return {f.name: rounded(getattr(self, f.name)) for f in fields(self) if f.name != "made"}


def measure(
    editor: Editor,
    faces: FaceSet,
    judge: Predictor,
    *,
    split: str | None = None,
    labels: str | None = None,
    features: Embedder | None = None,
    generator_name: str = "",
    judge_name: str = "",
    features_name: str = "",
    excluded: NDArray[np.bool_] | None = None,
    n: int | None = FACES,
    ladder: int | None = None,
    seed: int = 0,
    batch: int = 64,
    progress: Progress | None = None,
) -> EditScores:
    """Edit faces that the generator did not learn from towards each of its emotions, and judge the edits.

    Args:
        editor: the generator, such as an ExpressionEditor.
        faces: a whole data set.
        judge: names emotions; one that had no part in the generator's training.
        split: as for `mien.evaluate`: None takes the test split.
        labels: the label scheme; None takes the judge's.
        features: whose embeddings tell people apart and sets of pictures; None takes the judge's, which tells
            expressions before it tells people.
        generator_name, judge_name, features_name: how they are called in the result; their own names by default.
        excluded: (faces,) rows to leave out.
        n: how many faces, drawn at random; None takes all of the split.
        ladder: how many of them are asked for every intensity; None takes 100, or a fifth where that is more.
        seed: of the draw and of bootstrap intervals.
        batch: faces that go through the generator at once.
        progress: told how many edits are made, and of how many.

    Raises:
        MienError: a judge that does not know the generator's emotions, or no faces to edit.
    """
    emotions = editor.space.emotions
    judge_name = judge_name or judge.spec.name
    verdict = Judge(judge_name, judge, emotions, labels)
    rows = chosen_rows(faces, emotions, split, labels, trained_on=verdict.trained_on, excluded=excluded, n=n, seed=seed)
    embedder = features if features is not None else _embedder(judge, judge_name)
    features_name = features_name or (judge_name if features is None else embedder.spec.name)
    many = max(LADDER, len(rows.own) // 5) if ladder is None else ladder
    made = make(editor, rows, verdict, embedder, ladder=many, seed=seed, batch=batch, progress=progress)
    names = {"generator": generator_name or editor.spec.name, "judge": judge_name, "features": features_name}
    digest = faces.content or faces.digest()
    made_by = getattr(editor, "sha256", "")
    told = {"data": faces.name, "generator_sha256": made_by}
    notes = [*doubts(editor.spec, judge_name, judge.spec, digest, rows.split, **told)]
    notes += _notes(rows, made, embedder, features_name)
    return _scored(names, made_by, digest, rows, made, emotions, notes, seed)


def _scored(
    names: dict[str, str],
    generator_sha256: str,
    data_sha256: str,
    rows: Rows,
    made: Made,
    emotions: tuple[str, ...],
    notes: list[str],
    seed: int,
) -> EditScores:
    """All scores of what was made."""
    sets, missing = _realism(made, seed)
    return EditScores(
        **names,
        generator_sha256=generator_sha256,
        data=rows.faces.name,
        data_sha256=data_sha256,
        split=rows.split,
        labels=rows.labels,
        n=len(rows.own),
        available=rows.available,
        dropped=rows.dropped,
        seed=seed,
        emotions=list(emotions),
        reached=reached(made, emotions, seed),
        left_alone=left_alone(made),
        monotone=monotone(made, emotions, seed),
        identity=identity(made, emotions, rows.faces.subject, seed),
        reconstruction=reconstruction(made, seed),
        realism=sets,
        notes=[*notes, *missing],
        versions=versions(),
        made=made,
    )


def _embedder(judge: Predictor, name: str) -> Embedder:
    if not hasattr(judge, "embeddings"):
        raise MienError(f"{name}: gives no features; name a model that does as --features")
    return cast(Embedder, judge)


def _realism(made: Made, seed: int) -> tuple[dict[str, Any] | None, list[str]]:
    """The distances between sets, or why there are none."""
    try:
        found = realism(made, seed)
    except MissingExtraError as error:
        return None, [f"no KID and FID: {error}."]
    return found, [] if found else [f"no KID and FID: {len(made.own)} faces, {LEAST} are the least."]


def _notes(rows: Rows, made: Made, features: Embedder, name: str) -> list[str]:
    """What the numbers do not say by themselves."""
    notes = []
    if features.spec.emotion_head is not None:
        notes.append(
            f"identity is measured by the embedding of {name}, a classifier of emotions, which tells expressions "
            "before it tells people; --features MODEL takes another."
        )
    notes.append(
        f"KID and FID are over the embedding of {name}, not Inception's: comparable only with values over the same."
    )
    d, half = made.real.shape[1], len(made.own) // 2
    if LEAST // 2 <= half <= d:
        notes.append(
            f"FID: {half} faces a side for {d} features, so it is mostly bias; KID has none, or ask for more faces."
        )
    if not (rows.faces.subject != "").any():
        notes.append("the data set does not say who is who: every face counts as another person.")
    if missing := rows.dropped["not_in_generator"]:
        notes.append(f"{missing} faces show an emotion that the generator does not know, left out.")
    return notes
