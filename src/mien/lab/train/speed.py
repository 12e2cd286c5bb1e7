"""How fast batches are made, and how fast a network learns from them: which of the two holds a training up."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from accelerate import Accelerator

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.train.batches import Targets
from mien.lab.train.method import Method
from mien.lab.train.optimisers import make_optimiser
from mien.lab.train.recipe import Augment, Data, HeadRecipe, Input, Model, Recipe, Train
from mien.lab.train.recipe_file import read_recipe, to_toml
from mien.lab.train.run import set_up
from mien.lab.train.schedules import picture_side

FACES = 28_709
"""As many as FER2013 trains on: the processor's cache must not hold them all."""
SIDE = 48
"""Pixels of FER2013's pictures: a larger input is enlarged from these, as it is in a training on them."""
ROUND = 0.1
"""Seconds that a round times each part for, at least; one batch where that takes longer."""
SMALL = Recipe(
    name="small",
    heads=(HeadRecipe("emotion", "ferplus"), HeadRecipe("emotion_fer2013", "fer2013", "hard", label_smoothing=0.1)),
    model=Model("small", {"widths": [64, 128, 256], "depths": [2, 2, 2], "stem": 32, "dropout": 0.2}),
    input=Input(mean=(0.5078,), std=(0.2550,)),
    augment=Augment(
        rotate=15.0,
        scale=(0.9, 1.2),
        shift=0.06,
        brightness=0.15,
        contrast=0.3,
        erase=0.25,
        mixup=0.2,
    ),
    train=Train(sizes=((0.0, 32), (0.3, 40), (0.75, 44))),
)
"""What recipes/small.toml asks of a step, without its data and its compiler; that file is in no wheel."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Faces a second at one picture side; medians over the rounds.

    Attributes:
        side: of the network's input, in pixels.
        pipeline: of rows picked, augmented and normalised.
        step: of forward, backward and the optimiser's step on a batch that is ready.
        ratio: pipeline over step, the median of what each round found, and `least` the lowest.
    """

    side: int
    pipeline: float
    step: float
    ratio: float
    least: float

    @property
    def share(self) -> float:
        """Of the time of an epoch, what goes into making batches: the two take turns."""
        return 1 / (1 + self.ratio)


@dataclass(frozen=True, slots=True)
class TrainingSpeed:
    """What was timed, and a Speed for each side that the recipe passes through."""

    recipe: str
    batch: int
    device: str
    precision: str
    compiled: bool
    threads: int
    rounds: int
    sides: tuple[Speed, ...]

    @property
    def bottleneck(self) -> str:
        """In words, of the side where the pipeline does worst."""
        worst = min(self.sides, key=lambda speed: speed.ratio)
        where = f"at {worst.side} pixels making a batch takes {100 * worst.share:.0f} % of the time"
        if worst.ratio < 1:
            return f"the input pipeline: {where}; ask less of [augment]"
        return f"the training step: {where}, the pipeline being {worst.ratio:.1f} times as fast"


def recipe_to_time(path: str, overrides: Sequence[str]) -> Recipe:
    """The recipe of a file, or SMALL for "", with `--set` overrides."""
    if path:
        return read_recipe(path, overrides)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.toml"
        file.write_text(to_toml(replace(SMALL, data=Data())), encoding="utf-8")
        return read_recipe(file, overrides)


def measure_training(
    recipe: Recipe,
    *,
    device: str = "auto",
    rounds: int = 15,
    faces: int = FACES,
    threads: int | None = None,
    on_round: Callable[[int], None] | None = None,
) -> TrainingSpeed:
    """Time pipeline and step in turn, on drawn faces, so that a busy spell hits both alike.

    Args:
        faces: how many are held in memory; labels are made up for whatever schemes the recipe learns.
        threads: of the processor, for this whole process; None leaves torch's choice.
        on_round: called with the side in pixels after each round.

    Raises:
        MienError: a recipe of another method than "supervised".
    """
    if recipe.method != "supervised":
        raise MienError(f"bench --training: times supervised recipes; method = {recipe.method!r}")
    if threads:
        torch.set_num_threads(threads)
    plan = _without_data(recipe)
    method, accelerator, bf16 = set_up(plan, _faces(plan, max(faces, plan.train.batch)), device)
    where = accelerator.device
    step = _step(method, accelerator)
    found = []
    for side in sorted({picture_side(plan, epoch) for epoch in range(plan.train.epochs)}):
        batches = method.endless(side)
        timed = _rounds(batches, step, rounds, where, on_round and (lambda at=side[0]: on_round(at)))
        found.append(_speed(side[0], plan.train.batch, timed))
    return TrainingSpeed(
        recipe=recipe.name,
        batch=plan.train.batch,
        device=torch.cuda.get_device_name(where) if where.type == "cuda" else where.type,
        precision="bf16" if bf16 else "fp32",
        compiled=plan.train.compile,
        threads=torch.get_num_threads(),
        rounds=rounds,
        sides=tuple(found),
    )


def _without_data(recipe: Recipe) -> Recipe:
    """The same work a step, on any faces: copies added before training and another run's weights cost no time."""
    data = Data(train="Training", validation="Validation", drop=recipe.data.drop, merge=recipe.data.merge)
    return replace(recipe, data=data, init="", augment=replace(recipe.augment, targeted={}))


def _faces(recipe: Recipe, n: int) -> FaceSet:
    """n drawn faces to learn from and a few to choose on, all of them labelled by every scheme of the recipe."""
    from mien.datasets.synthetic import synthetic

    size = min(max(recipe.input.height, recipe.input.width), SIDE)
    few = synthetic(500, 0, size=size, splits={"Training": 1.0})
    label = few.targets["synthetic"]
    many = few.select(np.resize(np.arange(len(few)), n + 16))
    split = np.where(np.arange(n + 16) < n, "Training", "Validation")
    targets = {head.labels: np.resize(label, (n + 16, label.shape[1])) for head in recipe.heads}
    return many.replace(split=split, targets=targets, content="drawn for timing")


def _step(method: Method, accelerator: Accelerator) -> Callable[[tuple[torch.Tensor, Targets]], object]:
    settings = method.recipe.train
    optimiser = make_optimiser(method.model, settings)
    net = torch.compile(method.model, dynamic=False) if settings.compile else method.model
    model, prepared = accelerator.prepare(net, optimiser)
    model.train()

    def step(batch: tuple[torch.Tensor, Targets]) -> None:
        accelerator.backward(method.loss(model, batch))
        prepared.step()
        prepared.zero_grad(set_to_none=True)

    return step


def _rounds(
    batches: Iterator[tuple[torch.Tensor, Targets]],
    step: Callable[[tuple[torch.Tensor, Targets]], object],
    rounds: int,
    device: torch.device,
    on_round: Callable[[], None] | None,
) -> list[tuple[float, float]]:
    """Seconds a batch of pipeline and of step, a pair a round; compiling and warming up come before."""
    ready = next(batches)

    def make(batch_count: int) -> float:
        return _seconds(lambda: list(islice(batches, batch_count))[-1:], device)

    def learn(step_count: int) -> float:
        return _seconds(lambda: [step(ready) for _ in range(step_count)], device)

    for warm in (make, learn):
        warm(2)
    makes, learns = (max(1, round(ROUND / time(1))) for time in (make, learn))
    found = []
    for _ in range(rounds):
        found.append((make(makes) / makes, learn(learns) / learns))
        if on_round is not None:
            on_round()
    return found


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    start = perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return perf_counter() - start


def _speed(side: int, batch: int, timed: list[tuple[float, float]]) -> Speed:
    ratios = [step / pipeline for pipeline, step in timed]
    return Speed(
        side=side,
        pipeline=round(batch / statistics.median(t[0] for t in timed), 1),
        step=round(batch / statistics.median(t[1] for t in timed), 1),
        ratio=round(statistics.median(ratios), 2),
        least=round(min(ratios), 2),
    )
