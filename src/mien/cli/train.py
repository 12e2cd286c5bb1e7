"""`mien train`: any training a recipe can name."""

from __future__ import annotations

from pathlib import Path

import typer

from mien.errors import MissingExtraError


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(train)


def train(
    recipe: Path = typer.Argument(..., help="A TOML recipe, e.g. recipes/small.toml."),
    data: str = typer.Option("", "--data", help="Data set; overrides data.path of the recipe."),
    out: Path | None = typer.Option(None, "--out", help="The run's folder; runs/NAME by default."),
    settings: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="Override a key, e.g. train.lr=3e-4."),
    seed: int | None = typer.Option(None, "--seed", help="Override the recipe's seed."),
    resume: bool = typer.Option(False, "--resume", help="Go on with a run that was stopped."),
    device: str = typer.Option("auto", "--device", help="auto, cpu or cuda."),
    json_: bool = typer.Option(False, "--json", help="Print the last epoch's row as JSON."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Train a model as a recipe says; the run's folder holds weights, log, curves and ModelSpec."""
    import json

    from mien.datasets.load import load_dataset
    from mien.errors import MienError

    try:
        from mien.lab.train.recipe_file import read_recipe
        from mien.lab.train.run import train as run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mien"):
            raise
        raise MissingExtraError("mien train", "train", error.name or "torch") from error

    overrides = list(settings) + ([f"seed={seed}"] if seed is not None else [])
    plan = read_recipe(recipe, overrides)
    source = data or plan.data.path
    if not source:
        raise MienError(f"{recipe}: names no data.path; add --data PATH")
    faces = load_dataset(source, ferplus=plan.data.ferplus or None)
    folder = out or Path("runs") / plan.name
    try:
        done = run(plan, faces, folder, device=device, resume=resume, quiet=quiet)
    except KeyboardInterrupt:
        typer.echo(f"mien: interrupted; go on with: mien train {recipe} --out {folder} --resume", err=True)
        raise typer.Exit(130) from None
    if json_:
        typer.echo(json.dumps({"run": str(done.folder), "epochs": len(done.log), **done.log[-1]}))
    elif not quiet:
        typer.echo(f"{done.folder}: {len(done.log)} epochs; mien evaluate {done.folder} --data {source} scores it")
