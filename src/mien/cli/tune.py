"""`mien tune`: a search over a recipe's settings, by several workers if asked, resumable at any moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mien.errors import MienError, MissingExtraError

if TYPE_CHECKING:
    from mien.lab.tune.search import Place


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(tune)


def tune(
    recipe: Path | None = typer.Argument(None, help="A TOML recipe with [tune], e.g. recipes/study-small.toml."),
    trials: int | None = typer.Option(None, "--trials", min=1, help="Trials in all; overrides tune.trials."),
    seconds: float | None = typer.Option(None, "--seconds", min=0, help="No trial starts after this long."),
    sampler: str = typer.Option("", "--sampler", help="tpe, random or grid; overrides tune.sampler."),
    workers: int = typer.Option(1, "--workers", "-w", min=1, help="Worker processes to start here."),
    storage: str = typer.Option("", "--storage", metavar="FILE|URL", help="A journal file or database; else in --out."),
    study: str = typer.Option("", "--study", metavar="NAME", help="The study's name; else the recipe's."),
    out: Path | None = typer.Option(None, "--out", help="Folder of results; runs/NAME-search by default."),
    data: str = typer.Option("", "--data", help="Data set; overrides data.path of the recipe."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    settings: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="Override a key, e.g. train.epochs=5."),
    device: str = typer.Option("auto", "--device", help="auto, cpu or cuda."),
    replot: bool = typer.Option(False, "--replot", help="Run nothing; write results and figures again."),
    json_: bool = typer.Option(False, "--json", help="Print study.json."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Search a recipe's settings; the same command goes on where it was stopped or killed."""
    import json

    _need_packages(replot)
    from mien.lab.train.recipe_file import literal, read_recipe
    from mien.lab.tune import search as lab

    if recipe is None and not (replot and (storage or out)):
        raise MienError("mien tune needs a RECIPE; with --replot, --out DIR or --storage URL --study NAME does")
    asked: list[tuple[str, Any]] = [("trials", trials), ("seconds", seconds), ("sampler", sampler or None)]
    overrides = list(settings) + [f"tune.{key}={literal(value)}" for key, value in asked if value is not None]
    overrides += [f"data.path={literal(data)}"] if data else []
    overrides += [f"data.exclude={literal(str(exclude))}"] if exclude else []
    name = read_recipe(recipe, overrides).name if recipe else study or "study"
    place = lab.Place(out or Path("runs") / f"{name}-search", storage, study)
    try:
        if replot:
            report = lab.replot(recipe, overrides, place)
        else:
            report = lab.search(recipe or "", overrides, place, workers=workers, device=device, quiet=quiet)
    except KeyboardInterrupt:
        typer.echo(f"mien: interrupted; the same command goes on; results so far are in {place.out}", err=True)
        raise typer.Exit(130) from None
    if json_:
        hidden = ("rows", "importance_left_out")
        typer.echo(json.dumps({k: v for k, v in report.items() if k not in hidden}, ensure_ascii=False))
    elif not quiet:
        _show(report, place)


def _need_packages(replot: bool) -> None:
    """The search needs the `tune` extra; replotting needs it too, but no torch."""
    from importlib.util import find_spec

    for package in ("optuna", "sqlalchemy", "matplotlib", *(() if replot else ("torch", "accelerate"))):
        if find_spec(package) is None:
            raise MissingExtraError("mien tune", "tune", package)


def _show(report: dict[str, Any], place: Place) -> None:
    from rich.console import Console
    from rich.table import Table

    from mien.cli.printed import PIPED_WIDTH
    from mien.labels import EMOTIONS

    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    best = report["best"]
    counts = ", ".join(f"{report[k]} {k}" for k in ("complete", "pruned", "failed", "left", "retried") if report[k])
    console.print(f"{report['planned']} trials: {counts}", highlight=False)
    if best:
        found = ", ".join(f"{k} = {v}" for k, v in best["params"].items())
        console.print(
            f"best: {report['metric']} {best['value']:.5g}, trial {best['trial']}, epoch {best['best_epoch']}: {found}",
            highlight=False, soft_wrap=True, markup=False,
        )  # fmt: skip
    if report["importance_left_out"]:
        console.print(f"no importances: {report['importance_left_out']}", style="dim", soft_wrap=True, markup=False)
    table = report.get("leave_one_out")
    if table:
        shown = Table(box=None, pad_edge=False, header_style="dim")
        emotions = [name for name in EMOTIONS if any(name in row for row in table)]
        columns = ["left_out", "runs", *emotions, "rest", *(["rest_before"] if "rest_before" in table[0] else [])]
        for column in columns:
            shown.add_column(column, justify="left" if column == "left_out" else "right")
        for row in table:
            shown.add_row(*(_cell(row, column) for column in columns))
        console.print(shown)
    then = f"; mien train {report['recipe']} trains the best on all rows" if best else ""
    console.print(f"{place.out}: study.json, trials.csv, figures{then}", soft_wrap=True, markup=False)


def _cell(row: dict[str, Any], column: str) -> str:
    """A recall with its change."""
    value = row.get(column, "")
    change = row.get(f"change_{column}")
    if not isinstance(value, float):
        return str(value)
    return f"{value:.1f}" + (f" ({change:+.1f})" if change and row["left_out"] != "nothing" else "")
