"""Files -> one table by an engine: what is done stands in parts, and is not done again."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter

from mien.errors import MienError, MissingExtraError
from mien.faces import Faces
from mien.runtime import catalog
from mien.runtime.engines.blocks import Answer, open_block, schema
from mien.runtime.engines.handout import Handout
from mien.runtime.engines.parts import Parts
from mien.runtime.engines.table import write_table
from mien.runtime.engines.work import Piece, Settings, fingerprint, pieces_of
from mien.runtime.engines.worker import Facts, Worker
from mien.runtime.formats import Header, format_of, formats

ENGINES = ("here", "local", "ray")
"""In this process; in processes of this machine; in a Ray cluster."""
GIVEN_UP = "ended the worker process each time it was analysed; look at the file"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to.

    Attributes:
        inputs, faces, rows: of the whole table.
        unreadable: inputs that could not be read.
        resumed: inputs that an earlier run had done.
        lost: workers that died.
        again: inputs that were handed out again for it.
        seconds: that this run took.
    """

    inputs: int
    faces: int
    rows: int
    unreadable: int
    resumed: int
    lost: int
    again: int
    seconds: float


def run_files(
    files: Sequence[str | os.PathLike[str]],
    settings: Settings = Settings(),  # noqa: B008  (frozen)
    engine: str = "local",
    *,
    out: str | os.PathLike[str],
    format_: str | None = None,
    workers: int | None = None,
    address: str | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    unreadable: Callable[[str, str], None] | None = None,
) -> Outcome:
    """Analyse pictures and videos and write one table, in their order, every file once.

    What is done is written at least every second into `OUT.parts/`, which is removed when the table is written. A
    worker that dies is replaced and its files are done again; one that ends its worker three times becomes a row
    with `error`.

    Args:
        files: pictures and videos; each is a piece of work.
        settings: the analyzer's.
        engine: one of ENGINES.
        out: the table; its suffix names the format unless `format_` does.
        workers: processes; None for as many as there are processors.
        address: of a Ray cluster; None starts Ray on this machine.
        resume: go on with what stands in `OUT.parts/`.
        progress: is called with inputs done and inputs in all.
        unreadable: is called with the name and the reason of an input that could not be read.

    Raises:
        MienError: an unknown engine or format, a model that cannot be opened, parts of another run, a table that
            cannot be written.
        MissingExtraError: Parquet without pyarrow, or "ray" without ray.
    """
    start, out = perf_counter(), Path(out)
    format_ = _checked(engine, out, format_, workers)
    settings = _settled(settings, engine)
    pieces = pieces_of(files)
    worker, facts, header = _opened(settings, format_)
    about = {"mien": facts.mien, "model": facts.model, "settings": asdict(settings)}
    about |= {"inputs": {"n": len(pieces), "sha256": fingerprint(pieces)}}
    parts = Parts(out.with_name(f"{out.name}.parts"), worker.kind, header, about, resume=resume)
    run = _Run(parts, pieces, progress, unreadable)
    here = worker if engine == "here" else None
    del worker  # its model is not needed in memory while others do the work
    try:
        lost, again = run.go(engine, settings, here, facts, workers, address)
    finally:
        parts.close()
    write_table(parts, out, format_)
    parts.remove()
    faces, rows, bad = (sum(getattr(p, name) for p in parts.places.values()) for name in ("faces", "rows", "error"))
    return Outcome(len(pieces), faces, rows, bad, run.resumed, lost, again, perf_counter() - start)


def _checked(engine: str, out: Path, format_: str | None, workers: int | None) -> str:
    """The format of the table, if all of this can be."""
    if engine not in ENGINES:
        raise MienError(f"unknown engine {engine!r}: one of {', '.join(ENGINES)}")
    if format_ is not None and format_ not in formats():
        raise MienError(f"unknown format {format_!r}: one of {', '.join(formats())}")
    if workers is not None and workers < 1:
        raise MienError(f"{workers} workers: at least one process does the work")
    return format_ or format_of(out)


class _Run:
    """Takes answers, tells of them and keeps them."""

    def __init__(
        self,
        parts: Parts,
        pieces: Sequence[Piece],
        progress: Progress | None,
        unreadable: Callable[[str, str], None] | None,
    ) -> None:
        self._parts = parts
        self._pieces = pieces
        self._progress = progress
        self._unreadable = unreadable
        self._done = self.resumed = len(parts.places)

    def go(
        self,
        engine: str,
        settings: Settings,
        worker: Worker | None,
        facts: Facts,
        workers: int | None,
        address: str | None,
    ) -> tuple[int, int]:
        """Does what is left: workers that were lost, and pieces that were handed out again."""
        parts, kind = self._parts, self._parts.kind
        count = 1 if worker is not None else workers or os.cpu_count() or 1
        handout = Handout(self._pieces, count, parts.places)
        if worker is not None:
            while chunk := handout.next():
                answer = worker.answer(chunk)
                handout.done(answer)
                self.take(answer)
            return 0, 0
        if engine == "local":
            from mien.runtime.engines import local

            lost = local.go(settings, kind, handout, count, facts, self.take, self.give_up, parts.tick)
        else:
            from mien.runtime.engines import ray

            lost = ray.go(settings, kind, handout, workers, facts, self.take, self.give_up, parts.tick, address=address)
        return lost, handout.again

    def take(self, answer: Answer) -> None:
        """An answer has come."""
        self._parts.add(answer)
        self._done += len(answer.told)
        for told in answer.told:
            if told.error is not None and self._unreadable is not None:
                self._unreadable(self._pieces[told.number].name, told.error)
        if self._progress is not None:
            self._progress(self._done, len(self._pieces))

    def give_up(self, piece: Piece) -> Answer:
        """The row of a file that no worker survives."""
        block = open_block(self._parts.kind, self._parts.header)
        block.take(piece.number, [Faces(input=piece.name, error=GIVEN_UP)])
        return block.answer()


def _settled(settings: Settings, engine: str) -> Settings:
    """The settings with absolute paths, since a worker may stand elsewhere; Ray's workers are sent the model."""
    model = settings.model
    if model not in catalog.packaged():
        model = str(catalog.find(model).absolute())
    yunet = None if settings.yunet is None else str(Path(settings.yunet).absolute())
    return replace(settings, model=model, yunet=yunet)


def _opened(settings: Settings, format_: str) -> tuple[Worker, Facts, Header]:
    """A worker in this process, which says what is wrong before others are started, and what it says of itself."""
    worker = Worker(settings, "csv")
    facts = worker.facts()
    if isinstance(facts, str):
        raise MienError(facts)
    header = worker.header
    if format_ != "csv":
        try:
            schema(header)
            worker.kind = "parquet"
        except MissingExtraError:
            if format_ == "parquet":
                raise
    return worker, facts, header
