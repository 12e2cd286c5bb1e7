"""`mien analyze` at work: inputs through the analyzer into tables, copies and sheets, resumable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from mien.cli.analyzing_resume import Checkpoint, Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.cli.circumplex import Circumplex
    from mien.faces import Faces
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.formats import Writer
    from mien.runtime.inputs import Inputs
    from mien.runtime.sheet import Entry
    from mien.runtime.video.windows import Look

SAVED_EVERY = 0.5
"""Seconds between checkpoints while pictures are analysed; in a video each window has one."""
COUNTS = ("inputs", "faces", "unreadable", "bad_frames")


@dataclass
class Wanted:
    """What is made besides the table."""

    annotate: Path | None
    sheet_faces: int
    quiet: bool


class Run:
    """One run over all inputs: counts, what is shown at the end, annotated copies, entries of the sheet."""

    def __init__(
        self,
        analyzer: Analyzer,
        inputs: Inputs,
        look: Look,
        wanted: Wanted,
        checkpoint: Checkpoint | None,
        plane: Circumplex | None = None,
    ) -> None:
        from mien.cli.analyzing_tracks import Tracks

        self.analyzer = analyzer
        self._found, self._look, self._wanted = inputs, look, wanted
        self._checkpoint, self.progress, self._plane = checkpoint, Progress(), plane
        self._saved = monotonic()
        self.entries: list[Entry] = []
        self.shown: list[Faces] = []
        self.tracks = Tracks()
        self.inputs = self.faces = self.unreadable = self.bad_frames = 0
        self.seconds = 0.0
        self.interrupted = False

    def resume(self) -> None:
        """Go on where the checkpoint says; MienError where it cannot."""
        if self._checkpoint is not None:
            self.progress = self._checkpoint.load()
            for name in COUNTS:
                setattr(self, name, self.progress.counts.get(name, 0))

    def go(self, writers: list[Writer]) -> None:
        """Analyse everything, or what there was time for before the user interrupted."""
        start = monotonic()
        try:
            self._pictures(writers)
            for path in self._found.videos[self.progress.videos :]:
                self._video(path, writers)
            for path in self._found.sets:
                self._set(path, writers)
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            self.seconds = monotonic() - start
        if not self.interrupted and self._checkpoint is not None:
            self._checkpoint.remove()

    def _save(self, writers: list[Writer], *, now: bool = True) -> None:
        if self._checkpoint is None or not writers or (not now and monotonic() - self._saved < SAVED_EVERY):
            return
        self.progress.counts = {name: getattr(self, name) for name in COUNTS}
        with telling():
            self.progress.mark = writers[0].mark()
            self._checkpoint.save(self.progress)
        self._saved = monotonic()

    def _pictures(self, writers: list[Writer]) -> None:
        pictures = self._found.pictures[self.progress.pictures :]
        results = self.analyzer.analyze_many([picture.path for picture in pictures])
        for picture, faces in zip(pictures, _bar(results, len(pictures), self._wanted.quiet), strict=True):
            self._take(faces, writers)
            if faces.error is None and (self._wanted.annotate is not None or self._room > 0):
                self._draw(picture.path, Path(picture.copy), faces)
            self.progress.pictures += 1
            self._save(writers, now=False)
        if pictures:
            self._save(writers)

    def _video(self, path: Path, writers: list[Writer]) -> None:
        from mien.cli.analyzing_video import Spool, opened_windows
        from mien.errors import MienError
        from mien.evaluate.progress import progress
        from mien.faces import Faces
        from mien.runtime.analyzer import reason

        bad, first = 0, ""
        spool = Spool(self._wanted.annotate, path)
        try:
            with (
                progress(f"analysing {path.name}", self._wanted.quiet) as report,
                closing(opened_windows(self.analyzer, path, self._look, self.progress.state, report)) as found,
            ):
                for window in found:
                    for faces in window.faces:
                        self._write(faces, writers)
                        spool.take(faces)
                        self.tracks.take(faces)
                        self.faces += len(faces)
                        if faces.error is not None:
                            bad, first = bad + 1, first or f"frame {faces.frame}: {faces.error}"
                            self.bad_frames += 1
                    self.progress.state = window.state
                    self._save(writers)
            spool.draw(path, quiet=self._wanted.quiet)
        except MienError as error:
            self._take(Faces(input=str(path), error=reason(error, path)), writers)
        else:
            self.inputs += 1
        finally:
            spool.close()
        if bad:
            more = f", and {bad - 1:,} more frames like it" if bad > 1 else ""
            typer.echo(f"mien: {path}: {first}{more}", err=True)
        self.progress.state = None
        self.progress.videos += 1
        self._save(writers)

    def _set(self, path: Path, writers: list[Writer]) -> None:
        from mien.datasets.load import load_dataset

        face_set = load_dataset(path)
        results = self.analyzer.analyze_set(face_set)
        for row, faces in enumerate(_bar(results, len(face_set), self._wanted.quiet)):
            self._take(faces, writers)
            if face_set.pixels is not None and self._room > 0:
                self.entries += _entries(face_set.pixels[row : row + 1], faces)

    @property
    def _room(self) -> int:
        return max(self._wanted.sheet_faces - len(self.entries), 0)

    def _write(self, faces: Faces, writers: list[Writer]) -> None:
        with telling():
            for writer in writers:
                writer.write(faces)
        if self._plane is not None:
            self._plane.take(faces)

    def _take(self, faces: Faces, writers: list[Writer]) -> None:
        self._write(faces, writers)
        if not writers:
            self.shown.append(faces)
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
        if self._wanted.annotate is not None:
            target = self._wanted.annotate / copy
            if target.resolve() == path.resolve():
                target = target.with_name(f"{target.stem}-annotated{target.suffix}")
            annotated_file(target, data, image, faces)
        crops = square_crops(image, faces.boxes[: self._room], 1.0, CELL, CELL, "rgb")
        self.entries += _entries(crops, faces)

    def show(self) -> None:
        """Print the faces found as a table: of pictures each, of videos a line a person."""
        from mien.cli.printed import print_faces

        if good := [faces for faces in self.shown if faces.error is None]:
            print_faces(good)
        self.tracks.show()

    def summarise(self, out: Path | None) -> None:
        """One line on standard error."""
        from mien.runtime.probabilities import answering

        spec, head = self.analyzer.spec, answering(self.analyzer.spec)
        labels = f"{head.trained_on} labels" if head else "no emotions"
        parts = [
            *(["interrupted"] if self.interrupted else []),
            count(self.inputs, "input"),
            count(self.faces, "face"),
            *([f"{self.unreadable} unreadable"] if self.unreadable else []),
            *([f"{count(self.bad_frames, 'frame')} not decoded"] if self.bad_frames else []),
            f"model {spec.name} ({labels})",
            f"detector {self.analyzer.detector}",
            f"{self.seconds:.1f} s",
            *([f"-> {out}"] if out else []),
        ]
        typer.echo(" · ".join(parts), err=True)
        if self.interrupted and self._checkpoint is not None and self._checkpoint.path.exists():
            typer.echo("the same command with --resume goes on", err=True)


def _entries(pixels: NDArray[np.uint8], faces: Faces) -> list[Entry]:
    """Entries of a sheet for the first faces, of which `pixels` (k, h, w, c) are given."""
    from mien.runtime.face_lines import brief
    from mien.runtime.sheet import Entry

    top, confidence = faces.top, faces.confidence
    return [Entry(cut, top[i], float(confidence[i]), brief(faces, i)) for i, cut in enumerate(pixels)]


@contextmanager
def telling() -> Iterator[None]:
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


def _bar(results: Iterator[Faces], total: int, quiet: bool) -> Iterator[Faces]:
    """The same results, with a progress bar on standard error where that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or total < 2 or not console.is_terminal:
        yield from results
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns: tuple[Any, ...] = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield from bar.track(results, total=total, description="analysing")


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
