"""What every worker process holds: one analyzer, which turns pieces into answers."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mien import __version__
from mien.digest import digest_of
from mien.errors import MienError
from mien.faces import Faces
from mien.runtime import catalog
from mien.runtime.analyzer import Analyzer
from mien.runtime.engines.blocks import Answer, CsvBlock, ParquetBlock, open_block
from mien.runtime.engines.work import Piece, Settings
from mien.runtime.formats import Header


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be the same in every process for their rows to stand in one table, and where this one is."""

    mien: str
    model: str  # SHA-256 of the file
    detector: str
    host: str = ""
    pid: int = 0

    def differs(self, other: Facts) -> str | None:
        """What differs from another process, in words; None where nothing does."""
        for what in ("mien", "model", "detector"):
            mine, others = getattr(self, what), getattr(other, what)
            if mine != others:
                said = f"{what} {mine[:16]}, here {others[:16]}"
                return f"worker on {self.host}: {said}; install the same on each machine"
        return None


class Worker:
    """One analyzer in a process of its own. It is opened by the first call, not by the constructor.

    Args:
        settings: the analyzer's.
        kind: of the blocks, "csv" or "parquet".
        model: bytes of the model's file, for a machine that does not have it; None to find `settings.model`.
    """

    def __init__(self, settings: Settings, kind: str, model: bytes | None = None) -> None:
        self._settings = settings
        self.kind = kind
        self._model = model
        self._analyzer: Analyzer | None = None

    def facts(self) -> Facts | str:
        """Opens the analyzer: facts about it, or in words why it cannot be opened."""
        try:
            analyzer = self.analyzer
            if self._model is None:
                digest = digest_of(catalog.find(self._settings.model))
            else:
                digest = hashlib.sha256(self._model).hexdigest()
        except MienError as error:
            return str(error)
        return Facts(__version__, digest, analyzer.detector, socket.gethostname(), os.getpid())

    @property
    def analyzer(self) -> Analyzer:
        """The open analyzer.

        Raises:
            MienError: no such model or detector.
        """
        if self._analyzer is None:
            arguments = self._settings.analyzer()
            if self._model is None:
                self._analyzer = Analyzer(**arguments)
            else:
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder) / "model.onnx"
                    path.write_bytes(self._model)
                    self._analyzer = Analyzer(**(arguments | {"model": path}))
        return self._analyzer

    @property
    def header(self) -> Header:
        """What the table is of."""
        return Header.of(self.analyzer.spec, self.analyzer.detector)

    def answer(self, pieces: Sequence[Piece]) -> Answer:
        """The rows of these pieces: pictures share the model's batches, a video stands alone.

        A file that raises what no file should becomes a row that says so; the others are not lost with it.
        """
        block = open_block(self.kind, self.header)
        if len(pieces) > 1 and not any(piece.video for piece in pieces):
            try:
                results = list(self.analyzer.analyze_many([piece.path for piece in pieces]))
            except Exception:  # some file of them; which one is found out one by one
                pass
            else:
                for piece, faces in zip(pieces, results, strict=True):
                    block.take(piece.number, [replace(faces, input=piece.name)])
                return block.answer()
        for piece in pieces:
            self._alone(block, piece)
        return block.answer()

    def _alone(self, block: CsvBlock | ParquetBlock, piece: Piece) -> None:
        block.take(piece.number, (replace(faces, input=piece.name) for faces in self._told(piece)))

    def _told(self, piece: Piece) -> Iterator[Faces]:
        try:
            if piece.video:
                yield from self.analyzer.video(piece.path, **self._settings.video())
            else:
                yield from self.analyzer.analyze_many([piece.path])
        except MienError as error:
            yield Faces(input=piece.name, error=str(error).removeprefix(f"{piece.path}: "))
        except Exception as error:
            words = (str(error) or type(error).__name__).splitlines()[0][:200]
            yield Faces(input=piece.name, error=f"could not be analysed ({type(error).__name__}: {words})")
