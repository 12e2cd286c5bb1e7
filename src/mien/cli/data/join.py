"""`mien data join`: one index over several data sets, each row with the labels that its own set has."""

from __future__ import annotations

from pathlib import Path

import typer


def register(group: typer.Typer) -> None:
    group.command()(join)


def join(
    paths: list[str] = typer.Argument(..., metavar="DATA...", help="Data sets, index files or synthetic:..."),
    out: Path = typer.Option(..., "--out", metavar="CSV", help="The index file to write."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv, for the first."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No report."),
) -> None:
    """Name the rows of several data sets in one index, for nets with several heads; splits stay, no picture is copied.

    A face teaches the heads that its own set has labels for. Sets must all hold pixels of one size, or all name files.
    """
    import json

    from rich.console import Console

    from mien.datasets.index import concatenated, write_index
    from mien.datasets.load import load_dataset, load_indexed
    from mien.errors import MienError

    if len(paths) < 2:
        raise MienError(f"{paths[0]}: one data set needs no join; name two or more")
    parts = [load_indexed(path, ferplus=ferplus if not at else None) for at, path in enumerate(paths)]
    shapes = {path: None if f.pixels is None else f.pixels.shape[1:] for path, (f, _) in zip(paths, parts, strict=True)}
    if len(set(shapes.values())) > 1:
        kinds = "; ".join(f"{path}: {'files' if shape is None else shape}" for path, shape in shapes.items())
        raise MienError(
            f"{kinds}: pixels of one size, or files, can stand in one index; export one set as the other is"
        )
    write_index(out, concatenated([index for _, index in parts]))
    whole = load_dataset(out)
    labels = {
        path: sorted(key for key, values in faces.targets.items() if (values == values).any())
        for path, (faces, _) in zip(paths, parts, strict=True)
    }
    if json_:
        rows = {path: len(index) for path, (_, index) in zip(paths, parts, strict=True)}
        typer.echo(json.dumps({"out": str(out), "rows": len(whole), "sets": rows, "labels": labels}, indent=2))
    elif not quiet:
        console = Console(highlight=False)
        for path, (_, index) in zip(paths, parts, strict=True):
            console.print(f"{path}: {len(index):,} rows with {', '.join(labels[path]) or 'no labels'}", soft_wrap=True)
        console.print(f"{out}: {len(whole):,} rows", soft_wrap=True)
