"""`mien evaluate`: scores of one model, or of several side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.datasets.face_set import FaceSet
    from mien.evaluate.predictions import Progress
    from mien.evaluate.scores import Evaluation


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(evaluate)


def evaluate(
    models: list[str] = typer.Argument(
        metavar="MODEL...", help="Bundled name, .onnx, run folder, .safetensors, saved .npz, ensemble .toml."
    ),
    data: str = typer.Option("", "--data", help="Data set: FER2013 in any form, folders, Parquet."),
    split: str | None = typer.Option(None, "--split", help="A split, or all; the test split by default."),
    labels: str | None = typer.Option(None, "--labels", help="fer2013 or ferplus; by default as trained."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    tta: str | None = typer.Option(None, "--tta", help="Also average over views: mirror, ten-crop, resmasking[:K]."),
    choose: bool = typer.Option(False, "--choose", help="Name the best model; never on a test split."),
    confusion: Path | None = typer.Option(None, "--confusion", metavar="FILE", help="Confusion matrix: png, pdf, svg."),
    save: Path | None = typer.Option(None, "--save-probabilities", metavar="NPZ", help="Keep the predictions."),
    out: Path | None = typer.Option(None, "--out", metavar="DIR", help="Keep scores, figure and predictions here."),
    device: str = typer.Option("auto", "--device", help="auto, cpu or cuda."),
    batch: int = typer.Option(256, "--batch", min=1, help="Faces that go through the model at once."),
    seed: int = typer.Option(0, "--seed", min=0, help="Of the bootstrap intervals."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:
    """Score models on a split: accuracy with its interval, without duplicates, F1, calibration, confusion.

    Several models give a line each; checkpoints of one run are compared on validation splits only.
    """
    import json

    from rich.console import Console

    from mien.evaluate.checkpoints import best
    from mien.evaluate.evaluation import evaluate as score
    from mien.evaluate.summary import print_comparison, print_summary

    _check_files(len(models), confusion, save)
    faces = _faces(data, ferplus, models, split, choose)
    settings: dict[str, Any] = {
        "labels": labels,
        "tta": tta,
        "exclude": exclude,
        "device": device,
        "batch": batch,
        "seed": seed,
    }
    scores = []
    for model in models:
        with _progress(model, quiet) as progress:
            scores.append(score(model, faces, split, **settings, progress=progress))
    chosen = best(scores) if choose else None
    _write(scores, confusion, save, out)
    if json_:
        documents = [one.to_dict() | ({"chosen": one is chosen} if chosen else {}) for one in scores]
        typer.echo(json.dumps(documents if len(models) > 1 else documents[0], indent=2))
    elif not quiet:
        console = Console()
        if len(scores) > 1:
            print_comparison(console, scores)
        else:
            print_summary(console, scores[0])
    if chosen and not json_:
        typer.echo(f"chosen on {chosen.split}: {chosen.model} (top-1 {chosen.top1:.2f} %)")


def _check_files(models: int, confusion: Path | None, save: Path | None) -> None:
    """Tell of files that cannot be written before anything is computed for them."""
    from mien.errors import MienError
    from mien.evaluate.probabilities_file import check_target
    from mien.plots.figure import check_path

    if models > 1 and (confusion or save):
        raise MienError("--confusion and --save-probabilities are of one model; use --out DIR for several")
    if confusion:
        check_path(confusion)
    if save:
        check_target(save)


def _faces(data: str, ferplus: Path | None, models: list[str], split: str | None, choose: bool) -> FaceSet | None:
    """The data set, once for all models; None where all are saved probabilities and none is named."""
    from mien.datasets.load import load_dataset
    from mien.evaluate.checkpoints import refuse_choice
    from mien.evaluate.ensemble_model import needs_no_data

    if not data and all(needs_no_data(model) for model in models):
        return None
    faces = load_dataset(data, ferplus=ferplus) if data else None
    if faces is not None:
        refuse_choice(models, faces, split, choose)
    return faces


@contextmanager
def _progress(model: str, quiet: bool) -> Iterator[Progress | None]:
    """A bar on standard error while a model runs, where that is a terminal."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(Path(model).name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _write(scores: list[Evaluation], confusion: Path | None, save: Path | None, out: Path | None) -> None:
    from mien.evaluate.probabilities_file import save_probabilities
    from mien.evaluate.results import save_results, write_confusion

    if confusion:
        write_confusion(scores[0], confusion)
    if save:
        save_probabilities(save, scores[0].predictions)
    if out:
        for line in save_results(scores, out):
            typer.echo(f"mien: {line}", err=True)
