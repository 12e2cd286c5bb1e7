"""`mien evaluate`: scores of a model's heads, of several models with their ensembles, across data sets, of edits."""

from __future__ import annotations

from pathlib import Path

import typer


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
    head: list[str] = typer.Option(
        [], "--head", metavar="NAME", help="Of one model: score this head alone; all that the data has labels for."
    ),
    labels: str | None = typer.Option(None, "--labels", help="fer2013 or ferplus; by default as trained."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    tta: str | None = typer.Option(None, "--tta", help="Also average over views: mirror, ten-crop, resmasking[:K]."),
    map_: list[str] = typer.Option([], "--map", metavar="OLD=NEW", help="Across data sets: OLD counts as NEW."),
    choose: bool = typer.Option(False, "--choose", help="Name the best model; never on a test split."),
    fit_on: list[str] = typer.Option(
        [], "--fit-on", metavar="SPLIT|NPZ", help="Fit ensembles or units' thresholds here: validation, or .npz of it."
    ),
    ensemble: Path | None = typer.Option(None, "--write-ensemble", metavar="TOML", help="Keep the ensemble of --rule."),
    rule: str = typer.Option("mean", "--rule", help="mean, max, vote; with --fit-on weighted, greedy, stacking."),
    confusion: Path | None = typer.Option(
        None, "--confusion", metavar="FILE", help="Confusion matrix: png, pdf, svg, tex."
    ),
    save: Path | None = typer.Option(None, "--save-probabilities", metavar="NPZ", help="Keep the predictions."),
    compact: bool = typer.Option(False, "--compact", help="Of them the rounded probabilities alone, for distilling."),
    out: Path | None = typer.Option(None, "--out", metavar="DIR", help="Keep scores, figure and predictions here."),
    report: Path | None = typer.Option(None, "--report", metavar="DIR", help="Write a page that opens offline here."),
    robustness: str = typer.Option("500", "--robustness", metavar="N", help="Of the report: faces to spoil, or all."),
    groups: Path | None = typer.Option(
        None, "--groups", metavar="CSV|WORD", help="Report: people by `row`. Units, affect: subject, group, faces."
    ),
    projection: list[str] = typer.Option(["tsne"], "--projection", help="Of the report: tsne, umap."),
    judge: str | None = typer.Option(
        None, "--judge", metavar="MODEL", help="Of a generator, needed: a classifier that never saw it."
    ),
    features: str | None = typer.Option(
        None, "--features", metavar="MODEL", help="Of a generator: whose features tell people; the judge's by default."
    ),
    edited: str | None = typer.Option(
        None, "--faces", metavar="N", help="Of a generator: how many faces to edit, or all; 500 by default."
    ),
    device: str = typer.Option("auto", "--device", help="auto, cpu or cuda."),
    batch: int = typer.Option(256, "--batch", min=1, help="Faces that go through the model at once."),
    seed: int = typer.Option(0, "--seed", min=0, help="Of bootstrap intervals and random views."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:
    """Score models on a split: accuracy with its interval, without duplicates, F1, calibration, confusion.

    Heads of action units, intensities, valence and arousal are scored where the data has their labels.

    Several models are compared by paired tests, and combined. Checkpoints of one run are compared on validation
    splits only. Of a generator the edits are scored: what --judge sees in them, identity, realism, reconstruction.
    """
    asked = dict(locals())
    from mien.cli.evaluating import Asked, run

    run(Asked(**asked))
