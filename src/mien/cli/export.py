"""`mien export`: a run leaves the lab as one ONNX file."""

from __future__ import annotations

from pathlib import Path

import typer

from mien.errors import needing


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(export)


def export(
    run: Path = typer.Argument(..., help="A run folder or .safetensors file."),
    out: Path | None = typer.Option(None, "--out", help="The ONNX file; NAME.onnx beside the run by default."),
    name: str = typer.Option("", "--name", help="The model's name; the run's by default."),
    head: str = typer.Option("", "--head", help="Keep this head alone; all of them by default."),
    half: bool = typer.Option(False, "--half", help="Store weights in float16; computing stays in float32."),
    json_: bool = typer.Option(False, "--json", help="Print the ModelSpec as JSON."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="Print nothing."),
) -> None:
    """Write a run as ONNX with its ModelSpec inside, held against torch on the same crops."""
    with needing("mien export", "train"):
        from mien.lab.export.onnx import export_run
        from mien.lab.predict import weights_of

    file = weights_of(run)
    target = out or file.parent / f"{name or file.parent.name}.onnx"
    spec = export_run(file, target, name=name, head=head, half=half)
    if json_:
        typer.echo(spec.to_json())
    elif not quiet:
        heads = ", ".join(f"{h.name} ({len(h.labels)} {h.trained_on})" for h in spec.heads)
        typer.echo(
            f"{target}: {target.stat().st_size / 1e6:.1f} MB, {spec.parameters or 0:,} parameters, heads {heads}"
        )
