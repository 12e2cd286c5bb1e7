"""What `mien augment` does between its options and its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.datasets.face_set import FaceSet
    from mien.runtime.expression_editor import ExpressionEditor
    from mien.runtime.variants.make import Judge, Sources
    from mien.runtime.variants.neighbourhood import Neighbourhood
    from mien.runtime.variants.plan import Plan

RADIUS = {"augment": 0.2, "expand": 0.05}
"""As the study drew."""
LEAST_STRENGTH = {"augment": 0.5, "expand": 1.0}
CHART = "classes.png"


@dataclass(frozen=True, slots=True)
class Asked:
    """The command's options."""

    data: str
    out: Path
    model: str
    mode: str
    number: int
    sampling: str
    radius: float | None
    strength: float | None
    centres: tuple[str, ...]
    judge: str
    least: float
    labels: str | None
    ferplus: Path | None
    split: str
    exclude: Path | None
    seed: int
    jobs: int
    chart: Path | None


@dataclass(frozen=True, slots=True)
class Made:
    """What stands in the folder now.

    Attributes:
        settings: as in variants.json.
        planned, pictures, shards: pictures of the plan, those of them that stand there, and in how many shards.
        fresh: pictures of the plan that this call went through; rate: of them a second.
        classes: emotion -> rows before, made, after.
        notes: what a reader should know, a sentence each.
    """

    out: str
    settings: dict[str, Any]
    planned: int
    pictures: int
    shards: int
    fresh: int
    seconds: float
    rate: float
    classes: dict[str, dict[str, int]]
    notes: list[str]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; `refused`: pictures that the judge left out."""
        return {**asdict(self), "refused": self.planned - self.pictures}


def make(asked: Asked, quiet: bool) -> Made:
    """Make what is missing of the folder, and write classes.csv and the chart beside its shards.

    Raises:
        MienError: what cannot be read, meant or written.
        KeyboardInterrupt: as it comes; the same call goes on.
    """
    from time import perf_counter

    from mien.cli.data.labels import loaded
    from mien.cli.generators import open_generator
    from mien.runtime.variants.make import Maker
    from mien.runtime.variants.shards import Shards

    _check(asked)
    faces, _, scheme = loaded(asked.data, asked.ferplus, asked.labels, [], asked.exclude)
    name, faces = training_rows(faces, asked.split)
    editor = open_generator(asked.model, threads=1)  # a batch a thread: the same pixels whatever the jobs
    near, sources, plan = planned(asked, faces, scheme, editor)
    judge = _judge(asked, near) if asked.judge else None
    settings = _settings(asked, faces, scheme, name, editor, near, sources, plan)
    shards = Shards(asked.out, settings, len(plan))
    maker = Maker(editor, sources, plan, near, asked.seed, judge=judge, least=asked.least)
    fresh = sum(stop - start for start, stop in map(shards.range, shards.missing()))
    started = perf_counter()
    with _bar(quiet) as progress:
        maker.run(shards, jobs=asked.jobs or _cores(), progress=progress)
    seconds = perf_counter() - started
    counts = shards.counts()
    classes = _classes(faces, scheme, counts)
    made = Made(
        str(asked.out), settings, len(plan), sum(counts.values()), shards.count, fresh, round(seconds, 3),
        round(fresh / seconds, 1), classes, _notes(faces, scheme, near, len(plan) - sum(counts.values())),
    )  # fmt: skip
    _write_classes(asked, made, f"{name}, {scheme} labels", quiet)
    return made


def training_rows(faces: FaceSet, split: str) -> tuple[str, FaceSet]:
    """The split's own name, and its real faces, each once.

    Raises:
        MienError: no such split, or one that is there to choose by or to report on.
    """
    import numpy as np

    from mien.datasets.splits import role
    from mien.errors import MienError
    from mien.evaluate.chosen_split import ALL, chosen_split

    named = sorted({str(one) for one in np.unique(faces.split)} - {""})
    name, rows = chosen_split(faces, split if named else ALL)
    for one in {str(one) for one in np.unique(faces.split[rows])} - {""}:
        try:
            purpose = role(one)
        except MienError:  # fold0: a training's own cut says which of its pictures are learnt from
            continue
        if purpose != "train":
            raise MienError(
                f"--split {split}: {one} is there to {'report on' if purpose == 'test' else 'choose by'}; variants are"
                " made of training rows alone"
            )
    real = rows & (faces.made_from < 0)
    if not real.any():
        raise MienError(f"{faces.name}: made pictures; give the real ones that they were made from")
    positions = np.flatnonzero(real)
    _, file = np.unique(faces.file[positions], return_inverse=True)
    _, first = np.unique(np.stack([file.ravel(), faces.row[positions]]), axis=1, return_index=True)
    return name, faces.select(positions[np.sort(first)])


def planned(asked: Asked, faces: FaceSet, scheme: str, editor: ExpressionEditor) -> tuple[Neighbourhood, Sources, Plan]:
    """Where codes are drawn from, the faces, and what is to be made of them."""
    import numpy as np

    from mien.datasets.picture_key import picture_keys
    from mien.evaluate.pixels import crops
    from mien.runtime.variants.centres import read_centres
    from mien.runtime.variants.make import Sources
    from mien.runtime.variants.neighbourhood import neighbourhood
    from mien.runtime.variants.plan import augment_plan, expand_plan

    radius = RADIUS[asked.mode] if asked.radius is None else asked.radius
    strength = LEAST_STRENGTH[asked.mode] if asked.strength is None else asked.strength
    given, published = read_centres(asked.centres, editor.space)
    near = neighbourhood(editor.space, radius, strength, given, published=published)
    label, spec = faces.hard(scheme), editor.spec

    def read(positions: NDArray[np.int64]) -> NDArray[np.uint8]:
        once, back = np.unique(positions, return_inverse=True)  # a face's variants stand together: it is read once
        some = faces.select(once)
        return np.concatenate(list(crops(some, spec.height, spec.width, spec.colour)))[back.ravel()]

    sources = Sources(faces.row, picture_keys(faces), label, read)
    if asked.mode == "expand":
        return near, sources, expand_plan(faces.row, label, near.known, asked.seed, asked.sampling)
    return near, sources, augment_plan(label, near.known, asked.number)


def _cores() -> int:
    """Those that this process may use, where the platform says so."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check(asked: Asked) -> None:
    """Tell of what cannot be before anything is read."""
    from importlib.util import find_spec

    from mien.errors import MienError, MissingExtraError
    from mien.plots.figure import check_path

    if asked.judge and not 0 <= asked.least <= 1:
        raise MienError(f"--least {asked.least:g}: expected a probability of 0 to 1")
    if asked.chart:
        check_path(asked.chart)
        if find_spec("matplotlib") is None:
            raise MissingExtraError("--chart", "plots", "matplotlib")


def _settings(
    asked: Asked, faces: FaceSet, scheme: str, split: str, editor: ExpressionEditor, near: Neighbourhood,
    sources: Sources, plan: Plan,
) -> dict[str, Any]:  # fmt: skip
    """Everything that decides what is made; what a person chose comes first, so that it is named where it differs."""
    import hashlib

    import numpy as np

    from mien.evaluate.label_scheme import emotions_of
    from mien.labels import EMOTIONS
    from mien.runtime.variants.make import TRIES
    from mien.runtime.variants.plan import VERSION

    how = {"num_augments": asked.number} if asked.mode == "augment" else {"sampling": asked.sampling}
    rows = hashlib.sha256(np.ascontiguousarray(faces.row).astype("<i8").tobytes())
    rows.update("\n".join(sources.key.tolist()).encode())
    return {
        "mode": asked.mode,
        **how,
        "seed": asked.seed,
        "radius": RADIUS[asked.mode] if asked.radius is None else asked.radius,
        "labels": scheme,
        "generator": {"name": editor.name, "sha256": editor.sha256},
        "judge": _judged(asked, TRIES),
        "data": {
            "name": faces.name,
            "sha256": faces.content or faces.digest(),
            "split": split,
            "rows": len(faces),
            "rows_sha256": rows.hexdigest(),
        },
        "neighbourhood": near.to_dict(),
        "emotions": [EMOTIONS[k] for k in np.flatnonzero(emotions_of(faces, scheme))],
        "height": editor.spec.height,
        "width": editor.spec.width,
        "colour": editor.spec.colour,
        "plan": {"version": list(VERSION), "sha256": plan.digest()},
    }


def _judged(asked: Asked, tries: int) -> dict[str, Any] | None:
    from mien.datasets.cache import content_hash
    from mien.evaluate.predictor import onnx_file, open_model

    if not asked.judge:
        return None
    file = onnx_file(asked.judge)
    sha = content_hash(file) if file else open_model(asked.judge).spec.sha256
    return {"model": asked.judge, "sha256": sha, "least": asked.least, "tries": tries}


def _judge(asked: Asked, near: Neighbourhood) -> Judge:
    """A classifier's probability that a made face shows what it is to show.

    Raises:
        MienError: a model that cannot be opened, or that has no answer for an emotion.
    """
    import numpy as np

    from mien.errors import MienError
    from mien.evaluate.answers import answers_of
    from mien.evaluate.predictor import open_model
    from mien.images.crop import fit
    from mien.labels import EMOTIONS

    predictor = open_model(asked.judge)
    answers, spec = answers_of(asked.judge, predictor.spec), predictor.spec
    if answers.head.kind != "emotion" or (near.known & ~answers.present).any():
        lacks = [EMOTIONS[k] for k in np.flatnonzero(near.known & ~answers.present)]
        raise MienError(f"--judge {asked.judge}: has no answer of its own for {', '.join(lacks) or 'every emotion'}")

    def probability(faces: NDArray[np.uint8], target: NDArray[np.int64]) -> NDArray[np.float64]:
        plain = faces[..., 0] if faces.shape[-1] == 1 else faces
        said = answers.probabilities(predictor.logits(fit(plain, spec.height, spec.width, spec.colour)))
        return said[np.arange(len(target)), target].astype(np.float64)

    return probability


def _classes(faces: FaceSet, scheme: str, made: dict[str, int]) -> dict[str, dict[str, int]]:
    import numpy as np

    from mien.datasets.face_set import UNLABELLED
    from mien.labels import EMOTIONS

    label = faces.hard(scheme)
    before = np.bincount(label[label != UNLABELLED], minlength=len(EMOTIONS)).tolist()
    found = {}
    for name, count in zip(EMOTIONS, before, strict=True):
        if count or name in made:
            found[name] = {"before": count, "made": made.get(name, 0), "after": count + made.get(name, 0)}
    return found


def _notes(faces: FaceSet, scheme: str, near: Neighbourhood, refused: int) -> list[str]:
    import numpy as np

    from mien.labels import EMOTIONS

    label = faces.hard(scheme)
    notes = []
    if unlabelled := int((label < 0).sum()):
        notes.append(f"{unlabelled:,} faces without a {scheme} label were left alone")
    for k in np.flatnonzero(~near.known):
        if n := int((label == k).sum()):
            notes.append(f"{EMOTIONS[k]}: the generator does not know it; its {n:,} faces got no picture of their kind")
    if refused:
        notes.append(f"{refused:,} pictures were left out: the judge did not take them for their target")
    return notes


def _write_classes(asked: Asked, made: Made, title: str, quiet: bool) -> None:
    """classes.csv always; the chart where matplotlib is installed."""
    import csv

    from mien.errors import MissingExtraError
    from mien.plots.distribution import Distribution, plot_distribution

    with (asked.out / "classes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("emotion", "before", "made", "after"))
        writer.writerows((name, *counts.values()) for name, counts in made.classes.items())
    names = list(made.classes)
    panels = [
        Distribution(f"before: {title}", names, {"real": [counts["before"] for counts in made.classes.values()]}),
        Distribution(f"after: {asked.mode}", names, {"real and made": [c["after"] for c in made.classes.values()]}),
    ]
    try:
        plot_distribution(panels, asked.chart or asked.out / CHART)
    except MissingExtraError as error:
        if not quiet:
            import typer

            typer.echo(f"mien: note: no {CHART}: {error}", err=True)


@contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Pictures done, their rate and the time left, on standard error where that is a terminal."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as Left
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f} faces/s" if task.speed else "", style="dim")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), Left())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("variants", total=None)
        first: list[int] = []

        def report(done: int, total: int) -> None:
            if not first:  # what earlier calls made would count as this one's speed
                first.append(done)
            bar.update(task, completed=done - first[0], total=total - first[0])

        yield report
