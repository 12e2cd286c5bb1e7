"""What `mien evaluate` does where MODEL is a generator: it edits faces and has a classifier judge the edits."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from mien.errors import MienError

if TYPE_CHECKING:
    from mien.cli.evaluating import Asked
    from mien.evaluate.edits.measure import EditScores
    from mien.evaluate.features import Embedder
    from mien.model_spec import ModelSpec

_NOT_MODELS = (".npz", ".toml")


def asks_for_edits(asked: Asked) -> bool:
    """Whether the MODEL is a generator.

    Raises:
        MienError: a generator beside other models, or options of the one kind with a model of the other.
    """
    made = [model for model in asked.models if _is_generator(model)]
    if made and len(asked.models) > 1:
        raise MienError(f"{made[0]}: a generator, which is evaluated alone; name one MODEL")
    if not made:
        of_edits = {"--judge": asked.judge, "--features": asked.features, "--faces": asked.edited}
        if given := [name for name, value in of_edits.items() if value is not None]:
            _spec(asked.models[0])  # which tells of a file that is missing or broken
            raise MienError(f"{given[0]} is for a generator's edits; {asked.models[0]} is no generator, leave it out")
    return bool(made)


def run(asked: Asked) -> None:
    """Edit, judge, write what was asked for, and tell."""
    from mien.cli.generators import open_generator
    from mien.datasets.load import load_dataset
    from mien.evaluate.edits.judge import refuse_own
    from mien.evaluate.edits.measure import FACES, measure
    from mien.evaluate.edits.results import save_edits
    from mien.evaluate.exclusions import read_exclusions
    from mien.evaluate.predictor import open_model
    from mien.evaluate.progress import progress
    from mien.runtime.expression_editor import BATCH

    a, model = asked, asked.models[0]
    n = _checked(a)
    assert a.judge is not None  # `_checked` saw to it
    for other in filter(None, (a.judge, a.features)):
        refuse_own(other, model)
    judge = open_model(a.judge, a.device)
    features = _features(a.features, a.device)
    faces = load_dataset(a.data[0], ferplus=a.ferplus)
    editor = open_generator(model)
    with progress(Path(model).name, a.quiet) as report:
        scores = measure(
            editor, faces, judge, split=a.split, labels=a.labels, features=features, generator_name=model,
            judge_name=a.judge, features_name=a.features or "", seed=a.seed, progress=report,
            excluded=None if a.exclude is None else read_exclusions(a.exclude, len(faces)),
            n=FACES if n == 0 else n, batch=min(a.batch, BATCH),
        )  # fmt: skip
    if a.out:
        for line in save_edits(scores, a.out):
            typer.echo(f"mien: {line}", err=True)
    _tell(scores, json_=a.json_, quiet=a.quiet)


def _checked(asked: Asked) -> int | None:
    """How many faces: None for all, 0 where nobody said."""
    a, model = asked, asked.models[0]
    left = {
        "--tta": a.tta, "--map": a.map_, "--choose": a.choose, "--fit-on": a.fit_on, "--write-ensemble": a.ensemble,
        "--confusion": a.confusion, "--save-probabilities": a.save, "--report": a.report, "--groups": a.groups,
    }  # fmt: skip
    if given := [name for name, value in left.items() if value]:
        raise MienError(f"{given[0]} does not go with a generator ({model}); leave it out")
    if a.judge is None:
        raise MienError(
            f"{model}: a generator, whose edits a classifier judges; add --judge MODEL, one that never saw the "
            "generator, such as small-fer2013"
        )
    if len(a.data) != 1:
        raise MienError(f"{model}: add {'one' if a.data else 'a'} data set of faces to edit, --data PATH")
    if a.edited is None:
        return 0
    if a.edited.lower() == "all":
        return None
    if not a.edited.isdecimal() or int(a.edited) < 1:
        raise MienError(f"--faces {a.edited}: give how many faces to edit, such as 500, or all")
    return int(a.edited)


def _features(model: str | None, device: str) -> Embedder | None:
    if model is None:
        return None
    from mien.evaluate.predictor import open_model

    return cast("Embedder", open_model(model, device))


def _tell(scores: EditScores, *, json_: bool, quiet: bool) -> None:
    if json_:
        typer.echo(json.dumps(scores.to_dict(), indent=2))
        return
    if quiet:
        return
    from rich.console import Console

    from mien.cli.printed import PIPED_WIDTH
    from mien.evaluate.edits.summary import print_edits

    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    print_edits(console, scores)


def _is_generator(model: str) -> bool:
    """Whether a name, file or run is a generator's; what cannot be told is left to whoever opens it."""
    from mien.runtime.expression_space import is_generator

    with suppress(MienError):
        return is_generator(spec) if (spec := _spec(model)) is not None else False
    return False


def _spec(model: str) -> ModelSpec | None:
    from mien.model_spec import ModelSpec
    from mien.runtime.catalog import find, packaged
    from mien.runtime.session import open_session, spec_inside
    from mien.runtime.weights_header import spec_of

    path = Path(model)
    if model in packaged() or not (path.is_dir() or path.suffix.lower() in (".safetensors", *_NOT_MODELS)):
        return spec_inside(open_session(file := find(model), 1), file)
    if path.suffix.lower() in _NOT_MODELS:
        return None
    return ModelSpec.from_file(path / "model.json") if path.is_dir() else spec_of(path)
