"""`mien models pull` and `mien models import`: weights that others published, as models of our own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.errors import MienError, needing

if TYPE_CHECKING:
    from mien.model_spec import ModelSpec
    from mien.runtime.downloads import Bars
    from mien.runtime.fetch import Progress

ORDER = typer.Option("", "--channel-order", help="bgr or rgb: how the network saw colours; ESR and GANmut: bgr.")
STATISTICS = typer.Option(
    "", "--statistics", help="ESR: running, or batch, as its published scores were made: faces of a batch mix."
)
COMBINE = typer.Option("", "--combine", help="ESR: mean of the branches' probabilities, or vote.")
JSON = typer.Option(False, "--json", help="One JSON document.")
QUIET = typer.Option(False, "--quiet", "-q", help="Print nothing.")


def add(models: typer.Typer) -> None:
    models.command()(pull)
    models.command("import")(import_)


def pull(
    name: str = typer.Argument(..., help="Published weights; `mien models list` names them, kind download."),
    sha256: Annotated[
        list[str] | None,
        typer.Option("--sha256", metavar="NAME=HEX", help="A digest that you trust, or a file of sha256sum."),
    ] = None,
    source: str = typer.Option(
        "", "--from", envvar="MIEN_MODELS_FROM", help="A folder or address that has the files, by their names."
    ),
    channel_order: str = ORDER,
    statistics: str = STATISTICS,
    combine: str = COMBINE,
    json_: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Fetch published weights, check them, and make a model of them that is found by its name."""
    from mien.runtime.catalog import pulled
    from mien.runtime.downloads import digests, download, obtain
    from mien.runtime.model_record import record

    wanted = download(name)
    chosen = {"channel_order": channel_order, "statistics": statistics, "combine": combine}
    here = pulled().get(name)
    if here is None or any(chosen.values()) or sha256 or source:
        sums = digests(wanted, sha256 or [])
        with needing("mien models pull", "train"):
            from mien.lab.importers.imported import Options
            from mien.lab.importers.pulled import make_model
        options = Options(**chosen)
        options.check()
        files = obtain(wanted, sums, source, None if quiet else _bars())
        here, _ = make_model(wanted, files, options)
    facts, spec = record(str(here))
    if json_:
        typer.echo(json.dumps({**facts.to_dict(), "note": wanted.note}, indent=2, ensure_ascii=False))
    elif not quiet:
        _tell(here, spec)
        typer.echo(f"licence: {wanted.licence}")
        if wanted.note:
            typer.echo(f"note: {wanted.note}")


def import_(
    path: Path = typer.Argument(..., help="A checkpoint, or a folder with ESR's or OpenDR's files."),
    out: Path = typer.Option(..., "--out", help="The .safetensors file that is written."),
    name: str = typer.Option("", "--name", help="The model's name; that of the file by default."),
    licence: str = typer.Option("as its publisher says; not given", "--licence", help="Of the weights."),
    trained_on: str = typer.Option(
        "", "--trained-on", help="Labels that the emotion head learnt: fer2013, affectnet ..."
    ),
    channel_order: str = ORDER,
    statistics: str = STATISTICS,
    combine: str = COMBINE,
    json_: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Turn published weights into a .safetensors file; which network they are is seen by their keys."""
    if out.suffix != ".safetensors":
        raise MienError(f"{out}: --out names a .safetensors file; `mien export` makes an .onnx file of it")
    with needing("mien models import", "train"):
        from mien.lab.importers.imported import Options
        from mien.lab.importers.recognise import import_weights
    options = Options(channel_order, statistics, combine, trained_on)
    spec = import_weights(path, out, name=name, options=options, licence=licence)
    if json_:
        typer.echo(spec.to_json())
    elif not quiet:
        _tell(out, spec)


def _tell(path: Path, spec: ModelSpec | None) -> None:
    heads = ", ".join(f"{h.name} ({len(h.labels)} {h.trained_on})" for h in spec.heads) if spec else ""
    count = f", {spec.parameters:,} parameters" if spec and spec.parameters else ""
    what = f"{spec.architecture}{count}, {f'heads {heads}' if heads else 'a generator of faces'}" if spec else ""
    typer.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {what}")


def _bars() -> Bars | None:
    """A bar on standard error a file, where that is a terminal."""
    if not sys.stderr.isatty():
        return None

    @contextmanager
    def bar(name: str) -> Iterator[Progress]:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
        from rich.progress import Progress as Shown

        columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()]
        with Shown(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as shown:
            task = shown.add_task(name, total=None)
            yield lambda done, total: shown.update(task, completed=done, total=total)

    return bar
