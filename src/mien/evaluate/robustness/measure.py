"""A model's scores as faces get worse, on the same faces at every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.answers import Answers, answers_of
from mien.evaluate.comparison import rounded
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.pixels import BOX_FACTOR
from mien.evaluate.predictions import Predictions, Progress, predict
from mien.evaluate.predictor import Predictor
from mien.evaluate.robustness.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from mien.images.crop import fit, square_crops, squares
from mien.images.read import read_image
from mien.score.accuracy import hits
from mien.score.calibration import expected_calibration_error
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1
from mien.score.intervals import wilson

FACES = 500
"""How many faces are looked at unless somebody asks for more."""


@dataclass(frozen=True, slots=True)
class Step:
    """Scores at one strength, 0 being the faces as they are; percentages, `top1_ci95` Wilson's interval."""

    strength: int
    level: float | None
    n: int
    top1: float
    top1_ci95: list[float]
    macro_f1: float
    ece: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One corruption.

    Attributes:
        about: what a level is.
        steps: of strengths 1 to 5.
        mean_top1: over these, in percent; relative_drop: how much of the clean top-1 that loses, in percent.
    """

    corruption: str
    about: str
    steps: list[Step]
    mean_top1: float
    relative_drop: float


@dataclass(frozen=True, slots=True)
class Robustness:
    """All corruptions on the same faces.

    Attributes:
        sampled: whether they are a sample of the split's rows; `rows` which, in the data set's own order.
        clean: the scores of these faces as they are.
        curves: one a corruption.
        mean_top1, relative_drop: over all corruptions and strengths, in percent.
    """

    model: str
    data: str
    data_sha256: str
    split: str
    labels: str
    n: int
    sampled: bool
    seed: int
    clean: Step
    curves: list[Curve]
    mean_top1: float
    relative_drop: float
    rows: list[int]

    def to_dict(self) -> dict[str, Any]:
        """For JSON; numbers keep six digits."""
        found: dict[str, Any] = rounded(asdict(self))
        return found


def robustness(
    name: str,
    predictor: Predictor,
    faces: FaceSet,
    split: str | None = None,
    *,
    n: int | None = FACES,
    labels: str | None = None,
    excluded: NDArray[np.bool_] | None = None,
    batch: int = 256,
    seed: int = 0,
    progress: Progress | None = None,
) -> Robustness:
    """Judge a model under every corruption at every strength.

    Args:
        name, predictor, faces, split, labels, excluded: as for `predict`.
        n: faces to look at, each class in its share of the split; None for all.
        batch: faces that are held and go through the model at once.
        seed: of the sample and of what is random in a corruption.
        progress: told how many pictures are done, and of how many.

    Raises:
        MienError: as `predict`; or `n` below 1.
    """
    found = predict(name, predictor, faces, split, labels=labels, excluded=excluded, batch=batch)
    return robustness_of(found, predictor, faces, n=n, batch=batch, seed=seed, progress=progress)


def robustness_of(
    predictions: Predictions,
    predictor: Predictor,
    faces: FaceSet,
    *,
    n: int | None = FACES,
    batch: int = 256,
    seed: int = 0,
    progress: Progress | None = None,
) -> Robustness:
    """As `robustness`, for a split that has been predicted already; `faces` is the whole data set."""
    kept = sample(predictions.targets, n, seed)
    targets, rows = predictions.targets[kept], predictions.rows[kept]
    classes = np.flatnonzero(predictions.emotions)
    answers = answers_of(predictions.model, predictor.spec, predictions.trained_on)
    variants = [(way, strength) for way in CORRUPTIONS for strength in STRENGTHS]
    said: dict[tuple[str, int], list[NDArray[np.float32]]] = {variant: [] for variant in variants}
    done, total = 0, len(rows) * len(variants)
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        groups = list(_own_size(faces, part))
        for way, strength in variants:
            crops = np.concatenate([_at_size(predictor, one, at, way, strength, seed) for one, at in groups])
            said[way, strength].append(_probabilities(answers, predictor, crops, batch))
            done += len(part)
            if progress:
                progress(done, total)
    place = np.searchsorted(classes, targets)
    clean = _step(0, None, place, renormalised(predictions.probabilities[kept], classes))
    curves = [
        _curve(
            way,
            [
                _step(s, CORRUPTIONS[way].levels[s - 1], place, renormalised(np.concatenate(said[way, s]), classes))
                for s in STRENGTHS
            ],
            clean,
        )
        for way in CORRUPTIONS
    ]
    mean = float(np.mean([curve.mean_top1 for curve in curves]))
    return Robustness(
        model=predictions.model,
        data=predictions.data,
        data_sha256=predictions.data_sha256,
        split=predictions.split,
        labels=predictions.labels,
        n=len(kept),
        sampled=len(kept) < len(predictions),
        seed=seed,
        clean=clean,
        curves=curves,
        mean_top1=mean,
        relative_drop=_drop(clean.top1, mean),
        rows=rows.tolist(),
    )


def sample(targets: NDArray[np.int64], n: int | None, seed: int = 0) -> NDArray[np.int64]:
    """Positions of n rows, rising, with each class in its share of all: top-1 of the sample estimates that of all.

    A class that has rows keeps at least one where n allows. All rows where n is None or not below their number.

    Raises:
        MienError: n below 1.
    """
    if n is not None and n < 1:
        raise MienError(f"robustness on {n} faces: give 1 or more")
    if n is None or n >= len(targets):
        return np.arange(len(targets))
    names, counts = np.unique(targets, return_counts=True)
    wanted = n * counts / len(targets)
    take = np.floor(wanted).astype(int)
    if n >= len(names):
        take = np.maximum(take, 1)
    while take.sum() < n:  # what rounding left over goes where most is missing
        take[np.argmax(wanted - take)] += 1
    while take.sum() > n:
        take[np.argmax(np.where(take > 1, take - wanted, -np.inf))] -= 1
    random = np.random.default_rng(seed)
    chosen = [random.permutation(np.flatnonzero(targets == name))[:k] for name, k in zip(names, take, strict=True)]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def _own_size(faces: FaceSet, rows: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """Faces as they are stored, (m, h, w[, 3]), with their rows: all at once, or file by file."""
    if faces.pixels is not None:
        yield faces.pixels[rows], rows
        return
    assert faces.paths is not None  # a FaceSet holds either pixels or paths
    for row in rows:
        image = read_image(str(faces.paths[row]))
        if faces.box is not None and np.isfinite(faces.box[row]).all():
            box = faces.box[row : row + 1]
            side = int(squares(box, BOX_FACTOR)[0, 2])
            image = square_crops(image, box, BOX_FACTOR, side, side, "rgb")[0]
        yield image[None], np.asarray([row], np.int64)


def _at_size(
    predictor: Predictor, faces: NDArray[np.uint8], rows: NDArray[np.int64], way: str, strength: int, seed: int
) -> NDArray[np.uint8]:
    spec = predictor.spec
    return fit(corrupt(faces, way, strength, seed, rows), spec.height, spec.width, spec.colour)


def _probabilities(answers: Answers, predictor: Predictor, crops: NDArray[np.uint8], batch: int) -> NDArray[np.float32]:
    return answers.probabilities(predictor.logits(crops, batch))


def _step(strength: int, level: float | None, targets: NDArray[np.int64], probabilities: NDArray[np.float64]) -> Step:
    right, k = int(hits(targets, probabilities).sum()), probabilities.shape[1]
    return Step(
        strength=strength,
        level=level,
        n=len(targets),
        top1=100 * right / len(targets),
        top1_ci95=list(wilson(right, len(targets))),
        macro_f1=float(macro_f1(confusion_matrix(targets, probabilities.argmax(axis=1), k))),
        ece=expected_calibration_error(targets, probabilities),
    )


def _curve(way: str, steps: list[Step], clean: Step) -> Curve:
    mean = float(np.mean([step.top1 for step in steps]))
    return Curve(way, CORRUPTIONS[way].about, steps, mean, _drop(clean.top1, mean))


def _drop(clean: float, mean: float) -> float:
    return 100 * (clean - mean) / clean if clean else float("nan")
