from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mien.faces import Faces
from mien.runtime.analyzer import Analyzer
from mien.runtime.engines.work import Piece, Settings, pieces_of
from mien.runtime.engines.worker import Facts, Worker


def lines(block: bytes, worker: Worker) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(block.decode()), fieldnames=worker.header.columns))


def test_rows_are_the_analyzers_under_the_names_that_were_given(
    settings: Settings, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures[0].parent)
    worker = Worker(settings, "csv")
    answer = worker.answer(pieces_of(["00.png", "none.png", "39.png"]))
    rows = lines(answer.block, worker)
    assert [row["input"] for row in rows] == ["00.png", "none.png", "39.png"]
    assert [row["emotion"] for row in rows] == ["anger", "", "neutral"]
    assert rows[1]["error"] == "no such file; check the path"
    assert [told.error is None for told in answer.told] == [True, False, True]


def test_facts_say_what_it_is_or_why_it_cannot_be(settings: Settings) -> None:
    facts = Worker(settings, "csv").facts()
    assert isinstance(facts, Facts)
    assert (facts.detector, facts.pid) == ("none", os.getpid())
    assert "no such model file" in str(Worker(replace(settings, model="none.onnx"), "csv").facts())


def test_a_model_may_be_sent(settings: Settings, pictures: list[Path]) -> None:
    sent = Worker(replace(settings, model="elsewhere.onnx"), "csv", Path(settings.model).read_bytes())
    mine = Worker(settings, "csv")
    assert sent.facts() == mine.facts()
    pieces = pieces_of(pictures[:3])
    assert sent.answer(pieces) == mine.answer(pieces)


def test_other_versions_are_told_apart() -> None:
    here = Facts("1", "a" * 64, "builtin", "here", 1)
    assert here.differs(Facts("1", "a" * 64, "builtin", "there", 2)) is None
    said = Facts("2", "a" * 64, "builtin", "there").differs(here)
    assert said is not None
    assert said.startswith("worker on there: mien 2, here 1")


def test_a_file_that_raises_what_none_should_is_a_row_and_the_others_are_not_lost(
    settings: Settings, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crops(self: Analyzer, image: Any, faces: Faces) -> Any:
        if image[0, 0, 0] == 6:
            raise RuntimeError("a bug\nof two lines")
        return original(self, image, faces)

    original = Analyzer.crops
    monkeypatch.setattr(Analyzer, "crops", crops)
    worker = Worker(settings, "csv")
    rows = lines(worker.answer(pieces_of(pictures[:3])).block, worker)
    assert [row["success"] for row in rows] == ["1", "0", "1"]
    assert rows[1]["error"] == "could not be analysed (RuntimeError: a bug)"


def test_a_video_is_one_piece_with_the_settings_of_its_own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def video(self: Analyzer, source: str, **options: Any) -> Iterator[Faces]:
        asked.append(options)
        yield from (Faces(source, frame=i, time=i / 25) for i in range(3))

    monkeypatch.setattr(Analyzer, "video", video, raising=False)
    worker = Worker(replace(settings, every=2, link_cuts=True), "csv")
    answer = worker.answer([Piece(5, "v.mp4", "/videos/v.mp4", True)])
    assert [(told.number, told.rows) for told in answer.told] == [(5, 3)]
    assert {row["input"] for row in lines(answer.block, worker)} == {"v.mp4"}
    assert asked == [{"every": 2, "fps": None, "detect_every": 1, "track": True, "link_cuts": True}]
