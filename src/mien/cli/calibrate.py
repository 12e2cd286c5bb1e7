"""`mien calibrate`: probabilities that mean what they say, sets with stated coverage, thresholds, when to decline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mien.errors import MienError, MissingExtraError

if TYPE_CHECKING:
    from mien.evaluate.calibrate.fitting import Calibration
    from mien.evaluate.calibrate.settings import Settings


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(calibrate)


def calibrate(
    model: str = typer.Argument(..., metavar="MODEL", help="Bundled name, .onnx, run folder, .safetensors."),
    data: str = typer.Option("", "--data", help="Labelled faces that the model has not learnt."),
    split: str | None = typer.Option(None, "--split", help="To fit on; the validation split by default."),
    head: str | None = typer.Option(None, "--head", metavar="NAME", help="Of action units: fit each unit's threshold."),
    labels: str | None = typer.Option(None, "--labels", help="fer2013 or ferplus; by default as trained."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    method: str = typer.Option("temperature", "--method", help="temperature, vector, or auto: cross-validated."),
    coverage: float = typer.Option(0.9, "--coverage", help="How often sets shall hold the label, 0..1."),
    rate: float | None = typer.Option(None, "--abstain-rate", help="Share of faces to decline, 0..1."),
    accuracy: float | None = typer.Option(None, "--abstain-accuracy", help="Share of answers to be right, 0..1."),
    by: list[str] = typer.Option(
        ["confidence"], "--abstain-by", help="confidence, entropy, disagreement, blur, size; may be given again."
    ),
    min_size: float | None = typer.Option(None, "--min-size", help="Decline faces smaller than this, in pixels."),
    min_sharpness: float | None = typer.Option(None, "--min-blur", help="Decline crops less sharp than this."),
    adapt_to: str = typer.Option("", "--adapt-to", metavar="TABLE", help="Unlabelled: a table of `analyze`; or none."),
    report_split: str | None = typer.Option(None, "--report-split", help="Measure the result on this split as well."),
    report: Path | None = typer.Option(None, "--report", metavar="DIR", help="Keep reliability.png and the JSON here."),
    out: Path | None = typer.Option(None, "--out", metavar="FILE", help="Write a copy; needed for bundled models."),
    device: str = typer.Option("auto", "--device", help="auto, cpu or cuda."),
    seed: int = typer.Option(0, "--seed", min=0, help="Of the folds of the cross-validation."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:
    """Fit temperature, conformal sets and abstention on a validation split, and keep them in the model's file.

    With --head of action units: the threshold of each unit's best F1. With --adapt-to instead of --data: correct a
    calibrated model to how common the emotions are among a table's faces.
    """
    import json

    from mien.evaluate.calibrate.settings import Settings
    from mien.evaluate.calibrate.store import target_of

    if bool(data) == bool(adapt_to):
        raise MienError("give --data PATH to calibrate on, or --adapt-to TABLE to correct a calibrated model")
    target_of(model, out)  # a place that does not do is told before anything is computed
    if adapt_to:
        document = _adapt(model, adapt_to, out)
    else:
        settings = Settings(
            method, coverage, rate, accuracy, tuple(dict.fromkeys(by)), min_size, min_sharpness, seed
        )  # fmt: skip
        document = _calibrate(
            model, settings, report, out,
            load={"path": data, "ferplus": ferplus}, splits=(split, report_split),
            how={"labels": labels, "exclude": exclude}, device=device, quiet=quiet, head=head,
        )  # fmt: skip
    if json_:
        typer.echo(json.dumps(document, indent=2))
    elif not quiet:
        _tell(document)


def _adapt(model: str, table: str, out: Path | None) -> dict[str, Any]:
    from mien.evaluate.calibrate.adapt import adapted, unadapted
    from mien.evaluate.calibrate.store import store
    from mien.runtime.model_record import record

    spec = record(model)[1]
    if spec is None:
        raise MienError(f"{model}: no weights with a ModelSpec; give a bundled name, an .onnx file or a run")
    if table == "none":
        return {"model": model, "target_prior": None, "file": str(store(model, unadapted(spec), out))}
    changed, found = adapted(spec, table)
    head = changed.emotion_head
    assert head is not None  # adapted refuses a model without
    stored = changed.calibration[head.name]
    if not found.converged:
        typer.echo(f"mien: {table}: shares still moved by {found.change:.1g} after {found.iterations} steps", err=True)
    return {
        "model": model, "table": table, "n": found.n, "iterations": found.iterations, "converged": found.converged,
        "prior": stored["prior"], "target_prior": stored["target_prior"], "file": str(store(model, changed, out)),
    }  # fmt: skip


def _calibrate(
    model: str,
    settings: Settings,
    report: Path | None,
    out: Path | None,
    *,
    load: dict[str, Any],
    splits: tuple[str | None, str | None],
    how: dict[str, Any],
    device: str,
    quiet: bool,
    head: str | None,
) -> dict[str, Any]:
    from mien.cli.calibrating_units import asks_for_units, calibrate_units
    from mien.datasets.load import load_dataset
    from mien.evaluate.calibrate.calibrate import calibrate_model, reported
    from mien.evaluate.calibrate.store import store
    from mien.evaluate.chosen_split import chosen_split
    from mien.evaluate.predictor import open_model
    from mien.evaluate.progress import progress

    settings.check()
    faces = load_dataset(load["path"], ferplus=load["ferplus"])
    if splits[1] is not None:
        chosen_split(faces, splits[1])
    predictor = open_model(model, device)
    if asks_for_units(predictor, model, head):
        assert head is not None
        if splits[1] is not None:
            raise MienError(f"--report-split {splits[1]}: `mien evaluate --head {head}` scores units on it")
        return calibrate_units(
            predictor, model, faces, head, splits[0], exclude=how["exclude"], report=report, out=out, quiet=quiet
        )
    with progress(Path(model).name, quiet) as told:
        found = calibrate_model(predictor, faces, splits[0], settings, name=model, progress=told, **how)
    document = found.to_dict()
    if splits[1] is not None:
        with progress(f"{Path(model).name} {splits[1]}", quiet) as told:
            other = reported(found, predictor, faces, splits[1], settings, progress=told, **how)
        document["report"] = other
    document["file"] = str(store(model, found.spec, out))
    if report is not None:
        _write(report, document, found)
    return document


def _write(folder: Path, document: dict[str, Any], found: Calibration) -> None:
    """calibration.json and, where plots are installed, reliability.png."""
    import json

    from mien.evaluate.calibrate.reliability import draw_reliability

    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "calibration.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise MienError(f"{folder}: {error.strerror or error}; choose a folder that can be written") from error
    try:
        draw_reliability(found, folder / "reliability.png")
    except MissingExtraError as error:
        typer.echo(f"mien: no reliability.png: {error}", err=True)


def _tell(document: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    if "thresholds" in document:
        from mien.cli.calibrating_units import tell_units

        tell_units(document)
        return
    if "before" not in document:
        _tell_prior(console, document)
        return
    d = document
    what = f"{d['model']}: {d['method']} scaling on {d['split']}, labels {d['labels']}, n = {d['n']:,}"
    console.print(what, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("", "top-1", "ECE", "NLL", "Brier", "covered", "set size", "declined", "rest right"):
        table.add_column(column, justify="right" if column else "left")
    report = d.get("report")
    rows = [("before", d["before"]), ("after", d["after"])]
    if report:
        rows += [(f"{report['split']} {when}", report[when]) for when in ("before", "after")]
    for name, m in rows:
        sets, declined = m.get("conformal"), m.get("abstention")
        table.add_row(
            name, f"{m['top1']:.2f} %", f"{m['ece']:.2f} %", f"{m['nll']:.4f}", f"{m['brier']:.4f}",
            f"{sets['coverage']:.1f} %" if sets else "", f"{sets['mean_size']:.2f}" if sets else "",
            f"{declined['rate']:.1f} %" if declined else "",
            f"{declined['top1']:.2f} %" if declined and declined["top1"] is not None else "",
        )  # fmt: skip
    console.print(table)
    console.print(f"after on {d['split']}: cross-fitted, no face by what its own label fitted", style="dim")
    console.print(f"stored in {d['file']}", soft_wrap=True)


def _tell_prior(console: Any, document: dict[str, Any]) -> None:
    target = document["target_prior"]
    if target is None:
        console.print("no correction to a prior any more", highlight=False)
    else:
        console.print(f"{document['n']:,} faces of {document['table']}", soft_wrap=True)
        for name, share in target.items():
            console.print(f"  {name:<10} {100 * document['prior'][name]:5.1f} % -> {100 * share:5.1f} %")
    console.print(f"stored in {document['file']}", soft_wrap=True)
