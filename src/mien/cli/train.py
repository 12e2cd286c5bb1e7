"""`mien train`: any training a recipe can name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from mien.errors import needing

if TYPE_CHECKING:
    from mien.datasets.face_set import FaceSet
    from mien.lab.train.recipe import Recipe


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(train)


def train(
    recipe: Path = typer.Argument(..., help="A TOML recipe, e.g. recipes/small.toml."),
    data: str = typer.Option("", "--data", help="Data set; overrides data.path of the recipe."),
    out: Path | None = typer.Option(None, "--out", help="The run's folder; runs/NAME by default."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    settings: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="Override a key, e.g. train.lr=3e-4."),
    seed: int | None = typer.Option(None, "--seed", help="Override the recipe's seed."),
    resume: bool = typer.Option(False, "--resume", help="Go on with a run that was stopped."),
    device: str = typer.Option("auto", "--device", help="auto, cpu or cuda."),
    find: bool = typer.Option(False, "--find-rate", help="Suggest a train.lr by a short sweep; train nothing."),
    json_: bool = typer.Option(False, "--json", help="Print the last epoch's row, or the sweep, as JSON."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Train a model as a recipe says; the run's folder holds weights, log, curves and ModelSpec."""
    import json
    import os

    from mien.datasets.address import address
    from mien.datasets.load import load_dataset
    from mien.errors import MienError

    with needing("mien train", "train"):
        from mien.lab.train.recipe_file import literal, read_recipe
        from mien.lab.train.run import train as run

    overrides = list(settings) + ([f"seed={seed}"] if seed is not None else [])
    overrides += [f"data.exclude={literal(str(exclude))}"] if exclude else []
    plan = read_recipe(recipe, overrides)
    source = data or plan.data.path
    if not source:
        raise MienError(f"{recipe}: names no data.path; add --data PATH")
    faces = load_dataset(source, ferplus=plan.data.ferplus or None)
    folder = out or Path("runs") / plan.name
    if find:
        _find_rate(plan, faces, folder, device, json_=json_)
        return
    try:
        done = run(plan, faces, folder, device=device, resume=resume, quiet=quiet)
    except KeyboardInterrupt:
        typer.echo(f"mien: interrupted; go on with: mien train {recipe} --out {folder} --resume", err=True)
        raise typer.Exit(130) from None
    if os.environ.get("RANK", "0") != "0":  # of several processes one speaks
        return
    if json_:
        typer.echo(json.dumps({"run": str(done.folder), "epochs": len(done.log), **done.log[-1]}))
    elif not quiet:
        if plan.data.protocol:  # else the rows that it learnt from would be scored with the others
            cut = f"protocol={plan.data.protocol},fold={plan.data.fold}"
            source += f"{',' if address(source).path != source else ':'}{cut} --split test"
        judged = " --judge MODEL" if plan.method == "ganmut" else ""
        typer.echo(
            f"{done.folder}: {len(done.log)} epochs; mien evaluate {done.folder} --data {source}{judged} scores it"
        )


def _find_rate(recipe: Recipe, faces: FaceSet, folder: Path, device: str, *, json_: bool) -> None:
    """Sweep, write rates.csv and rates.png into the folder, and say what is suggested."""
    import csv
    import json
    import os
    from dataclasses import asdict

    from mien.lab.train.rate_finder import find_rate
    from mien.plots.rates import plot_rates

    curve = find_rate(recipe, faces, device=device)
    if os.environ.get("RANK", "0") != "0":
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "rates.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("rate", "loss", "smoothed"))
        writer.writerows(zip(curve.rates, curve.losses, curve.smoothed, strict=True))
    marks = {"falls fastest": curve.suggestion, "a tenth of the least": curve.tenth}
    plot_rates(curve.rates, curve.losses, curve.smoothed, marks, folder / "rates.png", title=recipe.name)
    if json_:
        typer.echo(json.dumps({"files": str(folder), **asdict(curve)}))
        return
    typer.echo(
        f"--set train.lr={curve.suggestion:.2g}: the loss falls fastest there; a tenth of the rate with the least"
        f" loss is {curve.tenth:.2g} ({folder / 'rates.png'})"
    )
