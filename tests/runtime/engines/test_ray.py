from __future__ import annotations

import csv
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mien.errors import MienError, MissingExtraError
from mien.runtime.engines import ray as engine
from mien.runtime.engines.blocks import Answer, Told
from mien.runtime.engines.handout import Handout
from mien.runtime.engines.ray import Crew
from mien.runtime.engines.run import run_files
from mien.runtime.engines.work import Piece, Settings
from mien.runtime.engines.worker import Facts

FACTS = Facts("1", "a", "none")


class Pretended:
    """Ray as far as `Crew` knows it: calls are answered at once, by what the test put into `fate`."""

    exceptions = SimpleNamespace(RayError=ConnectionError)

    def __init__(self) -> None:
        self.killed: list[object] = []

    def wait(self, asked: list[Any], num_returns: int, timeout: float) -> tuple[list[Any], list[Any]]:
        return asked[:num_returns], asked[num_returns:]

    def get(self, reference: Any) -> Any:
        said = reference()
        if isinstance(said, Exception):
            raise said
        return said

    def kill(self, actor: object) -> None:
        self.killed.append(actor)


class Actor:
    def __init__(self, facts: Any, dies_over: set[int]) -> None:
        self.facts = SimpleNamespace(remote=lambda: lambda: facts)
        self.answer = SimpleNamespace(remote=lambda chunk: lambda: self._answer(chunk, dies_over))

    def _answer(self, chunk: tuple[Piece, ...], dies_over: set[int]) -> Any:
        if {piece.number for piece in chunk} & dies_over:
            return ConnectionError("actor died")
        return Answer(tuple(Told(piece.number, 1, 1, 1, None) for piece in chunk), b"")


def crew_of(facts: Any = FACTS, dies_over: set[int] | None = None) -> tuple[Crew, Pretended]:
    ray = Pretended()
    crew = Crew(ray, lambda: Actor(facts, dies_over or set()), FACTS, None)
    crew.hire()
    crew.hire()
    return crew, ray


def test_a_lost_actors_files_are_done_again_and_none_twice() -> None:
    handout = Handout([Piece(i, f"{i}", f"/{i}", False) for i in range(20)], workers=2)
    crew, ray = crew_of(dies_over={7})
    done, given_up = [], []
    while handout.left:
        crew.give(handout)
        for chunk, answer in crew.wait():
            if answer is None:
                for piece in handout.lost(chunk):
                    given_up.append(piece.number)
                    handout.done(Answer((Told(piece.number, 1, 1, 0, "x"),), b""))
            else:
                handout.done(answer)
                done += [told.number for told in answer.told]
    assert sorted(done) == [i for i in range(20) if i != 7]
    assert given_up == [7]
    assert crew.lost == 3
    crew.dismiss()
    assert len(ray.killed) == 3 + 2


def test_actors_that_die_before_they_are_ready_are_not_replaced_for_ever() -> None:
    crew, _ = crew_of(facts=ConnectionError("no such machine"))
    assert crew.wait() == crew.wait() == []
    with pytest.raises(MienError, match="3 workers were lost before they were ready"):
        crew.wait()


@pytest.mark.parametrize("said", ["no such model", Facts("2", "a", "none", "there")])
def test_actors_that_are_not_like_this_process_are_refused(said: Any) -> None:
    crew, _ = crew_of(facts=said)
    with pytest.raises(MienError, match=r"no such model|worker on there: mien 2, here 1"):
        crew.wait()


def test_without_ray_the_extra_is_named(
    settings: Settings, tmp_path: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"--engine ray needs ray.*mien\[ray\]"):
        run_files(pictures, settings, "ray", out=tmp_path / "t.csv")


@pytest.mark.slow
def test_two_actors_one_killed_midway_every_file_once(
    settings: Settings, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = pytest.importorskip("ray")
    ready: list[int] = []
    go = engine.go
    monkeypatch.setattr(engine, "go", lambda *a, **k: go(*a, **k, watch=lambda facts: ready.append(facts.pid)))

    def kill_one(done: int, total: int) -> None:
        if done >= 10 and not killed:
            killed.append(ready[0])
            os.kill(ready[0], signal.SIGKILL)

    killed: list[int] = []
    outcome = run_files(pictures, settings, "ray", out=tmp_path / "t.csv", workers=2, progress=kill_one)
    assert not ray.is_initialized()
    assert len(killed) == 1
    assert outcome.lost == 1
    with (tmp_path / "t.csv").open(newline="") as file:
        assert [row["input"] for row in csv.DictReader(file)] == [str(path) for path in pictures]
    run_files(pictures, settings, "here", out=tmp_path / "whole.csv")
    assert (tmp_path / "t.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
