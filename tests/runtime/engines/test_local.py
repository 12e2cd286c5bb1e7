from __future__ import annotations

import csv
import multiprocessing
import os
from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.runtime.engines import local
from mien.runtime.engines.local import Hand, surroundings
from mien.runtime.engines.run import GIVEN_UP, run_files
from mien.runtime.engines.work import Settings, pieces_of
from mien.runtime.engines.worker import Facts


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("deadly")
def test_a_lost_workers_files_are_done_again_and_a_file_that_kills_is_a_row(
    settings: Settings, pictures: list[Path], tmp_path: Path
) -> None:
    run_files(pictures, settings, "here", out=tmp_path / "whole.csv")
    once, poison = pictures[5].with_name("once.png"), pictures[20].with_name("poison.png")
    pictures[5].rename(once)
    pictures[20].rename(poison)
    files = [*pictures[:5], once, *pictures[6:20], poison, *pictures[21:]]
    told: list[tuple[str, str]] = []
    outcome = run_files(
        files, settings, out=tmp_path / "t.csv", workers=2, unreadable=lambda name, why: told.append((name, why))
    )
    table, whole = rows(tmp_path / "t.csv"), rows(tmp_path / "whole.csv")
    assert [row["input"] for row in table] == [str(file) for file in files]
    for i, (one, other) in enumerate(zip(table, whole, strict=True)):
        if i == 20:
            assert one["error"] == GIVEN_UP
        else:
            assert one | {"input": ""} == other | {"input": ""}
    assert told == [(str(poison), GIVEN_UP)]
    assert poison.with_suffix(".seen").read_text() in ("xx", "xxx")  # once among others, unless it came alone
    assert once.with_suffix(".seen").read_text() == "x"
    assert outcome.lost == 1 + len(poison.with_suffix(".seen").read_text())
    assert outcome.unreadable == 1
    assert multiprocessing.active_children() == []


def test_a_worker_answers_and_ends_with_its_line(settings: Settings, pictures: list[Path]) -> None:
    hand = Hand(settings, "csv")
    facts = hand.line.recv()
    assert isinstance(facts, Facts)
    assert facts.pid == hand.process.pid
    hand.give(pieces_of(pictures[:2]))
    assert [told.number for told in hand.line.recv().told] == [0, 1]
    hand.line.close()
    hand.process.join(20)
    assert hand.process.exitcode == 0


def test_workers_that_cannot_start_are_not_started_for_ever(
    settings: Settings, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "serve", os._exit)  # called with too many arguments: the process ends at once
    with pytest.raises(MienError, match="3 workers died before they were ready"):
        run_files(pictures, settings, out=tmp_path / "t.csv", workers=1)
    assert multiprocessing.active_children() == []


def test_a_worker_of_another_model_is_refused(settings: Settings) -> None:
    with pytest.raises(MienError, match="worker on : model b"):
        local._check(Facts("1", "b", "none"), replace(Facts("1", "a", "none")))
    with pytest.raises(MienError, match="no such model"):
        local._check("no such model", Facts("1", "a", "none"))


def test_the_surroundings_are_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    with surroundings():
        assert (os.environ["OMP_WAIT_POLICY"], os.environ["OMP_NUM_THREADS"]) == ("passive", "1")
    assert "OMP_WAIT_POLICY" not in os.environ
    assert os.environ["OMP_NUM_THREADS"] == "5"
