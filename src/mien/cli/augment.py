"""`mien augment`: variants of a data set's training faces, or faces turned into its rarer emotions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.cli.augmenting import Asked, Made


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(augment)


def augment(
    data: str = typer.Argument(..., metavar="DATA", help="Data set, index file or synthetic:..."),
    out: Path = typer.Option(..., "--out", metavar="DIR", help="Folder of shards; the same call goes on with it."),
    model: str = typer.Option("", "--model", "-m", help="Generator: .onnx, run folder, .safetensors, a pulled name."),
    number: int = typer.Option(10, "--num-augments", help="Variants a face, each of its own emotion."),
    expand: bool = typer.Option(False, "--expand", help="Turn faces into rarer emotions instead."),
    sampling: str = typer.Option("even", "--sampling", help="With --expand: even, or study as EmotionGAN's drew."),
    radius: float | None = typer.Option(None, "--radius", help="Around an emotion's place: 0.2, with --expand 0.05."),
    strength: float | None = typer.Option(
        None, "--least-strength", help="Linear spaces: weakest expression drawn; 0.5, with --expand 1."
    ),
    centres: list[str] = typer.Option(
        [], "--centres", metavar="CENTRES", help="Own places: emotion=x,y, a TOML or JSON file, or emotiongan."
    ),
    judge: str = typer.Option("", "--judge", metavar="MODEL", help="Keep what this classifier takes for its target."),
    least: float = typer.Option(0.5, "--least", help="With --judge: the target's probability; up to 3 tries."),
    labels: str | None = typer.Option(None, "--labels", help="Whose emotions: fer2013, ferplus, ..."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    split: str = typer.Option("train", "--split", help="Training rows; a validation or test split is refused."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    seed: int = typer.Option(0, "--seed", min=0, help="Decides every point and every choice."),
    jobs: int = typer.Option(0, "--jobs", min=0, help="Threads; 0 takes all cores."),
    chart: Path | None = typer.Option(None, "--chart", metavar="FILE", help="Before and after; DIR/classes.png."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:  # fmt: skip
    """Make variants of training faces, or expand a data set, once, to Parquet shards that trainings read.

    A recipe's data.variants and data.more name the folder; see docs/variants.md. Stopped, it goes on where it was.
    """
    import json

    from mien.cli.augmenting import Asked, make

    asked = Asked(
        data, out, model, "expand" if expand else "augment", number, sampling, radius, strength, tuple(centres),
        judge, least, labels, ferplus, split, exclude, seed, jobs, chart,
    )  # fmt: skip
    try:
        made = make(asked, quiet)
    except KeyboardInterrupt:
        typer.echo(f"mien: interrupted; go on with: {_again()}", err=True)
        raise typer.Exit(130) from None
    if json_:
        typer.echo(json.dumps(made.to_dict(), indent=2))
    elif not quiet:
        _report(asked, made)


def _again() -> str:
    import shlex
    import sys

    return shlex.join(["mien", *sys.argv[1:]])


def _report(asked: Asked, made: Made) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("class")
    for name in ("before", "made", "after"):
        table.add_column(name, justify="right")
    for name, counts in made.classes.items():
        table.add_row(name, *(f"{count:,}" for count in counts.values()))
    ratio = {when: _ratio([counts[when] for counts in made.classes.values()]) for when in ("before", "after")}
    table.add_row("largest : smallest", ratio["before"], "", ratio["after"], style="dim")
    console.print(table)
    for line in made.notes:
        console.print(line, style="dim", highlight=False, soft_wrap=True)
    speed = f", {made.fresh:,} of them now at {made.rate:,.0f} faces/s" if made.fresh else ", none of them anew"
    console.print(
        f"{asked.out}: {made.pictures:,} pictures in {made.shards} shards{speed}", highlight=False, soft_wrap=True
    )


def _ratio(counts: list[Any]) -> str:
    return f"{max(counts) / min(counts):.4g}" if min(counts) else "-"
