"""A classifier's verdict over a generator's emotions, and what speaks against its independence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.evaluate.answers import answers_of
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictor import Predictor
from mien.images.crop import fit
from mien.labels import EMOTIONS
from mien.model_spec import ModelSpec


class Judge:
    """A model that names emotions, and never learned from the generator that it judges.

    Args:
        name: how it is called, in errors and results.
        predictor: the model.
        emotions: the generator's k, in its order; others that the judge knows are normalised away.
        labels: a label scheme, to pick one of several heads.

    Attributes:
        trained_on: the label scheme of the head that judges.

    Raises:
        MienError: a model without an emotion head, or whose head cannot tell one of these emotions from others.
    """

    def __init__(self, name: str, predictor: Predictor, emotions: Sequence[str], labels: str | None = None) -> None:
        answers = answers_of(name, predictor.spec, labels)
        self.columns = np.array([EMOTIONS.index(emotion) for emotion in emotions])
        for emotion, at in zip(emotions, self.columns, strict=True):
            if answers.column[at] != at or (answers.column == at).sum() > 1:
                raise MienError(
                    f"{name}: as a judge it must tell {emotion} from all others, which the generator makes; "
                    f"give a classifier of {', '.join(emotions)}"
                )
        self.name, self.predictor, self._answers = name, predictor, answers
        self.emotions, self.trained_on = tuple(emotions), answers.head.trained_on

    def probabilities(self, faces: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float64]:
        """uint8 (n, h, w, c) of any size -> (n, k) over the generator's emotions, rows summing to 1."""
        logits = self.predictor.logits(fitted(faces, self.predictor.spec), batch)
        return renormalised(self._answers.probabilities(logits), self.columns)


def fitted(faces: NDArray[np.uint8], spec: ModelSpec) -> NDArray[np.uint8]:
    """uint8 (n, h, w, c) -> the size and colour that a model takes."""
    grey = faces[..., 0] if faces.shape[3] == 1 else faces
    return fit(grey, spec.height, spec.width, spec.colour)


def refuse_own(judge: str, generator: str) -> None:
    """Refuse a judge that lies in the generator's own run: its critic learned from its edits.

    Raises:
        MienError: such a judge.
    """
    own, asked = Path(generator), Path(judge)
    if not own.exists() or not asked.exists():
        return
    folder = own.resolve() if own.is_dir() else own.resolve().parent
    holds_run = (folder / "recipe.toml").is_file()
    if asked.resolve() == own.resolve() or (holds_run and asked.resolve().is_relative_to(folder)):
        raise MienError(
            f"{judge}: of the generator's own run, so it saw the generator; "
            "give a --judge that was trained without it, such as small-fer2013"
        )


def doubts(
    generator: ModelSpec,
    judge: str,
    judged_by: ModelSpec,
    data_sha256: str,
    split: str,
    *,
    data: str = "",
    generator_sha256: str = "",
) -> Iterator[str]:
    """What in the ModelSpecs speaks against an unbiased verdict, in sentences.

    Args:
        judge: the name or path that it was asked for by.
        data_sha256, data, split: what is judged on: its hash and name.
        generator_sha256: of the generator's file.
    """
    for key in ("variants", "more"):
        maker = (judged_by.training.get(key) or {}).get("generator") or {}
        if generator_sha256 and maker.get("sha256") == generator_sha256:
            yield f"{judge} learned from pictures of this very generator (data.{key}): it is no independent witness."
        elif maker and maker.get("name") == generator.name:
            yield f"{judge} learned from pictures of a generator called {generator.name} too (data.{key})."
    chooser = str(generator.training.get("judge", ""))
    if chooser and _same(chooser, judge, judged_by):
        yield (
            f"{judge} also chose the generator's epoch: its verdict is the best of many, and too good; "
            "judge by another classifier."
        )
    for who, spec in (("the generator", generator), (f"the judge {judge}", judged_by)):
        facts = spec.training
        if not facts.get("data_sha256"):
            yield f"the ModelSpec of {who} does not say what it learned from; whether it saw these faces is unknown."
        elif facts["data_sha256"] != data_sha256 and data and facts.get("data") == data:
            if split in (*_splits(facts.get("train")), facts.get("validation")):
                yield f"{who} learned from, or was chosen on, {split} of a {data} in another form: perhaps these faces."
        elif data_sha256 and facts.get("data_sha256") == data_sha256 and split in _splits(facts.get("train")):
            yield f"{who} learned from {split}, the faces that are edited here: not held out."
        elif data_sha256 and facts.get("data_sha256") == data_sha256 and facts.get("validation") == split:
            yield f"{who}'s epoch was chosen on {split}, the faces that are edited here."


def _splits(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    return (str(value),) if value else ()


def _same(chooser: str, judge: str, spec: ModelSpec) -> bool:
    """Whether two names mean one classifier: the same words, the same file, or the name inside it."""
    if chooser in (judge, spec.name):
        return True
    return Path(chooser).exists() and Path(judge).exists() and Path(chooser).resolve() == Path(judge).resolve()
