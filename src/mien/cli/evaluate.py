"""`mien evaluate`: scores of one model, of several side by side with their ensembles, or of one across data sets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.datasets.face_set import FaceSet
    from mien.evaluate.predictions import Predictions, Progress
    from mien.evaluate.scores import Evaluation
    from mien.evaluate.side_by_side import SideBySide


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(evaluate)


def evaluate(
    models: list[str] = typer.Argument(
        metavar="MODEL...", help="Bundled name, .onnx, run folder, .safetensors, saved .npz, ensemble .toml."
    ),
    data: list[str] = typer.Option(
        [], "--data", help="Data set: FER2013 in any form, folders, Parquet; several try one model on each."
    ),
    split: str | None = typer.Option(None, "--split", help="A split, or all; the test split by default."),
    labels: str | None = typer.Option(None, "--labels", help="fer2013 or ferplus; by default as trained."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    tta: str | None = typer.Option(None, "--tta", help="Also average over views: mirror, ten-crop, resmasking[:K]."),
    map_: list[str] = typer.Option([], "--map", metavar="OLD=NEW", help="Across data sets: OLD counts as NEW."),
    choose: bool = typer.Option(False, "--choose", help="Name the best model; never on a test split."),
    fit_on: list[str] = typer.Option(
        [], "--fit-on", metavar="SPLIT|NPZ", help="Fit ensembles here: a validation split, or each model's .npz of it."
    ),
    ensemble: Path | None = typer.Option(None, "--write-ensemble", metavar="TOML", help="Keep the ensemble of --rule."),
    rule: str = typer.Option("mean", "--rule", help="mean, max, vote; with --fit-on weighted, greedy, stacking."),
    confusion: Path | None = typer.Option(None, "--confusion", metavar="FILE", help="Confusion matrix: png, pdf, svg."),
    save: Path | None = typer.Option(None, "--save-probabilities", metavar="NPZ", help="Keep the predictions."),
    out: Path | None = typer.Option(None, "--out", metavar="DIR", help="Keep scores, figure and predictions here."),
    device: str = typer.Option("auto", "--device", help="auto, cpu or cuda."),
    batch: int = typer.Option(256, "--batch", min=1, help="Faces that go through the model at once."),
    seed: int = typer.Option(0, "--seed", min=0, help="Of bootstrap intervals and random views."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:
    """Score models on a split: accuracy with its interval, without duplicates, F1, calibration, confusion.

    Several models are compared by paired tests, and combined. Checkpoints of one run are compared on validation
    splits only.
    """
    from mien.evaluate.evaluation import evaluate as score

    several = len(models) > 1
    _check_files(several, confusion, save, ensemble, fit_on)
    settings: dict[str, Any] = {"labels": labels, "device": device, "batch": batch, "seed": seed}
    if len(data) > 1 or map_:
        left = {"--tta": tta, "--exclude": exclude, "--out": out, "--choose": choose, "--confusion": confusion}
        _refuse_beside("several --data and --map", left | {"--save-probabilities": save})
        _across(models, data, split, ferplus, map_, settings, json_=json_, quiet=quiet)
        return
    faces = _faces(data, ferplus, models, split, choose)
    settings |= {"tta": tta, "exclude": exclude}
    scores = []
    for model in models:
        with _progress(model, quiet) as progress:
            scores.append(score(model, faces, split, **settings, progress=progress))
    together = _together(models, scores, faces, fit_on, settings, quiet) if several else None
    _write(scores, together, confusion, save, out)
    if ensemble and together:
        _write_ensemble(ensemble, rule, together)
    _tell(scores, together, choose, json_=json_, quiet=quiet)


def _check_files(
    several: bool, confusion: Path | None, save: Path | None, ensemble: Path | None, fit_on: Sequence[str]
) -> None:
    """Tell of files that cannot be written before anything is computed for them."""
    from mien.errors import MienError
    from mien.evaluate.probabilities_file import check_target
    from mien.plots.figure import check_path

    if several and (confusion or save):
        raise MienError("--confusion and --save-probabilities are of one model; use --out DIR for several")
    if not several and (ensemble or fit_on):
        raise MienError(f"{'--write-ensemble' if ensemble else '--fit-on'} is for several models; name another MODEL")
    if ensemble and ensemble.suffix.lower() != ".toml":
        raise MienError(f"{ensemble}: an ensemble's file ends in .toml; name the file so")
    if confusion:
        check_path(confusion)
    if save:
        check_target(save)


def _refuse_beside(what: str, options: dict[str, Any]) -> None:
    from mien.errors import MienError

    if given := [name for name, value in options.items() if value]:
        raise MienError(f"{given[0]} does not go with {what}; leave it out")


def _faces(data: list[str], ferplus: Path | None, models: list[str], split: str | None, choose: bool) -> FaceSet | None:
    """The data set, once for all models; None where all are saved probabilities and none is named."""
    from mien.datasets.load import load_dataset
    from mien.evaluate.checkpoints import refuse_choice
    from mien.evaluate.ensemble_model import needs_no_data

    if not data and all(needs_no_data(model) for model in models):
        return None
    faces = load_dataset(data[0], ferplus=ferplus) if data else None
    if faces is not None:
        refuse_choice(models, faces, split, choose)
    return faces


def _across(
    models: list[str],
    data: list[str],
    split: str | None,
    ferplus: Path | None,
    renamed: list[str],
    settings: dict[str, Any],
    *,
    json_: bool,
    quiet: bool,
) -> None:
    """One model on several data sets."""
    from rich.console import Console

    from mien.datasets.load import load_dataset
    from mien.errors import MienError
    from mien.evaluate.across import across
    from mien.evaluate.comparison_report import print_across
    from mien.labels import emotion

    if len(models) > 1:
        raise MienError("several --data take one MODEL; run `mien evaluate` once for each")
    mapping = {}
    for text in renamed:
        old, equals, new = text.partition("=")
        if not equals:
            raise MienError(f"--map {text}: write OLD=NEW, such as contempt=disgust")
        mapping[emotion(old)] = emotion(new)
    sets = [load_dataset(path, ferplus=ferplus) for path in data]
    rows = across(models[0], sets, split, mapping=mapping, **settings)
    if json_:
        typer.echo(json.dumps({"model": models[0], "across": [row.to_dict() for row in rows]}, indent=2))
    elif not quiet:
        print_across(Console(), rows)


@contextmanager
def _progress(model: str, quiet: bool) -> Iterator[Progress | None]:
    """A bar on standard error while a model runs, where that is a terminal."""
    from mien.cli.data.progress import progress

    with progress(Path(model).name, quiet) as report:
        yield report


def _together(
    models: list[str],
    scores: list[Evaluation],
    faces: FaceSet | None,
    fit_on: list[str],
    settings: dict[str, Any],
    quiet: bool,
) -> SideBySide:
    """Comparison and ensembles, with predictions of `fit_on` to fit the latter."""
    from mien.evaluate.evaluation import evaluate as score
    from mien.evaluate.side_by_side import costs, fitting_files, fitting_split, side_by_side

    validation: list[Predictions] | None = None
    if fit_on:
        validation = fitting_files(fit_on)
        if validation is None:
            part, validation = fitting_split(faces, fit_on[0]), []
            for model in models:
                with _progress(f"{model} on {part}", quiet) as progress:
                    found = score(model, faces, part, **(settings | {"tta": None}), progress=progress)
                validation.append(found.predictions)
    return side_by_side(
        scores, validation, cost=costs(models, settings["device"]), members=models, seed=settings["seed"]
    )


def _write(
    scores: list[Evaluation], together: SideBySide | None, confusion: Path | None, save: Path | None, out: Path | None
) -> None:
    from mien.evaluate.probabilities_file import save_probabilities
    from mien.evaluate.results import save_comparison, save_results, write_confusion

    if confusion:
        write_confusion(scores[0], confusion)
    if save:
        save_probabilities(save, scores[0].predictions)
    if out:
        missing = save_results(scores, out)
        if together:
            missing += save_comparison(together, out)
        for line in sorted(set(missing)):
            typer.echo(f"mien: {line}", err=True)


def _write_ensemble(path: Path, rule: str, together: SideBySide) -> None:
    from mien.ensemble.ensemble_file import write_ensemble

    found = together.row(rule).ensemble
    assert found is not None  # `row` gives ensembles alone
    write_ensemble(path, found)


def _tell(scores: list[Evaluation], together: SideBySide | None, choose: bool, *, json_: bool, quiet: bool) -> None:
    """The report, or the JSON document."""
    from rich.console import Console

    from mien.cli.printed import PIPED_WIDTH
    from mien.evaluate.checkpoints import best
    from mien.evaluate.comparison_report import print_ensembles, print_tests
    from mien.evaluate.summary import print_comparison, print_summary

    chosen = best(scores) if choose else None
    if json_:
        document = together.to_dict() if together else scores[0].to_dict()
        if chosen:
            document["chosen"] = chosen.model
        typer.echo(json.dumps(document, indent=2))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    if not quiet and together:
        print_comparison(console, scores)
        if together.comparison:
            print_tests(console, together.comparison)
        print_ensembles(console, together.ensembles)
        for note in together.notes:
            console.print(f"[yellow]note:[/] {note}", highlight=False)
    elif not quiet:
        print_summary(console, scores[0])
    if chosen:
        typer.echo(f"chosen on {chosen.split}: {chosen.model} (top-1 {chosen.top1:.2f} %)")
