"""`mien models`: the models at hand, what each is, and whether its file is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli import published

if TYPE_CHECKING:
    from mien.runtime.model_record import ModelRecord

models = typer.Typer(
    name="models",
    help="Models at hand and architectures that can be trained: list, show, pull, import, verify.",
    no_args_is_help=True,
)
WIDE = 160
"""Columns of a listing that no terminal shows."""
JSON = typer.Option(False, "--json", help="One JSON document.")


def register(app: typer.Typer) -> None:
    app.add_typer(models, rich_help_panel="This installation")


@models.command("list")
def list_(json_: bool = JSON) -> None:
    """List bundled, pulled and downloadable models, and the architectures that `mien train` knows."""
    import json

    from mien.runtime.model_record import architecture_records, bundled_records, download_records, pulled_records

    records = [*bundled_records(), *pulled_records(), *architecture_records(), *download_records()]
    if json_:
        typer.echo(json.dumps([r.to_dict() for r in records], indent=2, ensure_ascii=False))
    else:
        _show_list(records)


@models.command()
def show(
    model: str = typer.Argument(..., help="A name, an .onnx or .safetensors file, a run folder."),
    json_: bool = JSON,
) -> None:
    """Show what is known of a model: heads, training, scores, calibration, licence."""
    import json

    from mien.runtime.downloads import downloads
    from mien.runtime.model_record import record

    facts, spec = record(model)
    document: dict[str, Any] = facts.to_dict()
    if spec is not None:
        document["spec"] = json.loads(spec.to_json())
    if json_:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for key, value in _lines(document):
        typer.echo(f"{key:<14} {value}")
    if spec is None and model in downloads():
        typer.echo(f"{'weights':<14} {downloads()[model].note}: `mien models pull {model}`")


published.add(models)


@models.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="MODEL", help="All bundled ones by default.")] = None,
    json_: bool = JSON,
) -> None:
    """Check that files of models are whole: digest, ModelSpec, a run on two crops. Exit code 1 if one is not."""
    import json

    from mien.errors import MienError
    from mien.runtime.catalog import find, packaged
    from mien.runtime.verify import problems

    paths = {name: find(name) for name in names or packaged()}
    if not paths:
        raise MienError("no bundled model in this build; name an .onnx file")
    results = [{"name": name, "file": str(path), "problems": problems(path)} for name, path in paths.items()]
    if json_:
        typer.echo(json.dumps(results, indent=2, ensure_ascii=False))
    else:
        for result in results:
            typer.echo(f"{result['name']}: {'whole' if not result['problems'] else 'broken'}")
            for problem in result["problems"]:
                typer.echo(f"  {problem}")
    if any(result["problems"] for result in results):
        raise typer.Exit(1)


def _show_list(records: list[ModelRecord]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column, justify in (
        ("name", "left"),
        ("kind", "left"),
        ("parameters", "right"),
        ("GMACs", "right"),
        ("input", "left"),
        ("heads", "left"),
    ):
        table.add_column(column, justify=justify, no_wrap=column == "name")  # type: ignore[arg-type]  # a str of rich's choice
    for r in records:
        heads = ", ".join(f"{head.name} ({len(head.labels)})" for head in r.heads)
        parameters = "" if r.parameters is None else f"{r.parameters:,}"
        gmacs = "" if r.gmacs is None else f"{r.gmacs:.3f}"
        table.add_row(r.name, r.kind, parameters, gmacs, "x".join(map(str, r.input)), heads)
    console = Console(highlight=False)
    if not console.is_terminal:  # a file or a pipe has no width, and half a name cannot be searched for
        console.width = WIDE
    console.print(table)
    console.print("timm/NAME     any network of timm that answers from one feature map, see docs/models.md")


def _lines(document: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """A nested document as lines of key and value, deeper keys joined by dots; empty values left out."""
    lines: list[tuple[str, str]] = []
    for key, value in document.items():
        if isinstance(value, dict):
            lines += _lines(value, f"{prefix}{key}.")
        elif key == "heads":
            lines += [(f"{prefix}{key}.{h['name']}", ", ".join(h["labels"])) for h in value]
        elif value not in (None, "", [], ()):
            text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            lines.append((prefix + key, text))
    return lines
