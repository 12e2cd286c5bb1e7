"""What `mien evaluate` does once its options are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.datasets.face_set import FaceSet
    from mien.evaluate.groups import Table
    from mien.evaluate.predictions import Predictions, Progress
    from mien.evaluate.scores import Evaluation
    from mien.evaluate.side_by_side import SideBySide


@dataclass(frozen=True, slots=True)
class Asked:
    """The options, each under the name of its parameter in `mien.cli.evaluate`."""

    models: list[str]
    data: list[str]
    split: str | None
    head: list[str]
    labels: str | None
    ferplus: Path | None
    exclude: Path | None
    tta: str | None
    map_: list[str]
    choose: bool
    fit_on: list[str]
    ensemble: Path | None
    rule: str
    confusion: Path | None
    save: Path | None
    compact: bool
    out: Path | None
    report: Path | None
    robustness: str
    groups: Path | None
    projection: list[str]
    judge: str | None
    features: str | None
    edited: str | None
    device: str
    batch: int
    seed: int
    json_: bool
    quiet: bool


def run(asked: Asked) -> None:
    """Evaluate, write what was asked for, and tell."""
    from mien.cli import evaluating_edits, evaluating_heads
    from mien.evaluate.evaluation import evaluate as score

    a = asked
    if evaluating_edits.asks_for_edits(a):
        evaluating_edits.run(a)
        return
    if evaluating_heads.run(a):
        return
    several = len(a.models) > 1
    _check_files(several, a.confusion, a.save, a.ensemble, a.fit_on)
    spoiled = _check_report(a.report, a.robustness, a.groups)
    settings: dict[str, Any] = {"labels": a.labels, "device": a.device, "batch": a.batch, "seed": a.seed}
    if len(a.data) > 1 or a.map_:
        left = {"--tta": a.tta, "--exclude": a.exclude, "--out": a.out, "--choose": a.choose}
        left |= {"--confusion": a.confusion, "--save-probabilities": a.save, "--report": a.report}
        _refuse_beside("several --data and --map", left)
        _across(a.models, a.data, a.split, a.ferplus, a.map_, settings, json_=a.json_, quiet=a.quiet)
        return
    faces = _faces(a.data, a.ferplus, a.models, a.split, a.choose)
    table = _groups(a.groups, faces)
    settings |= {"tta": a.tta, "exclude": a.exclude}
    scores = []
    for model in a.models:
        with _progress(model, a.quiet) as progress:
            scores.append(score(model, faces, a.split, **settings, progress=progress))
    together = _together(a.models, scores, faces, a.fit_on, settings, a.quiet) if several else None
    if a.save:
        from mien.evaluate.probabilities_file import save_probabilities

        save_probabilities(a.save, scores[0].predictions, small=a.compact)
    _write(scores, together, a.confusion, a.out)
    if a.ensemble and together:
        _write_ensemble(a.ensemble, a.rule, together)
    if a.report:
        from mien.evaluate.report.each import write_reports

        page = write_reports(
            a.models, scores, faces, a.report, lambda name: _progress(name, a.quiet), together=together,
            robustness_n=spoiled, groups=table, projections=a.projection, device=a.device, seed=a.seed,
        )  # fmt: skip
        typer.echo(f"mien: report: {page}", err=True)
    _tell(scores, together, a.choose, json_=a.json_, quiet=a.quiet)


def _check_files(
    several: bool, confusion: Path | None, save: Path | None, ensemble: Path | None, fit_on: Sequence[str]
) -> None:
    """Tell of files that cannot be written before anything is computed for them."""
    from mien.errors import MienError
    from mien.evaluate.probabilities_file import check_target
    from mien.plots.confusion import check_path

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


def _check_report(report: Path | None, robustness: str, groups: Path | None) -> int | None:
    """How many faces robustness takes; None for all."""
    from mien.errors import MienError
    from mien.evaluate.report.each import faces_asked

    if groups and not report:
        raise MienError(f"--groups {groups}: a part of the report; add --report DIR")
    return faces_asked(robustness)


def _groups(path: Path | None, faces: FaceSet | None) -> Table | None:
    """The groups of people, so that a broken file is told before a model runs."""
    from mien.errors import MienError
    from mien.evaluate.groups import read_groups

    if path is None:
        return None
    if faces is None:
        raise MienError(f"--groups {path}: groups are of a data set's rows; add --data PATH")
    return read_groups(path, len(faces))


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
    from mien.evaluate.progress import progress

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


def _write(scores: list[Evaluation], together: SideBySide | None, confusion: Path | None, out: Path | None) -> None:
    from mien.evaluate.results import save_comparison, save_results, write_confusion

    if confusion:
        write_confusion(scores[0], confusion)
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
        if together.ensembles:
            print_ensembles(console, together.ensembles)
        for note in together.notes:
            console.print(f"[yellow]note:[/] {note}", highlight=False)
    elif not quiet:
        print_summary(console, scores[0])
    if chosen:
        typer.echo(f"chosen on {chosen.split}: {chosen.model} (top-1 {chosen.top1:.2f} %)")
