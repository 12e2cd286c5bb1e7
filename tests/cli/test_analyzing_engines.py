from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from PIL import Image

from mien.cli.analyzing_engines import run, summary
from mien.errors import MienError
from mien.runtime.engines import run as engines
from mien.runtime.engines.run import Outcome
from mien.runtime.engines.work import Settings


@pytest.fixture
def settings(tiny_model: Callable[..., Path]) -> Settings:
    return Settings(model=str(tiny_model()), detector="none")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "grey.png"
    Image.fromarray(np.full((20, 20), 128, np.uint8)).save(path)
    return path


def test_writes_the_table_and_says_so(
    settings: Settings, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "t.csv"
    run([picture], settings, engine="here", out=out)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("1 input · 1 face · engine here · ")
    assert said.err.endswith(f" -> {out}\n")
    assert len(out.read_text().splitlines()) == 2


@pytest.mark.parametrize(("readable", "code"), [(True, 1), (False, 2)])
def test_unreadable_inputs_are_named(
    settings: Settings, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], readable: bool, code: int
) -> None:
    files = [*([picture] if readable else []), "none.png"]
    with pytest.raises(typer.Exit) as stop:
        run(files, settings, engine="here", out=tmp_path / "t.csv", quiet=True)
    assert stop.value.exit_code == code
    assert capsys.readouterr().err == "mien: none.png: no such file; check the path\n"


def test_after_ctrl_c_it_says_how_to_go_on(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engines, "run_files", interrupted)
    with pytest.raises(typer.Exit) as stop:
        run([], settings, engine="local", out=tmp_path / "t.csv")
    assert stop.value.exit_code == 130
    assert f"{tmp_path / 't.csv'}.parts: the same command with --resume" in capsys.readouterr().err


def test_what_is_missing_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(MienError, match="--engine local keeps what is done beside the table; add --out FILE"):
        run([], settings, engine="local", out=None)
    with pytest.raises(MienError, match="--address names a Ray cluster"):
        run([], settings, engine="local", out=tmp_path / "t.csv", address="auto")


def test_the_summary_tells_of_lost_workers(tmp_path: Path) -> None:
    outcome = Outcome(500, 498, 500, 2, 100, 1, 16, 12.34)
    assert summary(outcome, "ray", Path("t.csv")) == (
        "500 inputs · 498 faces · 2 unreadable · 100 done before · 1 worker lost, 16 inputs done again · engine ray · "
        "12.3 s · -> t.csv"
    )
